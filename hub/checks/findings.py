"""The life of findings: opened, still true, cleared, unknown, reopened, and the rows they rest on.

In charge of the writer's side of a check. Everything is a few set-wise statements in the caller's transaction, whatever
the number of findings. Refuses (`CheckError`) a rule that gives a subject and matter twice or a verdict unknown here.

A finding's id is derived from rule, subject and matter, so that the same case keeps its id when it comes back. Its
evidence is stored when it is opened and whenever it rests on other rows than before. A run that could not be judged
opens and clears nothing: what was open becomes unknown, with the reason, until a run is judged again.
"""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

import psycopg
import sqlalchemy as sa

from hub.checks.example import FACTS
from hub.checks.judge import Basis
from hub.checks.rule import COLUMNS, Rule
from hub.errors import CheckError
from hub.store import LINEAGE


class Row(NamedTuple):
    """What a rule says of one subject and matter: FOUND, or UNKNOWN because of something."""

    id: UUID
    subject_key: UUID
    matter: str
    verdict: str
    unknown_because: str | None
    area: str | None
    region: str | None
    values: dict[str, Any]


def withheld(table: sa.Table) -> list[str]:
    """The columns of a fact that its evidence does not repeat: keys, what is sealed, a person's names and numbers.

    Who may see a person's masked forms is for a grant to say; evidence would be a second door to them.
    """
    papers = {"certificate_no", "account_no"} if "person_key" in table.c else set()
    return [
        column.name
        for column in table.c
        if column.name in {*LINEAGE, *papers}
        or column.name.endswith(("_key", "_masked"))
        or isinstance(column.type, sa.LargeBinary)
    ]


_WITHHELD: Final = json.dumps({name: withheld(table) for name, table in FACTS.items()})

# Made once a session and emptied by every commit: making tables for every rule costs more than a small rule.
_STAGES: Final = sa.text("""
do $$ begin
    if to_regclass('pg_temp.checked') is null then
        create temporary table checked (row jsonb not null) on commit delete rows;
        create temporary table judged (
            subject_key uuid, id uuid, matter text, verdict text, unknown_because text, area text, region text,
            employer_key uuid, person_key uuid, project_code text, values jsonb, said jsonb
        ) on commit delete rows;
        create temporary table again (subject_key uuid primary key) on commit delete rows;
        create temporary table rested (
            subject_key uuid, id uuid, fact text, batch_id bigint, row_no integer, person_key uuid, told jsonb,
            position integer
        ) on commit delete rows;
    end if;
end $$
""")

_ANALYZE_JUDGED: Final = sa.text("analyze judged")
_ANALYZE_RESTED: Final = sa.text("analyze rested (subject_key, id)")
_AGAIN: Final = sa.text("insert into again select unnest(cast(:subjects as uuid[]))")
_NEXT: Final = sa.text("delete from checked; delete from judged; delete from again")
#: Rows from which on the planner must be told how many there are; of fewer it thinks well enough.
_MANY: Final = 1_000

_JUDGED: Final = sa.text("""
insert into judged
select (row ->> 'subject_key')::uuid as subject_key,
       encode(substring(sha256(convert_to(
           :rule || chr(10) || (row ->> 'subject_key') || chr(10) || coalesce(row ->> 'matter', ''), 'UTF8')) for 16),
           'hex')::uuid as id,
       coalesce(row ->> 'matter', '') as matter, row ->> 'verdict' as verdict,
       row ->> 'unknown_because' as unknown_because, row ->> 'area' as area, row ->> 'region' as region,
       (row ->> 'employer_key')::uuid as employer_key, (row ->> 'person_key')::uuid as person_key,
       row ->> 'project_code' as project_code,
       jsonb_strip_nulls(row - cast(:own as text[])) as values, row as said
from checked
""")

