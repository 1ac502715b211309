"""What an answer should be, worked out slowly: rows fetched plainly, walked in Python, nothing of the planner used.

The rows a grant gives are judged by ``policy.holds``, masks by their Python side; everything else is said here anew.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Connection, text

from hub.policy import MASKS, Predicate, holds
from hub.query.opaque import Opaque
from hub.sealing import Keyring

Row = Mapping[str, Any]
OPEN = date(9999, 12, 31)

#: Type → its table, and each of its plain fields → the column it shows.
SCALARS: dict[str, tuple[str, dict[str, str]]] = {
    "Person": ("person", {"sex": "sex", "birthOn": "birth_on", "region": "region", "area": "area", "status": "status"}),
    "Enrollment": (
        "enrollment",
        {
            "insurance": "insurance",
            "startsOn": "starts_on",
            "endsOn": "ends_on",
            "state": "state",
            "contributionBase": "contribution_base",
            "paidOnBehalf": "paid_on_behalf",
        },
    ),
    "Assistance": ("assistance", {"kind": "kind", "startsOn": "starts_on", "endsOn": "ends_on", "area": "area"}),
    "Employer": (
        "employer",
        {
            "uscc": "uscc",
            "name": "name",
            "kind": "kind",
            "area": "area",
            "staffDeclared": "staff_declared",
            "registeredOn": "registered_on",
        },
    ),
    "EmployerAccount": ("employer_account", {"kind": "kind", "accountNo": "account_no", "headcount": "headcount"}),
    "CrossCheck": ("employer", {}),
    "Finding": (
        "finding",
        {"id": "id", "rule": "rule", "state": "state", "area": "area", "values": "values", "openedAt": "opened_at"},
    ),
    "Evidence": ("finding_evidence", {"fact": "fact", "rowNo": "row_no", "row": "row"}),
}
#: Type and field → the sealed column, the member of it, and the mask whose form rests beside it.
SEALED = {
    ("Person", "residentId"): ("sealed", "resident_id"),
    ("Person", "name"): ("sealed", "name"),
    ("Person", "phone"): ("sealed", "phone"),
    ("Employer", "legalRepresentative"): ("legal_representative", "name"),
}
IDENTITIES = {"Person": "person_key", "Employer": "employer_key"}
#: Types whose rows are somebody's: showing one shows a person.
PERSONAL = {"Person", "Enrollment", "Assistance", "Finding", "Evidence"}


@dataclass(frozen=True)
class Way:
    """A field that leads on: to which type, to which rows, in which order; one of them, or many."""

    to: str
    rows: Callable[["Store", Row], Iterable[Row]]
    order: tuple[str, ...] = ()


def same(table: str, column: str, other: str = "") -> Callable[["Store", Row], Iterable[Row]]:
    return lambda store, row: [one for one in store.tables[table] if one[column] == row[other or column]]


def insured(store: "Store", row: Row) -> Iterator[Row]:
    """Persons with an open, active spell through an employer."""
    spells = same("enrollment", "employer_key")(store, row)
    keys = {one["person_key"] for one in spells if one["state"] == "active" and one["ends_on"] == OPEN}
    return (one for one in store.tables["person"] if one["person_key"] in keys)


def evidence(store: "Store", row: Row) -> list[Row]:
    """The rows of the last run that stored any."""
    rows = [one for one in store.tables["finding_evidence"] if one["finding_id"] == row["id"]]
    last = max((one["run_id"] for one in rows), default=0)
    return [one for one in rows if one["run_id"] == last]


SPELLS = ("starts_on", "insurance", "employer_key", "delivery_id")
OPENED = ("opened_at", "id")
WAYS: dict[tuple[str, str], Way] = {
    ("Person", "enrollments"): Way("Enrollment", same("enrollment", "person_key"), SPELLS),
    ("Person", "assistances"): Way("Assistance", same("assistance", "person_key"), ("starts_on", "kind")),
    ("Person", "findings"): Way("Finding", same("finding", "subject_key", "person_key"), OPENED),
    ("Enrollment", "person"): Way("Person", same("person", "person_key")),
    ("Enrollment", "employer"): Way("Employer", same("employer", "employer_key")),
    ("Employer", "accounts"): Way("EmployerAccount", same("employer_account", "employer_key"), ("kind", "account_no")),
    ("Employer", "enrollments"): Way(
        "Enrollment", same("enrollment", "employer_key"), ("starts_on", "person_key", "insurance")
    ),
    ("Employer", "insuredPersons"): Way("Person", insured, ("person_key",)),
    ("Employer", "findings"): Way("Finding", same("finding", "employer_key"), OPENED),
    ("CrossCheck", "employer"): Way("Employer", same("employer", "employer_key")),
    ("CrossCheck", "findings"): Way(
        "Finding",
        lambda store, row: [one for one in same("finding", "employer_key")(store, row) if one["state"] == "open"],
        OPENED,
    ),
    ("Finding", "employer"): Way("Employer", same("employer", "employer_key")),
    ("Finding", "person"): Way("Person", same("person", "person_key")),
    ("Finding", "evidence"): Way("Evidence", evidence, ("position",)),
}


@dataclass
class Store:
    """Every current row, and of which deliveries somebody has a current fact."""

    tables: dict[str, list[Row]] = field(repr=False)
    listed: dict[UUID, set[str]] = field(repr=False)

    @classmethod
    def read(cls, connection: Connection) -> "Store":
        tables: dict[str, list[Row]] = {}
        listed: dict[UUID, set[str]] = {}
        names = {row.id: (row.name, row.target) for row in connection.execute(text("select * from delivery"))}
        for table in {table for table, _ in SCALARS.values()}:
            rows = [dict(row._mapping) for row in connection.execute(text(f"select * from {table}"))]
            tables[table] = [
                one for one in rows if one.get("known_until", datetime.max.replace(tzinfo=UTC)).year == OPEN.year
            ]
            for one in tables[table]:
                name, target = names.get(one.get("delivery_id"), ("", ""))
                if target == table:
                    for key in {"person_key", "employer_key"} & one.keys():
                        listed.setdefault(one[key], set()).add(name)
        return cls(tables, listed)


@dataclass(frozen=True)
class Picked:
    """A field as the document names it. ``args`` are its values, whether literal or from a variable."""

    key: str
    name: str
    args: Mapping[str, Any]
    inner: tuple[Any, ...] = field(default=(), repr=False)
    included: bool = True


@dataclass(frozen=True)
class Fragment:
    """Fields that stand together under a type."""

    on: str
    inner: tuple[Any, ...] = field(repr=False)
    included: bool = True


def merged(selection: Iterable[Any], on: str) -> dict[str, Picked]:
    """Fields by response key, in order of their first mention, with everything that is picked of them."""
    found: dict[str, Picked] = {}
    for one in selection:
        if not one.included:
            continue
        if isinstance(one, Fragment):
            fields: Iterable[Picked] = merged(one.inner, on).values() if one.on in {on, "Node"} else ()
        else:
            fields = [one]
        for picked in fields:
            before = found.get(picked.key)
            found[picked.key] = (
                picked if before is None else Picked(picked.key, picked.name, picked.args, before.inner + picked.inner)
            )
    return found


@dataclass
class Slow:
    """Answers as one grant gives them. ``shown``: the keys of the persons whose rows were shown."""

    store: Store
    keyring: Keyring
    department: str
    grant: str
    masks: Mapping[tuple[str, str], str]
    rows: Mapping[str, tuple[Predicate, ...]]
    shown: set[UUID] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.opaque = Opaque(self.keyring)

    def given(self, kind: str, row: Row, *, reached: bool) -> bool:
        listed = {
            name
            for key in ("person_key", "employer_key")
            for name in self.store.listed.get(row.get(key), ())  # type: ignore[arg-type]
        }
        if kind == "CrossCheck" and not reached:
            return self.given("Employer", row, reached=False) and self.given(kind, row, reached=True)
        return holds(self.rows.get(kind, ()), row, reached=reached, listed=listed)

    def show(self, kind: str, row: Row, selection: Iterable[Any]) -> dict[str, Any]:
        if kind in PERSONAL and row["person_key"] is not None:
            self.shown.add(row["person_key"])
        return {key: self._value(kind, row, picked) for key, picked in merged(selection, kind).items()}

    def _value(self, kind: str, row: Row, picked: Picked) -> Any:
        if picked.name == "__typename":
            return kind
        if picked.name == "id" and kind in IDENTITIES:
            return self.opaque.identity(kind.lower(), row[IDENTITIES[kind]], self.department)
        way = WAYS.get((kind, picked.name))
        if way is None:
            return _written(self._plain(kind, row, picked.name))
        rows = [one for one in way.rows(self.store, row) if self.given(way.to, one, reached=True)]
        if not way.order:
            return self.show(way.to, rows[0], picked.inner) if rows else None
        rows.sort(key=lambda one: [one[name] for name in way.order])
        return [self.show(way.to, one, picked.inner) for one in rows[: picked.args["first"]]]

    def _plain(self, kind: str, row: Row, name: str) -> Any:
        if (kind, name) in SEALED:
            column, member = SEALED[kind, name]
            value = None
            if row[column] is not None:
                context = f"{kind.lower()}:".encode() + row[IDENTITIES[kind]].bytes
                value = orjson.loads(self.keyring.open(row[column], context))[member]
        else:
            value = row[SCALARS[kind][1][name]]
        if value == OPEN:
            value = None
        mask = self.masks.get((kind, name))
        return value if mask is None or value is None else MASKS[mask].python(value)

    def page(self, root: str, kind: str, picked: Picked, after: Row | None) -> tuple[dict[str, Any], Row | None]:
        """A page behind the row ``after``; and the row it ends at, where more follow."""
        key = {"Person": "person_key", "Employer": "employer_key", "Finding": "id"}[kind]
        rows = sorted(self.store.tables[SCALARS[kind][0]], key=lambda one: one[key])
        rows = [one for one in rows if self.given(kind, one, reached=False) and self._filtered(picked.args, one)]
        rows = [one for one in rows if after is None or one[key] > after[key]]
        page, more = rows[: picked.args["first"]], len(rows) > picked.args["first"]
        cursor = lambda row: self.opaque.cursor([str(row[key])], f"{self.grant}:{root}")
        answer: dict[str, Any] = {}
        for outer_key, outer in merged(picked.inner, f"{kind}Connection").items():
            if outer.name == "__typename":
                answer[outer_key] = f"{kind}Connection"
            elif outer.name == "pageInfo":
                told = {
                    "hasNextPage": more,
                    "endCursor": cursor(page[-1]) if page else None,
                    "__typename": "PageInfo",
                }
                answer[outer_key] = {one.key: told[one.name] for one in merged(outer.inner, "PageInfo").values()}
            elif outer.name == "nodes":
                answer[outer_key] = [self.show(kind, one, outer.inner) for one in page]
            else:
                answer[outer_key] = [self._edge(kind, one, outer.inner, cursor(one)) for one in page]
        return answer, page[-1] if more else None

    def _edge(self, kind: str, row: Row, selection: Iterable[Any], cursor: str) -> dict[str, Any]:
        return {
            key: cursor
            if one.name == "cursor"
            else self.show(kind, row, one.inner)
            if one.name == "node"
            else f"{kind}Edge"
            for key, one in merged(selection, f"{kind}Edge").items()
        }

    def _filtered(self, args: Mapping[str, Any], row: Row) -> bool:
        for name, value in args.items():
            if name in {"first", "after"} or value is None:
                continue
            if name == "registeredSince":
                if row["registered_on"] is None or row["registered_on"] < date.fromisoformat(value):
                    return False
            elif row[name] != value:
                return False
        return True


def _written(value: Any) -> Any:
    """As JSON has it: amounts, days and instants are text."""
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal | UUID) else value
