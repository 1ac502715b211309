"""Finding the header of a table: below title rows, on one level or two, in any of its declared spellings.

Pure. Refuses a table without the declared header, a column nobody declared, and a declared column that is missing;
each refusal names the column and the nearest known one. A connector that declares no column at all takes any header:
so a file is read before there is a connector for it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import zip_longest

from hub.errors import IntakeError
from hub.intake.connector import Connector, names
from hub.terms import normalize_text

#: The column in which a channel says what a row does to its fact: ``write`` or ``delete``.
OPERATION = "@operation"
#: Rows at the top among which the header is looked for.
LOOK = 20
#: Cells that stand in rows, not in headers: long numbers, amounts, dates.
_DATA = re.compile(r"\d{5,}|^[-+]?[\d,]+(?:\.\d+)?%?$|^\d{4}[-/.年]\d")
#: Share of a table's columns that its header names, at least.
_NAMED = 0.8
_UNIT = re.compile(r"\((?:单位:)?(?:人民币)?(万?)元\)$")


@dataclass(frozen=True, slots=True)
class Header:
    """``columns``: normalized header of each column ("" where it has none); ``wan``: those in ten thousands of yuan.

    ``skipped``: title rows above it; ``depth``: rows it takes, one or two. ``spelled``: each header as it was
    delivered; of two levels the one that says which column it is.
    """

    columns: tuple[str, ...]
    wan: frozenset[str]
    skipped: int
    depth: int
    spelled: tuple[str, ...] = ()


@dataclass
class ColumnsError(IntakeError):
    """``undeclared``: columns that nobody declared; ``missing``: fields of which no column is there."""

    undeclared: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


def normal(text: str) -> tuple[str, bool]:
    """A header without stars, blanks, line breaks and its unit of money; whether that unit is ten thousands."""
    folded = normalize_text(text).replace(" ", "").strip("*")
    unit = _UNIT.search(folded)
    return (folded[: unit.start()], bool(unit[1])) if unit else (folded, False)


def declared(connector: Connector) -> dict[str, str]:
    """Every header the connector knows, normalized → as declared; nothing where it is one that knows none."""
    known = [*connector.ignored, *(names(connector.operation.from_) if connector.operation else [])]
    for field in connector.fields.values():
        known += field.names + names(field.or_from) + names(field.id_from)
    for columns in connector.repeat.values():
        known += [name for column in columns for name in names(column)]
    return {normal(name)[0]: name for name in (*known, OPERATION)} if known else {}


def find(rows: Sequence[Sequence[str]], connector: Connector) -> Header | None:
    """The header among the first rows: the one that names most declared columns, and at least half of those needed."""
    known = declared(connector)
    if not known:
        return guess(rows)
    best: tuple[tuple[int, int], Header] | None = None
    for index in range(min(len(rows), LOOK)):
        for depth in (1, 2):
            if index + depth > len(rows):
                continue
            header = _read(rows[index : index + depth], known, index)
            score = (len(set(header.columns) & known.keys()), -depth)
            if best is None or score > best[0]:
                best = (score, header)
    needed = sum(1 for field in connector.fields.values() if field.names and not field.optional)
    return best[1] if best and best[0][0] * 2 >= max(needed, 2) else None


def guess(rows: Sequence[Sequence[str]]) -> Header | None:
    """The header of a table that nobody declared: the first row, or two, that names most columns and holds no data."""
    rows = rows[:LOOK]
    filled = [{place for place, cell in enumerate(row) if normal(cell)[0]} for row in rows]
    width = len(set().union(*filled))
    for index, row in enumerate(rows):
        depth = 2 if index + 1 < len(rows) and _is_over(row, rows[index + 1]) else 1
        header = _read(rows[index : index + depth], {}, index)
        named = [name for name in header.columns if name]
        enough = len(named) >= max(2, _NAMED * width) and len(set(named)) >= _NAMED * len(named)
        if enough and not any(_DATA.search(normal(cell)[0]) for one in rows[index : index + depth] for cell in one):
            return header
    return None


def _is_over(row: Sequence[str], below: Sequence[str]) -> bool:
    """Whether ``row`` is the upper level of a header, of which ``below`` is the lower.

    What it leaves blank stands below; and either it names some column alone, or what stands below would not do alone.
    """
    top, under = [normal(cell)[0] for cell in row], [normal(cell)[0] for cell in below]
    pairs = list(zip_longest(top, under, fillvalue=""))
    lower = [name for name in under if name]
    return (
        sum(1 for name in top if name) > 1
        and any(not upper for upper, _ in pairs)
        and all(upper or name for upper, name in pairs)
        and (any(upper and not name for upper, name in pairs) or len(set(lower)) < len(lower))
    )


def of(columns: Sequence[str], connector: Connector) -> Header:
    """The header of a table that names its columns itself."""
    return _read([columns], declared(connector), 0)


def _read(rows: Sequence[Sequence[str]], known: dict[str, str], skipped: int) -> Header:
    top = [normal(cell) for cell in rows[0]]
    if len(rows) == 1:
        found = top
    else:
        found, over = [], ("", False)
        below = [normal(cell) for cell in rows[1]]
        for position in range(max(len(top), len(below))):
            upper = top[position] if position < len(top) else ("", False)
            lower = below[position] if position < len(below) else ("", False)
            # A merged cell is written once and stands for the columns to its right that have a second level.
            over = upper if upper[0] or not lower[0] else over
            found.append(_joined(over, lower, known))
    columns = tuple(name for name, _ in found)
    spelled = tuple(_spelled(rows, position, said) for position, said in enumerate(found))
    return Header(columns, frozenset(name for name, wan in found if wan), skipped, len(rows), spelled)


def _spelled(rows: Sequence[Sequence[str]], position: int, said: tuple[str, bool]) -> str:
    """A header as delivered, so that it reads as the same column, in the same unit, where it stands on one level."""
    for cell in (row[position] for row in reversed(rows) if position < len(row)):
        if normal(cell) == said:
            return cell.strip()
    return said[0] + ("(万元)" if said[1] else "")


def _joined(upper: tuple[str, bool], lower: tuple[str, bool], known: dict[str, str]) -> tuple[str, bool]:
    if not lower[0]:
        return upper
    for name in (lower[0], upper[0] + lower[0], f"{upper[0]}/{lower[0]}"):
        if name in known:
            return name, upper[1] or lower[1]
    return f"{upper[0]}/{lower[0]}", False


def check(header: Header, connector: Connector, where: str, *, so_far: bool = False) -> None:
    """ColumnsError naming every column that is not declared, stands twice, or is missing.

    ``so_far``: more columns may still come, none is missing yet.
    """
    known, problems = declared(connector), []
    undeclared = [name for name in dict.fromkeys(header.columns) if name and known and name not in known]
    missing: list[str] = []
    for name in dict.fromkeys(header.columns):
        if name in undeclared:
            near = get_close_matches(name, known, n=1)
            problems.append(f"column '{name}' is not declared" + (f" (nearest: '{known[near[0]]}')" if near else ""))
        if name and header.columns.count(name) > 1:
            problems.append(f"column '{name}' stands twice")
    for name, field in connector.fields.items():
        spelt = [n for n in field.names if normal(n)[0] in header.columns]
        if len(spelt) > 1:
            problems.append(f"columns '{spelt[0]}' and '{spelt[1]}' both say '{name}'")
        if field.names and not spelt and not field.optional and not so_far:
            missing.append(name)
            problems.append(f"column '{field.names[0]}' is missing")
    operations = names(connector.operation.from_) if connector.operation and OPERATION not in header.columns else []
    if operations and not so_far and not any(normal(name)[0] in header.columns for name in operations):
        problems.append(f"column '{operations[0]}' is missing")
    # Of what repeats, only the first column must be there.
    firsts = [] if so_far else [names(columns[0]) for columns in connector.repeat.values()]
    problems += [
        f"column '{spelt[0]}' is missing" for spelt in firsts if not any(normal(n)[0] in header.columns for n in spelt)
    ]
    if problems:
        raise ColumnsError(
            "INTAKE_COLUMNS",
            f"{where} does not have the columns of {connector.name}",
            "; ".join(problems),
            "add the spelling to the connector, or the column to its 'ignored', or ask the department",
            undeclared=tuple(undeclared),
            missing=tuple(missing),
        )


def relaxed(connector: Connector, refused: ColumnsError) -> Connector:
    """The connector without what was refused of a header: to read on and learn what else does not fit."""
    fields = {
        name: field.model_copy(update={"optional": True}) if name in refused.missing else field
        for name, field in connector.fields.items()
    }
    return connector.model_copy(update={"ignored": (*connector.ignored, *refused.undeclared), "fields": fields})
