"""What a return tells: each person's place in each insurance, compared with what was told of it last.

In charge of the lines of a return and of the digests of what was told. Reads the facts in the reader's snapshot, in the
order of persons and insurances; what was told before is looked up chunk by chunk beside it, so that memory stays small.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from hub.sealing import Keyring
from hub.store.indicator import national_return_row

CHUNK: Final = 20_000

_BEFORE: Final = sa.text("""
select person_key, insurance, digest from national_return_row
where (person_key, insurance collate "C") > (:after_key, :after_insurance)
  and (person_key, insurance collate "C") <= (:until_key, :until_insurance) and digest <> ''
""")
_FIRST: Final = (UUID(int=0), "")
_LAST: Final = (UUID(int=2**128 - 1), "~")


def changes(
    connection: sa.Connection, facts: sa.Connection, sql: str, month: date, keyring: Keyring
) -> Iterator[tuple[UUID, dict[str, Any]]]:
    """The lines of the return, each with its person, in the order of persons; what is told is kept as it goes."""
    mac = keyring.mac("national return")
    streamed = facts.exec_driver_sql(sql, execution_options={"yield_per": CHUNK})
    after = _FIRST
    for chunk in streamed.mappings().partitions():
        until = (chunk[-1]["person_key"], chunk[-1]["insurance"])
        before = _before(connection, after, until)
        told = []
        for row in chunk:
            key = (row["person_key"], row["insurance"])
            line = _line(row, keyring)
            digest = mac(orjson.dumps(line))
            if (known := before.pop(key, None)) != digest:
                told.append((*key, digest))
                yield key[0], {"change": "added" if known is None else "changed"} | line
        _keep(connection, month, told)
        yield from _ended(connection, month, keyring, sorted(before))
        after = until
    yield from _ended(connection, month, keyring, sorted(_before(connection, after, _LAST)))


def _before(
    connection: sa.Connection, after: tuple[UUID, str], until: tuple[UUID, str]
) -> dict[tuple[UUID, str], bytes]:
    """What was told of those behind ``after``, up to ``until``."""
    bounds = {"after_key": after[0], "after_insurance": after[1], "until_key": until[0], "until_insurance": until[1]}
    return {(row[0], row[1]): bytes(row[2]) for row in connection.execute(_BEFORE, bounds)}


def _line(row: sa.RowMapping, keyring: Keyring) -> dict[str, Any]:
    identity = orjson.loads(keyring.open(row["sealed"], b"person:" + row["person_key"].bytes))
    plain = {name: value for name, value in row.items() if name not in {"person_key", "sealed"}}
    return {"resident_id": identity.get("resident_id"), "name": identity.get("name")} | plain


def _ended(
    connection: sa.Connection, month: date, keyring: Keyring, gone: Sequence[tuple[UUID, str]]
) -> Iterator[tuple[UUID, dict[str, Any]]]:
    """A line for each that was told and is no longer there."""
    if not gone:
        return
    keys = sorted({key for key, _ in gone})
    found = connection.execute(
        sa.text("select person_key, sealed from facts_now.person where person_key = any(:keys)"), {"keys": keys}
    )
    sealed = {row.person_key: row.sealed for row in found}
    for key, insurance in gone:
        identity = orjson.loads(keyring.open(sealed[key], b"person:" + key.bytes)) if key in sealed else {}
        who = {"resident_id": identity.get("resident_id"), "name": identity.get("name")}
        yield key, {"change": "ended"} | who | {"insurance": insurance}
    _keep(connection, month, [(*one, b"") for one in gone])


def _keep(connection: sa.Connection, month: date, told: Sequence[tuple[UUID, str, bytes]]) -> None:
    if told:
        statement = insert(national_return_row)
        rows = [
            {"person_key": key, "insurance": insurance, "month": month, "digest": digest}
            for key, insurance, digest in told
        ]
        changed = {name: statement.excluded[name] for name in ("month", "digest")}
        connection.execute(
            statement.on_conflict_do_update(index_elements=["person_key", "insurance"], set_=changed), rows
        )
