"""A finding with everything it rests on, as files that stand alone.

In charge of what belongs to the evidence of a finding, and of its manifest. `gather` reads the database and records
that it did, in one transaction; `proven` asks the log for the proofs, once that is committed; `write` puts the files
down, whole or not at all. Refuses (`FollowupError`) a finding that is not there and a folder that is.

| file | what it says |
|---|---|
| `finding.json` | the finding, whom it is about, and its life: opened, unknown, cleared, reopened, and by which runs |
| `facts.jsonl` | the rows it rests on, as known when they were stored, each with batch and row |
| `batches.json` | those batches, and the others the run rested on: period, files with SHA-256, counts |
| `run.json` | the run that stored the facts: parameters as applied, with region, day and source; the day judged for |
| `rule.sql` | the text of the rule as it was run; of the lists it has, the one that `run.json` names as the rule |
| `notices.json` | what was sent because of it: number, service, deadline, digests; to an employer the letter too |
| `disputes.json` | which of its rows were disputed, and what was answered |
| `proofs.jsonl` | the leaves of the log about it, each with its proof: runs, steps taken, accesses to its persons |
| `manifest.json`, `manifest.note` | name, size and SHA-256 of each file; and the log's signature over that |

No file names a person: rows leave out what identifies one, as findings do. Whoever may see the row itself asks for it
by batch and number (`hub row`).
"""

import asyncio
import json
import os
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import asyncpg
import orjson
import sqlalchemy as sa

from hub.audit.checkpoint import Signer
from hub.audit.event import Event, Kind, Outcome
from hub.audit.log import context, record_sync
from hub.audit.sequencer import integrate, prove, publish
from hub.errors import FollowupError
from hub.followup.notice import context as notice_context

FORM: Final = "hub/evidence@v1"
MANIFEST, NOTE = "manifest.json", "manifest.note"
Open = Callable[[bytes, bytes], bytes]
"""`Keyring.open`: what is sealed, and the context it was bound to."""

_FINDING: Final = sa.text("""
select f.id, f.rule, f.subject, f.matter, f.state, f.severity, f.area, f.region, f.project_code, f.values,
       f.opened_at, f.seen_at, f.ended_at, f.unknown_because, f.subject_key, f.person_key,
       e.uscc as employer_uscc, e.name as employer_name
from finding f
left join employer e on e.employer_key = f.employer_key and e.known_until = timestamptz '9999-12-31 00:00:00+00'
where f.id = :finding
""")

_LIFE: Final = sa.text("""
select event, at, run_id as run from finding_event
where subject_key = :subject and finding_id = :finding order by run_id
""")

_FACTS: Final = sa.text("""
select e.position, e.fact, d.name as delivery, e.batch_id as batch, e.row_no as "rowNo", e.row, e.person_key, e.run_id
from finding_evidence e
join batch b on b.id = e.batch_id
join delivery d on d.id = b.delivery_id
where e.subject_key = :subject and e.finding_id = :finding
  and e.run_id = (select max(run_id) from finding_evidence where subject_key = :subject and finding_id = :finding)
order by e.position
""")

_RUN: Final = sa.text("""
select r.id as run, r.rule, r.rule_digest as "ruleDigest", r.parameters, r.batches, r.verdict, r.found, r.opened,
       r.cleared, r.unknown, r.today, r.known_at as "knownAt", r.started_at as "startedAt",
       r.finished_at as "finishedAt", v.source
from check_run r left join rule_version v on v.digest = r.rule_digest
where r.id = :run
""")

_BATCHES: Final = sa.text("""
select b.id as batch, d.name as delivery, d.owner, b.period, encode(b.digest, 'hex') as sha256, b.files,
       b.declared, b.loaded, b.rejected,
       b.sealed_at as "sealedAt", b.loaded_by as "loadedBy", b.channel
from batch b join delivery d on d.id = b.delivery_id where b.id = any(:batches) order by b.id
""")

