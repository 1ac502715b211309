"""What of a delivery is no longer as its connector says: columns and codes, each with the nearest known one.

In charge of gathering that, whole, so that the department is asked once. Refuses nothing itself; quotes no code that
may be somebody's name or number (see ``validate.quoted``). Touches no database.
"""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import Final

from hub.errors import IntakeError
from hub.intake.connector import Connector, names
from hub.intake.extract import Chunk, Delivered, Report, read
from hub.intake.extract.header import OPERATION, ColumnsError, relaxed
from hub.intake.map import map_chunk
from hub.intake.rejected import count
from hub.terms import CODES, TITLES

UNQUOTED = "…"
MOST = 30  # unknown codes that one message lists
_UNKNOWN = re.compile(r"(\w+): unknown code '(.*)'")


@dataclass(frozen=True, slots=True)
class UnknownCode:
    """``code``: ``UNQUOTED`` where it may be a personal value; ``nearest``: the known spelling most like it."""

    field: str
    column: str
    code: str
    rows: int
    nearest: str | None

    def __str__(self) -> str:
        near = f"; nearest: '{self.nearest}'" if self.nearest else ""
        return f"'{self.code}' in column '{self.column}' ({self.rows:,} rows{near})"


#: What reasons call the column that says what rows do.
OF_ROWS: Final = "operation"


def unknown_codes(reasons: Counter[str], connector: Connector) -> list[UnknownCode]:
    """The unknown codes among reasons for which rows were rejected, the most frequent of each column first."""
    found = []
    for reason, rows in reasons.items():
        if told := _UNKNOWN.fullmatch(reason):
            name, code = told.groups()
            known = _spellings(connector, name)
            near = get_close_matches(code, known, n=1, cutoff=0.5) if code != UNQUOTED else []
            found.append(UnknownCode(name, column_of(connector, name), code, rows, near[0] if near else None))
    order = [*connector.fields, OF_ROWS]
    return sorted(found, key=lambda one: (order.index(one.field), -one.rows, one.code))


def column_of(connector: Connector, name: str) -> str:
    """What the department calls a field."""
    if name == OF_ROWS:
        return names(connector.operation.from_)[0] if connector.operation else OPERATION
    field = connector.fields[name]
    if name in connector.repeat:
        first = connector.repeat[name][0]
        return first if isinstance(first, str) else first[0]
    return field.names[0] if field.names else name


def _spellings(connector: Connector, name: str) -> list[str]:
    if name == OF_ROWS:
        return [*connector.operation.spellings] if connector.operation else []
    field = connector.fields[name]
    if field.is_ == "insurance":
        return [*CODES[field.table or ""], *TITLES.values()]
    return list(connector.spellings(name))


def told(codes: list[UnknownCode]) -> str:
    """Unknown codes as a sentence; nothing where there are none."""
    if not codes:
        return ""
    more = f"; and {len(codes) - MOST} more" if len(codes) > MOST else ""
    return "unknown codes: " + "; ".join(map(str, codes[:MOST])) + more


def leniently(
    files: list[Delivered], connector: Connector, refused: list[ColumnsError], reports: list[Report] | None = None
) -> Iterator[tuple[Chunk, Connector]]:
    """The rows of a delivery whatever its columns, each chunk with the connector as far as it had to give way.

    ``refused`` is filled with what ``header.check`` says of each file or sheet. IntakeError: no leniency helps.
    """
    done = 0
    while True:
        told_so_far: list[Report] = []
        try:
            for chunk in read(files, connector, told_so_far):
                if len(chunk.row_no) and chunk.row_no[-1] > done:
                    done = int(chunk.row_no[-1])
                    yield chunk, connector
        except ColumnsError as error:
            nothing_new = not error.undeclared and not error.missing
            if not nothing_new or all(one.message != error.message for one in refused):
                refused.append(error)
            if nothing_new:
                raise
            connector = relaxed(connector, error)
        else:
            if reports is not None:
                reports += told_so_far
            return


def told_whole(refused: IntakeError, files: list[Delivered], connector: Connector, period: date) -> IntakeError:
    """A refusal of columns, completed by the columns of the other files and by the codes that are unknown."""
    if not isinstance(refused, ColumnsError):
        return refused
    columns: list[ColumnsError] = []
    reasons: Counter[str] = Counter()
    with suppress(IntakeError):  # what cannot be read on is told as far as it was read
        for chunk, given_way in leniently(files, connector, columns):
            for part in map_chunk(chunk, given_way, period):
                count(reasons, part.bad.get_column("reasons").to_list())
    details = [one.detail if one.message == refused.message else f"{one.message}: {one.detail}" for one in columns]
    codes = told(unknown_codes(reasons, connector))
    detail = "; ".join(filter(None, [*(details or [refused.detail]), codes]))
    return IntakeError(refused.code, refused.message, detail, refused.hint)
