"""Cross-checks (比对): running the rules over the facts, and keeping what they find.

``check`` is the one verb: for each rule it asks whether it can be judged (`judge`), streams the rows of its SQL from
the reader to the writer, and brings the findings in line (`findings`), all of one rule in one transaction together with
its event in the access log. A finding, a run and an event stand together or not at all. Touches the database; refuses
(`CheckError`) a rule that cannot be run, and a name that no rule has.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from difflib import get_close_matches

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from hub.audit.checkpoint import Signer
from hub.audit.event import Event, Kind, Outcome
from hub.audit.log import record_sync
from hub.checks import findings, freshness, judge, touched
from hub.checks.context import Context
from hub.checks.findings import Row
from hub.checks.freshness import Reason
from hub.checks.judge import Basis
from hub.checks.parameter import Parameter, city_parameters, read_parameters
from hub.checks.rule import Rule, literal, read_rule, read_rules
from hub.checks.touched import Scope, Touched
from hub.errors import CheckError
from hub.store.finding import check_run, rule_version

__all__ = [
    "Reason",
    "Rule",
    "RunReport",
    "check",
    "city_parameters",
    "explain",
    "read_parameters",
    "read_rule",
    "read_rules",
]

Progress = Callable[[str, int, int | None], None]


@dataclass(frozen=True, slots=True)
class RunReport:
    """What one run of one rule came to.

    ``verdict`` is judged or unknown, and ``because`` then says why (``reasons``: one by one). ``found`` findings are
    open after the run, of which ``opened`` are new or back; ``unknown`` subjects the data do not decide; ``seconds``
    include storing. ``rows``: what is said of whom, where it was judged by what was known then, and is not kept.
    ``judged_again``: of how many subjects alone it was judged, None: of all; ``scope``: why of all, or of nobody.
    """

    id: str
    name: str
    title: str
    verdict: str
    found: int = 0
    opened: int = 0
    cleared: int = 0
    unknown: int = 0
    seconds: float = 0.0
    because: str = ""
    reasons: tuple[Reason, ...] = ()
    rows: tuple[Row, ...] = ()
    judged_again: int | None = None
    scope: str = ""


def _silent(_stage: str, _done: int, _total: int | None) -> None:
    """No progress is shown."""


def check(
    rules: Iterable[str | Rule] | None = None,
    *,
    reader: sa.Engine,
    writer: sa.Engine,
    signer: Signer,
    region: str,
    today: date,
    known_at: datetime | None = None,
    parameters: dict[str, Parameter] | None = None,
    progress: Progress = _silent,
    everybody: bool = True,
) -> list[RunReport]:
    """Run ``rules`` (names, ids, duties or rules; all by default), for the facts as known now, and keep what they find.

    With ``known_at`` the rules are judged by what was known then, and nothing is kept: findings are about now.
    Not ``everybody``: of each rule only those are judged whom the batches since its last run can have changed, with the
    same result (see `touched`).
    """
    chosen = _chosen(rules)
    # Whose subjects are judged by the same persons' facts run together: these are then gathered once.
    ordered = sorted(enumerate(chosen), key=lambda one: one[1].subject == "employer")
    known = city_parameters() if parameters is None else parameters
    reports, held = dict[int, RunReport](), freshness.Held()
    with judge.session(reader) as session:
        around = None if everybody or known_at else Touched.by(chosen, Context.prepared(session))
        for number, (place, rule) in enumerate(ordered):
            progress(rule.name, number, len(chosen))
            begun = time.perf_counter()
            with judge.explained(rule), writer.begin() as connection:
                # One run of a rule at a time; the snapshot is taken after the run before has committed.
                connection.execute(
                    sa.text("select pg_advisory_xact_lock(hashtext(:rule))"), {"rule": f"check {rule.name}"}
                )
                started_at = datetime.now(UTC)
                with judge.snapshot(session, known_at) as facts:
                    basis = judge.basis(facts, rule, known, region=region, today=today, known_at=known_at, held=held)
                    scope = around.scope(basis) if around and not basis.because else Scope()
                    counts = {} if basis.because else _judge(connection, facts, basis, scope)
                if scope.controls and not findings.stand(connection, basis, scope.controls):
                    scope = Scope("by themselves those touched are not found as they are among all")
                    with judge.snapshot(session, known_at) as facts:
                        basis = judge.basis(facts, rule, known, region=region, today=today, known_at=known_at)
                        counts = _judge(connection, facts, basis, scope)
                if known_at is None:
                    report = _keep(connection, basis, scope, counts, signer, started_at)
                else:
                    rows = () if basis.because else findings.said(connection)
                    report = replace(_report(basis, counts), rows=rows)
            reports[place] = replace(report, seconds=time.perf_counter() - begun)
    progress("", len(chosen), len(chosen))
    return [reports[place] for place in sorted(reports)]


def explain(
    rule: str | Rule,
    *,
    reader: sa.Engine,
    region: str,
    today: date,
    known_at: datetime | None = None,
    parameters: dict[str, Parameter] | None = None,
) -> str:
    """What a rule says and rests on, in words, and how the database would run it; nothing is run.

    Of a duty or a file with several rules, one after the other.
    """
    known = city_parameters() if parameters is None else parameters
    told = []
    for one in _chosen([rule]):
        with judge.explained(one), judge.session(reader) as session, judge.snapshot(session, known_at) as facts:
            basis = judge.basis(facts, one, known, region=region, today=today, known_at=known_at)
            plan = [] if basis.because else [line for (line,) in judge.verbatim(facts, f"explain {basis.sql}")]
        told.append("\n".join(_explained(basis, known, plan)))
    return "\n\n\n".join(told)


def _chosen(rules: Iterable[str | Rule] | None) -> list[Rule]:
    if rules is None:
        return list(read_rules())
    asked = list(rules)
    here = {} if all(isinstance(one, Rule) for one in asked) else {rule.name: rule for rule in read_rules()}
    chosen = []
    for one in asked:
        if isinstance(one, Rule):
            found = [one]
        elif one in here:
            found = [here[one]]
        else:  # an id; a duty or a file that has several rules
            found = [
                rule
                for rule in here.values()
                if one == rule.file or any(one.upper() in {name, name[:3]} for name in rule.ids)
            ]
        if not found:
            near = get_close_matches(str(one), here, n=1)
            hint = f"did you mean '{near[0]}'?" if near else f"known: {', '.join(here)}"
            raise CheckError("CHECK_UNKNOWN_RULE", f"no rule is called '{one}'", hint=hint)
        chosen += found
    return chosen


def _judge(connection: sa.Connection, facts: sa.Connection, basis: Basis[Rule], scope: Scope) -> dict[str, int]:
    """Have the rule's rows staged, of those in the scope; how many are found and unknown."""
    sql = basis.sql
    if scope.subjects is not None:
        findings.restricted(connection, scope.subjects)
        sql = judge.only(Context.within(sql), scope.subjects)
    if scope.subjects != frozenset():
        findings.stage(connection, judge.stream(facts, basis.rule, sql))
    return findings.counted(connection, basis)