# A rejected row about the subject may say what the rule misses: of a snapshot since it came whole, of others ever.
# One that was tried again since does not count: either it is loaded, or the batch that tried it holds it.
_DOUBTED: Final = sa.text("""
update judged j set verdict = 'UNKNOWN', unknown_because = d.because
from (
    select s.subject, string_agg(distinct 'a row about it was rejected in batch ' || r.batch_id, '; ') as because
    from rejected_row r
    join batch b on b.id = r.batch_id and b.status = 'loaded'
    join delivery l on l.id = b.delivery_id and l.name = any(:misses)
    left join batch n on n.id = r.replayed_in and n.sealed_at <= :known_at
    cross join lateral unnest(r.subjects) as s (subject)
    where b.sealed_at <= :known_at and n.id is null
        and (l.form <> 'snapshot'
             or not exists (select from batch w where w.delivery_id = l.id and w.status = 'loaded' and not w.partial
                            and w.replays is null and w.sealed_at <= :known_at and w.id > coalesce(b.replays, b.id)))
    group by s.subject
) as d
where j.verdict = 'FOUND' and d.subject in (j.subject_key, j.employer_key, j.person_key)
""")

_WRONG: Final = sa.text("""
select count(*) filter (where subject_key is null or verdict is null or verdict not in ('FOUND', 'UNKNOWN')
                        or (verdict = 'UNKNOWN' and unknown_because is null)),
       count(*) - count(distinct id), count(*) filter (where verdict = 'FOUND'),
       count(*) filter (where verdict = 'UNKNOWN')
from judged
""")

# A subject that the data do not decide neither opens nor clears; what was open of it becomes unknown.
_EVENTS: Final = sa.text("""
with happened as (
    insert into finding_event (subject_key, finding_id, run_id, event, at)
    select j.subject_key, j.id, :run, case when f.id is null then 'opened' else 'reopened' end, :at
    from judged j left join finding f on f.subject_key = j.subject_key and f.id = j.id
    where j.verdict = 'FOUND' and (f.id is null or f.state <> 'open')
    union all
    select f.subject_key, f.id, :run, case when j.id is null then 'cleared' else 'unknown' end, :at
    from finding f left join judged j on j.subject_key = f.subject_key and j.id = f.id
    where f.rule = :rule and (:all or f.subject_key in (select subject_key from again))
      and ((j.id is null and f.state <> 'cleared') or (j.verdict = 'UNKNOWN' and f.state = 'open'))
    returning event
)
select event, count(*) from happened group by event
""")

_EVIDENCE_ROWS: Final = sa.text("""
insert into rested
select subject_key, id, fact, batch_id, row_no, person_key, told,
       row_number() over (partition by subject_key, id order by fact, batch_id, row_no, told) as position
from (
    select j.subject_key, j.id, w.fact, (r.row ->> 'batch_id')::bigint as batch_id,
           (r.row ->> 'row_no')::integer as row_no, (r.row ->> 'person_key')::uuid as person_key,
           r.row - w.columns as told
    from judged j
    cross join lateral jsonb_each(j.said) as e (key, value)
    join (select f.key as fact, array(select jsonb_array_elements_text(f.value)) as columns
          from jsonb_each(cast(:withheld as jsonb)) as f (key, value)) as w on w.fact = e.key
    cross join lateral jsonb_array_elements(
        case jsonb_typeof(e.value) when 'array' then e.value else jsonb_build_array(e.value) end) as r (row)
    where j.verdict = 'FOUND' and jsonb_typeof(r.row) = 'object' and r.row ->> 'batch_id' is not null
) as rows
""")