_DISPUTES: Final = sa.text("""
select id::text as dispute, batch_id as batch, row_no as "rowNo", asked_at as "askedAt", step, due_on as "dueOn",
       answer, corrected_in as "correctedIn"
from correction where (batch_id, row_no) in (select * from unnest(cast(:batches as bigint[]), cast(:rows as integer[])))
order by id
""")

_NOTICES: Final = sa.text("""
select id, number, kind, state, issued_at as "issuedAt", issued_by as "issuedBy", position, workdays,
       served_on as "servedOn", served_how as "servedHow", deadline_on as "deadlineOn", withdrawn_at as "withdrawnAt",
       withdrawn_because as "withdrawnBecause", template_digest as "templateSha256", text_digest as "textSha256", sealed
from notice where subject_key = :subject and finding_id = :finding order by issued_at, number
""")

_LISTED: Final = sa.text("select id::text from discipline where subject_key = :subject and finding_id = :finding")

#: The events of steps that were taken with one finding.
STEPS: Final = [Kind.finding_changed, Kind.evidence_written]
#: Steps name the finding, runs themselves; who was shown a person stands in the sealed part.
_STEPS: Final = sa.text("""
select event_id from audit_event
where (kind = 'check_run' and (convert_from(leaf, 'UTF8')::jsonb #>> '{details,run}')::bigint = any(:runs))
   or (kind = 'notice_served' and convert_from(leaf, 'UTF8')::jsonb #>> '{details,number}' = any(:numbers))
   or (kind in ('discipline_moved', 'discipline_lifted')
       and convert_from(leaf, 'UTF8')::jsonb #>> '{details,entry}' = any(:entries))
   or (kind = any(:steps) and convert_from(leaf, 'UTF8')::jsonb #>> '{details,finding}' = :finding)
   or (kind = 'row_disputed'
       and convert_from(leaf, 'UTF8')::jsonb #>> '{details,dispute}' = any(:disputes))
order by event_id
""")

_SHOWN: Final = sa.text("""
select p.event_id, p.personal from audit_personal p join audit_event e on e.event_id = p.event_id
where e.kind = 'query_answered' and e.persons > 0 and e.recorded_at >= :since order by p.event_id
""")


@dataclass(frozen=True, slots=True)
class Evidence:
    """``files``: name → content, all but the proofs; ``events``: whose proofs belong to it."""

    finding: UUID
    files: Mapping[str, bytes]
    events: Sequence[UUID]


def gather(
    connection: sa.Connection, finding: UUID, *, by: str, at: datetime, signer: Signer, unseal: Open
) -> Evidence:
    """Everything but the proofs, read in the caller's transaction, in which the access log is told."""
    found = _rows(connection, _FINDING, finding=finding)
    if not found:
        raise FollowupError(
            "FOLLOWUP_UNKNOWN", f"There is no finding {finding}", hint="The API's findings give their id."
        )
    (one,) = found
    keys = {"subject": one["subject_key"], "finding": finding}
    life, facts = _rows(connection, _LIFE, **keys), _rows(connection, _FACTS, **keys)
    if not facts:
        raise FollowupError("FOLLOWUP_UNKNOWN", f"Finding {finding} was never found true: nothing is stored of it")
    (run,) = _rows(connection, _RUN, run=facts[0]["run_id"])
    rows = {"batches": [fact["batch"] for fact in facts], "rows": [fact["rowNo"] for fact in facts]}
    batches = sorted({*rows["batches"], *(named["batch"] for named in run["batches"].values())})
    disputes = _rows(connection, _DISPUTES, **rows)
    notices = _rows(connection, _NOTICES, **keys)
    files = {
        "finding.json": _json(_said(one, "subject_key", "person_key") | {"life": life}),
        "facts.jsonl": b"".join(_line(_said(fact, "person_key", "run_id")) for fact in facts),
        "batches.json": _json(_rows(connection, _BATCHES, batches=batches)),
        "run.json": _json(_said(run, "source")),
        "notices.json": _json([_notice(row, unseal, of=one["subject"]) for row in notices]),
        "disputes.json": _json(disputes),
        "rule.sql": (run["source"] or "").encode(),
    }
    steps = connection.execute(
        _STEPS,
        {"runs": sorted({step["run"] for step in life} | {run["run"]}), "steps": STEPS, "finding": str(finding),
         "disputes": [row["dispute"] for row in disputes], "numbers": [row["number"] for row in notices],
         "entries": list(connection.execute(_LISTED, keys).scalars())},
    ).scalars()  # fmt: skip
    persons = {str(key) for key in [one["person_key"], *(fact["person_key"] for fact in facts)] if key}
    told = Event(
        kind=Kind.evidence_written, outcome=Outcome.allowed, client=by, at=at,
        details={"finding": str(finding), "rule": one["rule"], "run": run["run"]},
    )  # fmt: skip
    seen = _shown(connection, persons, one["opened_at"], unseal)
    record_sync(connection, told, signer)
    return Evidence(finding, files, [*steps, *seen, told.event_id])