def _keep(
    connection: sa.Connection,
    basis: Basis[Rule],
    scope: Scope,
    counts: dict[str, int],
    signer: Signer,
    started_at: datetime,
) -> RunReport:
    """Bring the findings in line and write down the run and its event."""
    rule, at = basis.rule, datetime.now(UTC)
    run: int = connection.execute(sa.text("select nextval(pg_get_serial_sequence('check_run', 'id'))")).scalar_one()
    if basis.because:
        findings.unjudged(connection, rule, run, at, _words(basis))
        report = _report(basis, {})
    else:
        counts = findings.live(connection, basis, counts, run, at, everybody=scope.subjects is None)
        report = _report(basis, counts, scope)
    version = {"digest": rule.digest, "name": rule.file, "source": rule.text, "first_run_at": at}
    connection.execute(insert(rule_version).values(version).on_conflict_do_nothing())
    connection.execute(
        check_run.insert().values(
            id=run,
            rule=rule.name,
            rule_digest=rule.digest,
            parameters={name: one.as_json() for name, one in basis.parameters.items()},
            batches={name: one.as_json() for name, one in basis.deliveries.items()},
            verdict=report.verdict,
            unknown_because=report.because or None,
            found=report.found,
            opened=report.opened,
            cleared=report.cleared,
            unknown=report.unknown,
            today=basis.today,
            known_at=basis.known_at,
            started_at=started_at,
            finished_at=datetime.now(UTC),
            statement=None if basis.because else touched.statement(basis),
            judged_again=report.judged_again,
        )
    )
    counts = {"found": report.found, "opened": report.opened, "cleared": report.cleared, "unknown": report.unknown}
    details = {"rule": rule.name, "digest": rule.digest, "run": run, "today": basis.today.isoformat()}
    event = Event(
        kind=Kind.check_run,
        outcome=Outcome.allowed,
        deliveries=sorted(basis.deliveries),
        reasons=[one.says for one in basis.because],
        details=details | {"verdict": report.verdict} | counts,
    )
    record_sync(connection, event, signer)
    return report


