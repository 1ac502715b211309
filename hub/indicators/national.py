"""The monthly return to the national participation store (部级全民参保库): what changed since the last one, as a file.

In charge of the clock (due by a day of the next month), of what changed, and of the file with its manifest and
signature. This is the one output of the hub with identifiers in clear: an authorised delivery to the province, written
into the configured folder alone, mode 0600, and only after its event stands in the access log. Refuses
(`IndicatorError`) a month that is not over, or lies before the last one returned, or of which a delivery is missing.

Exactly once: what was told of each person's insurance is kept as a keyed digest, moved in the transaction that records
the return. The file is written aside before that transaction commits and takes its name after; killed in between,
``make`` for the same month gives it its name, and tells nothing twice.
"""

import os
from base64 import b64encode
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, Final, Literal

import orjson
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hub.audit.checkpoint import Signer
from hub.audit.event import Event, Kind, Outcome
from hub.audit.log import record_sync
from hub.checks import judge
from hub.checks.judge import Basis
from hub.checks.parameter import Parameter, applied
from hub.checks.rule import Question, read_question
from hub.errors import IndicatorError
from hub.indicators.compute import last_day
from hub.indicators.told import changes
from hub.intake.manifest import SIGNATURE, SUFFIXES, Listed, Manifest
from hub.sealing import Keyring
from hub.store.indicator import national_return
from hub.terms import add_months, day_in_china

DUE_DAY: Final = "national_return_day"
DELIVERY: Final = "national_store/participation"
#: What a return rests on, and what it tells.
QUESTION: Final = Path(__file__).with_name("national_return.sql")
#: Covered: never returned for itself; a later return told what had changed.
State = Literal["done", "done_late", "covered", "due", "late"]


@dataclass(frozen=True, slots=True)
class Return:
    """A return that was made."""

    month: date
    file: str
    sha256: str
    added: int
    changed: int
    ended: int
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Clock:
    """How the return of a month stands: due on a day, done or not, and what is missing to make it."""

    month: date
    due_on: date
    state: State
    made: Return | None = None
    missing: tuple[str, ...] = ()


def signing_key(keyring: Keyring) -> Ed25519PrivateKey:
    """The key that signs manifests of returns: one of its own, derived from the hub's."""
    return Ed25519PrivateKey.from_private_bytes(keyring.mac("sign national return")(b"1"))


def due_on(month: date, parameters: Mapping[str, Parameter], region: str) -> date:
    """The last day in time for a month's return."""
    found = applied(parameters[DUE_DAY], region, last_day(month))
    if found is None:
        raise IndicatorError("INDICATOR_PARAMETER", f"NOT CONFIGURED: {DUE_DAY} has no value for {region}")
    return add_months(month, 1).replace(day=found.value)


def status(
    reader: sa.Engine, parameters: Mapping[str, Parameter], *, region: str, today: date, months: int = 3
) -> list[Clock]:
    """The clocks of the last months that are over, the latest first."""
    clocks = []
    with judge.session(reader) as session, judge.snapshot(session, None) as facts:
        last = facts.scalar(sa.select(sa.func.max(national_return.c.month)))
        for back in range(1, months + 1):
            month = add_months(today.replace(day=1), -back)
            made, due = returned(facts, month), due_on(month, parameters, region)
            if made is not None:
                late = day_in_china(made.made_at) > due
                clocks.append(Clock(month, due, "done_late" if late else "done", made))
            elif last is not None and last > month:
                clocks.append(Clock(month, due, "covered"))
            else:
                missing = tuple(one.says for one in _basis(facts, month, parameters, region).because)
                clocks.append(Clock(month, due, "due" if today <= due else "late", None, missing))
    return clocks


def returned(connection: sa.Connection, month: date) -> Return | None:
    """The return of a month, if one was made."""
    columns = [national_return.c[name] for name in Return.__dataclass_fields__]
    row = connection.execute(sa.select(*columns).where(national_return.c.month == month)).one_or_none()
    return None if row is None else Return(*row)


def make(
    month: date,
    folder: Path,
    *,
    reader: sa.Engine,
    writer: sa.Engine,
    keyring: Keyring,
    signer: Signer,
    parameters: Mapping[str, Parameter],
    region: str,
    today: date,
    at: datetime,
    by: str,
) -> Return:
    """Make the return of ``month`` into ``folder``; of one that was made, see that its file has its name.

    A file that was taken to the province already is not made again.
    """
    if add_months(month, 1) > today:
        raise IndicatorError("INDICATOR_MONTH", f"{month:%Y-%m} is not over", hint="Return a month that is.")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with writer.begin() as connection:
        connection.execute(sa.text("select pg_advisory_xact_lock(hashtext('national return'))"))
        made = returned(connection, month)
        if made is None:
            last = connection.scalar(sa.select(sa.func.max(national_return.c.month)))
            if last is not None and last > month:
                raise IndicatorError(
                    "INDICATOR_RETURNED", f"{last:%Y-%m} was returned already", "what it told came after this month"
                )
            made = _make(connection, month, folder, reader, keyring, signer, parameters, region, at, by)
    _name(folder, made)
    return made


