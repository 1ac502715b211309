"""The list of seriously untrustworthy employers as a delivery out to the departments (联合惩戒).

In charge of its files: the list as CSV (UTF-8 with byte order mark) and XLSX, each with the manifest and the signature
that this hub's own intake asks for (``hub/intake/manifest.py``), so that another hub loads it under its connector
``credit_center/untrustworthy``. Publishing is an act of a named officer, never a right to query. Always the whole list:
who does not stand in the newest one is off it. What is written is what was committed: files are made before, put in
their place after, so that nobody is out there whom the store does not know as published; called again it says the same.
"""

import csv
import os
import shutil
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
import tomli_w
import xlsxwriter
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hub.audit.checkpoint import Signer
from hub.audit.event import Event, Kind, Outcome
from hub.audit.log import record_sync
from hub.checks.parameter import applied, city_parameters
from hub.errors import FollowupError
from hub.followup import clearing, discipline
from hub.followup.letter import Office
from hub.followup.officer import Officer
from hub.intake.report import guard
from hub.terms import day_in_china

MEASURES: Final = "joint_discipline_measures"
HEADER: Final = (
    "序号", "单位名称", "统一社会信用代码", "认定事由", "列入日期", "移出日期", "认定机关",
    "告知书文号", "联合惩戒措施",
)  # fmt: skip

_SIGNED: Final = sa.text("select finding_id from discipline where state = 'signed' order by subject_key, id")

_LIST: Final = sa.text("""
select e.name, e.uscc, s.basis ->> 'ground' as ground, d.published_at, n.number
from discipline d
join discipline_step s on s.subject_key = d.subject_key and s.discipline_id = d.id and s.state = 'published'
join notice n on n.subject_key = d.subject_key and n.id = d.notice_id
join employer e on e.employer_key = d.subject_key and e.known_until = timestamptz '9999-12-31 00:00:00+00'
where d.state = 'published'
order by e.uscc, d.published_at, d.id
""")


@dataclass(frozen=True, slots=True)
class Published:
    """What was written. ``new`` stood there for the first time; ``refused``: signed, and held back, by finding."""

    folder: Path
    employers: int
    new: int
    refused: dict[str, str]


def publish(
    engine: sa.Engine, folder: Path, *, office: Office, officer: Officer, region: str, at: datetime, signer: Signer,
    key: Ed25519PrivateKey,
) -> Published:  # fmt: skip
    """Publish who is signed and write the whole list into a new folder in ``folder``.

    Each signed entry is asked anew whether it may; one that may not is held back and told. FollowupError: no measures
    are known, or such a list was written this very second.
    """
    today = day_in_china(at)
    measures = applied(city_parameters()[MEASURES], region, today)
    if measures is None:
        raise FollowupError("FOLLOWUP_NOT_CONFIGURED", f"{MEASURES} has no value for {region}", str(today), "enter it")
    place = folder / f"joint_discipline_{at:%Y%m%dT%H%M%SZ}"
    if place.exists():
        raise FollowupError("FOLLOWUP_PUBLISHED", f"{place} is there already", "", "publish again in a second")
    begun = place.with_name(place.name + ".begun")
    shutil.rmtree(begun, ignore_errors=True)
    refused: dict[str, str] = {}
    new = 0
    with engine.begin() as connection:
        clearing.settle(connection, at=at, signer=signer)
        for finding in connection.scalars(_SIGNED).all():
            try:
                with connection.begin_nested():
                    discipline.publish(connection, finding, officer=officer, region=region, at=at, signer=signer)
                new += 1
            except FollowupError as error:
                refused[str(finding)] = error.detail or error.message
        rows = _rows(connection, office, "；".join(measures.value))
        begun.mkdir(parents=True, mode=0o700)
        digests = _write(begun, rows, f"{today:%Y-%m}", key)
        details = {"period": f"{today:%Y-%m}", "employers": len(rows), "new": new, "held_back": len(refused)}
        details |= {"files": digests, "position": officer.position}
        event = Event(kind=Kind.discipline_published, outcome=Outcome.allowed, client=officer.name, details=details)
        record_sync(connection, event, signer)
    begun.rename(place)
    return Published(place, len(rows), new, refused)


def _rows(connection: sa.Connection, office: Office, measures: str) -> list[list[str]]:
    """The list as it is: one row an employer and ground, since it first stood there."""
    listed: dict[tuple[str, str], list[str]] = {}
    for one in connection.execute(_LIST):
        since = day_in_china(one.published_at).isoformat()
        row = [one.name, one.uscc, one.ground, since, "", office.name, one.number, measures]
        listed.setdefault((one.uscc, one.ground), row)
    return [[str(number), *row] for number, row in enumerate(listed.values(), start=1)]


def _write(folder: Path, rows: Sequence[Sequence[str]], period: str, key: Ed25519PrivateKey) -> dict[str, str]:
    """Both files with manifest and signature; the SHA-256 of each file by its name."""
    digests = {}
    for name, content in (("joint_discipline.csv", _csv(rows)), ("joint_discipline.xlsx", _xlsx(rows))):
        digests[name] = sha256(content).hexdigest()
        listed = {"name": name, "sha256": digests[name], "rows": len(rows)}
        manifest = tomli_w.dumps({"period": period, "rows": len(rows), "files": [listed]}).encode()
        _put(folder / name, content)
        _put(folder / f"{name}.manifest.toml", manifest)
        _put(folder / f"{name}.manifest.toml.sig", b64encode(key.sign(manifest)) + b"\n")
    descriptor = os.open(folder, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)
    return digests


def _put(path: Path, content: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _csv(rows: Sequence[Sequence[str]]) -> bytes:
    text = StringIO(newline="")
    csv.writer(text).writerows([HEADER, *([guard(cell) for cell in row] for row in rows)])
    return text.getvalue().encode("utf-8-sig")


def _xlsx(rows: Sequence[Sequence[str]]) -> bytes:
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet: Any = book.add_worksheet("联合惩戒名单")
        text = book.add_format({"num_format": "@"})
        sheet.set_column(0, len(HEADER) - 1, 22, text)
        for place, row in enumerate([HEADER, *rows]):
            for column, cell in enumerate(row):
                sheet.write_string(place, column, cell, text)
        sheet.freeze_panes(1, 0)
    return buffer.getvalue()