def _report(basis: Basis[Rule], counts: dict[str, int], scope: Scope | None = None) -> RunReport:
    return RunReport(
        id=basis.rule.id,
        name=basis.rule.name,
        title=basis.rule.title,
        verdict="unknown" if basis.because else "judged",
        found=counts.get("found", 0),
        opened=counts.get("opened", 0) + counts.get("reopened", 0),
        cleared=counts.get("cleared", 0),
        unknown=counts.get("unknown", 0),
        because=_words(basis),
        reasons=basis.because,
        judged_again=None if scope is None or scope.subjects is None else len(scope.subjects - scope.controls),
        scope=scope.because if scope else "",
    )


def _words(basis: Basis[Rule]) -> str:
    return "; ".join(one.says for one in basis.because)


def _explained(basis: Basis[Rule], known: dict[str, Parameter], plan: Sequence[str]) -> Iterator[str]:
    rule = basis.rule
    yield f"{rule.id} {rule.name}: {rule.title}"
    yield f"subject {rule.subject} · severity {rule.severity} · for the {rule.concerns} · {'; '.join(rule.basis)}"
    yield from ("", rule.explanation.zh.strip(), rule.explanation.en.strip(), "")
    yield f"Judged for {basis.today}, by the facts known at {basis.known_at.isoformat(timespec='seconds')}"
    for reason in basis.because:
        yield f"  NOT JUDGED: {reason}"
    yield from ("", "Deliveries")
    for name in (*rule.needs, *rule.consults):
        last = basis.deliveries.get(name)
        state = f"{last.period:%Y-%m}, batch {last.batch}, {last.loaded} rows" if last else "not to be had"
        yield f"  {name}{'' if name in rule.needs else ' (consulted)'}: {state}"
    yield from ("", "Parameters")
    for name in rule.parameters:
        one = basis.parameters.get(name)
        says = f"{literal(one.value)}, {one.region} from {one.since}: {one.source}" if one else "no value"
        yield f"  {name} ({known[name].title}): {says}"
    if basis.because:
        return
    yield from ("", "In psql", "  set search_path = facts_now, public;")
    yield from (f"  set {name} = '{value}';" for name, value in judge.SETTINGS.items())
    for name, value in basis.variables.items():
        yield f"  \\set {name} {_in_psql(literal(value))}"
    yield from (f"  \\i {rule.file}.sql", "", "SQL", basis.sql, "", "Plan", *plan)


def _in_psql(text: str) -> str:
    r"""SQL text as psql's \set takes it: quoted once more, with its backslashes doubled."""
    doubled = text.replace("\\", "\\\\").replace("'", "''")
    return f"'{doubled}'"