def _make(
    connection: sa.Connection, month: date, folder: Path, reader: sa.Engine, keyring: Keyring, signer: Signer,
    parameters: Mapping[str, Parameter], region: str, at: datetime, by: str,
) -> Return:  # fmt: skip
    name = f"national_return_{month:%Y-%m}.jsonl"
    counts = {"added": 0, "changed": 0, "ended": 0}
    persons, last_person = 0, None
    session = judge.session(reader)
    with session as opened, judge.snapshot(opened, None) as facts, _aside(folder / name) as file:
        basis = _basis(facts, month, parameters, region)
        if basis.because:
            raise IndicatorError(
                "INDICATOR_INCOMPLETE",
                f"the return of {month:%Y-%m} cannot be made",
                "; ".join(one.says for one in basis.because),
                "hub deliveries",
            )
        for key, line in changes(connection, facts, basis.sql, month, keyring):
            counts[line["change"]] += 1
            persons += key != last_person
            last_person = key
            file.write(orjson.dumps(line) + b"\n")
    rows = sum(counts.values())
    digest = _digest(_part(folder / name))
    listed = Listed(name=name, sha256=digest, rows=rows)
    manifest = Manifest(delivery=DELIVERY, period=f"{month:%Y-%m}", rows=rows, files=[listed])
    said = orjson.dumps(manifest.model_dump(), option=orjson.OPT_INDENT_2)
    for suffix, content in _beside(said, keyring).items():
        with _aside(folder / (name + suffix)) as file:
            file.write(content)
    made = Return(month, name, digest, **counts, made_at=at)
    connection.execute(
        national_return.insert().values(
            month=month,
            file=name,
            sha256=digest,
            **counts,
            made_at=at,
            made_by=by,
            batches={name: one.as_json() for name, one in basis.deliveries.items()},
        )
    )
    details = {"month": f"{month:%Y-%m}", "file": name, "sha256": digest, "by": by} | counts
    event = Event(
        kind=Kind.national_return_made,
        outcome=Outcome.allowed,
        persons=persons,
        deliveries=sorted(basis.deliveries),
        details=details,
    )
    record_sync(connection, event, signer)
    return made


def _basis(facts: sa.Connection, month: date, parameters: Mapping[str, Parameter], region: str) -> Basis[Question]:
    """What the return rests on, or why it cannot be made."""
    question = read_question(Question, QUESTION.read_text("utf-8"), QUESTION)
    with judge.explained(question):
        return judge.basis(
            facts, question, parameters, region=region, today=last_day(month), known_at=None, period=month
        )


# -- files ---------------------------------------------------------------------------------------------------------


def _part(path: Path) -> Path:
    return path.with_name(f".{path.name}.part")


def _aside(path: Path) -> BinaryIO:
    """A fresh file beside the one it will be, which nobody else may read."""
    part = _part(path)
    part.unlink(missing_ok=True)
    return os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _beside(manifest: bytes, keyring: Keyring) -> dict[str, bytes]:
    """Suffix → content of what stands beside the file: the manifest and the signature over its bytes."""
    return {
        SUFFIXES[1]: manifest,
        SUFFIXES[1] + SIGNATURE: b64encode(signing_key(keyring).sign(manifest)) + b"\n",
    }


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        whole = sha256()
        while block := file.read(1 << 20):
            whole.update(block)
        os.fsync(file.fileno())
    return whole.hexdigest()


def _name(folder: Path, made: Return) -> None:
    """Give the files of a return their names, the manifest's signature last. IndicatorError: another file has its."""
    for suffix in ("", SUFFIXES[1], SUFFIXES[1] + SIGNATURE):
        path = folder / (made.file + suffix)
        with suppress(FileNotFoundError):
            _part(path).replace(path)
    path = folder / made.file
    if path.exists() and _digest(path) != made.sha256:
        raise IndicatorError(
            "INDICATOR_RETURN_FILE",
            f"{path} is not the file that was returned",
            f"its SHA-256 is not {made.sha256}",
            "put your copy back: what is in it is told once",
        )