def _notice(row: Mapping[str, Any], unseal: Open, *, of: str) -> dict[str, Any]:
    """What was sent; the letter, and the salt its digest is over, where it names no person."""
    told = _said(row, "id", "sealed")
    if of == "person":
        return told
    opened = orjson.loads(unseal(row["sealed"], notice_context(row["id"])))
    return told | {"letter": opened["letter"], "salt": opened["salt"]}


def _shown(connection: sa.Connection, persons: set[str], since: datetime, unseal: Open) -> Iterable[UUID]:
    """The answers that showed one of these persons since."""
    if not persons:
        return
    for event_id, sealed in connection.execute(_SHOWN, {"since": since}):
        said = orjson.loads(unseal(sealed, context(event_id)))
        if not persons.isdisjoint(said.get("persons", ())):
            yield event_id


async def proven(dsn: Mapping[str, Any], evidence: Evidence, signer: Signer) -> bytes:
    """The proofs of its events, a line each, against a checkpoint that covers them all. ``dsn``: `asyncpg_dsn`."""
    connection = await asyncpg.connect(**dsn)
    try:
        while await integrate(connection):
            pass
        await publish(connection, signer)
        return b"".join([_line(await prove(connection, event)) for event in evidence.events])
    finally:
        await connection.close()


def write(evidence: Evidence, folder: Path, *, dsn: Mapping[str, Any], at: datetime, signer: Signer) -> Path:
    """The files, in ``folder``/evidence-<finding>, readable by their owner alone."""
    place = folder / f"evidence-{evidence.finding}"
    if place.exists():
        raise FollowupError("FOLLOWUP_EXISTS", f"{place} is there already", hint="Take it away, or say another --out.")
    files = {**evidence.files, "proofs.jsonl": asyncio.run(proven(dsn, evidence, signer))}
    listed = [
        {"name": name, "bytes": len(data), "sha256": sha256(data).hexdigest()} for name, data in sorted(files.items())
    ]
    manifest = _json({"form": FORM, "finding": evidence.finding, "writtenAt": at, "files": listed})
    files |= {MANIFEST: manifest, NOTE: signer.sign(signed_text(manifest)).encode()}
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".evidence-") as unfinished:
        whole = Path(unfinished) / "whole"
        whole.mkdir(mode=0o700)
        for name, data in files.items():
            descriptor = os.open(whole / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
        whole.rename(place)
    return place


def signed_text(manifest: bytes) -> str:
    """What the log's key signs: the form, so that it is never read as a checkpoint, and the manifest's digest."""
    return f"{FORM}\n{sha256(manifest).hexdigest()}\n"


def _rows(connection: sa.Connection, statement: sa.TextClause, **values: Any) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(statement, values).mappings()]


def _said(row: Mapping[str, Any], *but: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in but and value is not None}


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1, default=_plain).encode() + b"\n"


def _line(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, default=_plain).encode() + b"\n"


def _plain(value: Any) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