# Compared with what was stored last: the same rows of the same batches are not stored again.
_EVIDENCE: Final = sa.text("""
insert into finding_evidence (subject_key, finding_id, run_id, position, fact, batch_id, row_no, person_key, row)
select n.subject_key, n.id, :run, n.position, n.fact, n.batch_id, n.row_no, n.person_key, n.told
from rested n
join (select subject_key, id, string_agg(concat_ws(' ', fact, batch_id, row_no), ',' order by position) as rows
      from rested group by subject_key, id) as now on now.subject_key = n.subject_key and now.id = n.id
left join (
    select subject_key, finding_id, rows
    from (select subject_key, finding_id, rows,
                 row_number() over (partition by subject_key, finding_id order by run_id desc) as back
          from (select e.subject_key, e.finding_id, e.run_id,
                       string_agg(concat_ws(' ', e.fact, e.batch_id, e.row_no), ',' order by e.position) as rows
                from finding_evidence e
                join finding f on f.subject_key = e.subject_key and f.id = e.finding_id
                where f.rule = :rule and (e.subject_key, e.finding_id) in (select subject_key, id from rested)
                group by e.subject_key, e.finding_id, e.run_id) as stored) as ordered
    where back = 1
) as before on before.subject_key = n.subject_key and before.finding_id = n.id
where before.rows is distinct from now.rows
""")

_FOUND: Final = sa.text("""
insert into finding as f (subject_key, id, rule, subject, matter, state, severity, area, region, employer_key,
                          person_key, project_code, values, opened_at, seen_at, ended_at, unknown_because, run_id)
select subject_key, id, :rule, :subject, matter, 'open', :severity, area, region, employer_key, person_key,
       project_code, values, :at, :at, null, null, :run
from judged where verdict = 'FOUND'
on conflict (subject_key, id) do update set
    state = excluded.state, severity = excluded.severity, area = excluded.area, region = excluded.region,
    employer_key = excluded.employer_key, person_key = excluded.person_key, project_code = excluded.project_code,
    values = excluded.values, seen_at = excluded.seen_at, ended_at = excluded.ended_at,
    unknown_because = excluded.unknown_because, run_id = excluded.run_id
""")

_UNDECIDED: Final = sa.text("""
update finding f set state = 'unknown', unknown_because = j.unknown_because, run_id = :run
from judged j
where j.subject_key = f.subject_key and j.id = f.id and j.verdict = 'UNKNOWN' and f.state <> 'cleared'
""")

# Of whom nothing changed the run says again what the run before said.
_CONFIRMED: Final = sa.text("""
update finding set run_id = :run, seen_at = case state when 'open' then :at else seen_at end
where rule = :rule and state <> 'cleared' and subject_key not in (select subject_key from again)
""")

_OPEN: Final = sa.text("select count(*) from finding where rule = :rule and state = 'open'")

# Of whom nothing changed must be found as they stand.
_OTHERWISE: Final = sa.text("""
select count(*)
from (select * from judged where verdict = 'FOUND' and subject_key = any(cast(:controls as uuid[]))) as j
full join (
    select * from finding where rule = :rule and state = 'open' and subject_key = any(cast(:controls as uuid[]))
) as f on f.id = j.id
where f.id is null or j.id is null or f.values <> j.values or f.area is distinct from j.area
""")

_UNDECIDED_GO: Final = sa.text("""
delete from undecided where rule = :rule and (:all or subject_key in (select subject_key from again))
""")
_UNDECIDED_COME: Final = sa.text("""
insert into undecided (subject_key, id, rule) select subject_key, id, :rule from judged where verdict = 'UNKNOWN'
""")
_UNDECIDED_ALL: Final = sa.text("select count(*) from undecided where rule = :rule")

_CLEARED: Final = sa.text("""
update finding set state = 'cleared', ended_at = :at, unknown_because = null, run_id = :run
where rule = :rule and state <> 'cleared' and run_id <> :run
""")

_UNJUDGED: Final = sa.text("""
with happened as (
    insert into finding_event (subject_key, finding_id, run_id, event, at)
    select subject_key, id, :run, 'unknown', :at from finding where rule = :rule and state = 'open'
)
update finding set state = 'unknown', unknown_because = :because, run_id = :run
where rule = :rule and state <> 'cleared'
""")


def stage(connection: sa.Connection, blocks: Iterable[bytes]) -> None:
    """Take in a rule's rows as they stream."""
    connection.execute(_STAGES)
    raw: psycopg.Connection[Any] = connection.connection.driver_connection  # type: ignore[assignment]
    with raw.cursor() as cursor, cursor.copy("copy checked (row) from stdin") as copy:
        for block in blocks:
            copy.write(block)


def restricted(connection: sa.Connection, subjects: Iterable[UUID]) -> None:
    """What is staged from now on is about these subjects alone."""
    connection.execute(_STAGES)
    connection.execute(_AGAIN, {"subjects": list(subjects)})


def stand(connection: sa.Connection, basis: Basis[Rule], controls: Iterable[UUID]) -> bool:
    """Whether the counted rows say what is kept of these subjects, of whom nothing changed; if not, they go."""
    names = {"rule": basis.rule.name, "controls": list(controls)}
    otherwise = connection.execute(_OTHERWISE, names).scalar_one()
    if otherwise:
        connection.execute(_NEXT)
    return not otherwise


def live(
    connection: sa.Connection,
    basis: Basis[Rule],
    counts: dict[str, int],
    run: int,
    at: datetime,
    *,
    everybody: bool = True,
) -> dict[str, int]:
    """Bring the rule's findings in line with the counted rows; how many were found, unknown, opened, cleared …

    Not ``everybody``: the rows are about the subjects it was restricted to, and what is kept of the others holds.
    """
    rule = basis.rule
    names = {"rule": rule.name, "run": run, "at": at, "subject": rule.subject, "severity": rule.severity}
    # An event is called unknown too: that a finding became so. What is counted is how many subjects are.
    counts = dict(connection.execute(_EVENTS, names | {"all": everybody}).all()) | counts
    if not everybody:
        connection.execute(_CONFIRMED, names)
    connection.execute(_FOUND, names)
    connection.execute(_UNDECIDED, names)
    connection.execute(_CLEARED, names)
    connection.execute(_UNDECIDED_GO, names | {"all": everybody})
    connection.execute(_UNDECIDED_COME, names)
    if counts["found"]:
        rows = connection.execute(_EVIDENCE_ROWS, {"withheld": _WITHHELD}).rowcount
        if rows > _MANY:
            connection.execute(_ANALYZE_RESTED)
        connection.execute(_EVIDENCE, names)
    if not everybody:
        counts["found"] = connection.execute(_OPEN, names).scalar_one()
        counts["unknown"] = connection.execute(_UNDECIDED_ALL, names).scalar_one()
    return counts


def counted(connection: sa.Connection, basis: Basis[Rule]) -> dict[str, int]:
    """How many of the staged rows are found and unknown; CheckError where they are not what a rule must give."""
    rule = basis.rule
    rows = connection.execute(_JUDGED, {"rule": rule.name, "own": [*COLUMNS, *FACTS]}).rowcount
    if rows > _MANY:
        connection.execute(_ANALYZE_JUDGED)
    if rows and rule.misses:
        connection.execute(_DOUBTED, {"misses": list(rule.misses), "known_at": basis.known_at})
    wrong, twice, found, unknown = connection.execute(_WRONG).one()
    if wrong:
        raise CheckError(
            "CHECK_ROWS", f"{rule.name} gives {wrong} rows without a subject, a verdict, or a reason for UNKNOWN"
        )
    if twice:
        raise CheckError("CHECK_ROWS", f"{rule.name} gives {twice} subjects and matters more than once")
    return {"found": found, "unknown": unknown}


def said(connection: sa.Connection) -> tuple[Row, ...]:
    """The staged rows, once they are counted, in the order of their ids."""
    rows = connection.execute(sa.text(f"select {', '.join(Row._fields)} from judged order by id"))
    return tuple(Row(*row) for row in rows)


def unjudged(connection: sa.Connection, rule: Rule, run: int, at: datetime, because: str) -> None:
    """What is open becomes unknown; nothing is opened or cleared."""
    connection.execute(_UNJUDGED, {"rule": rule.name, "run": run, "at": at, "because": because})
