"""A grant: who receives what, why, until when, of which rows. One file under ``access_policies/``, read and checked.

In charge of the form; pure but for reading the files. It refuses (`DeclarationError`) a file that says what the hub
cannot hold it to, naming the file, the key and the nearest known key. What the grant then allows, ``decide`` says.
A file holds no code: row conditions are a closed set, masks are named here and defined in ``masks``.
"""

import re
from collections.abc import Collection, Mapping
from datetime import date
from difflib import get_close_matches
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import Field, StrictBool, StrictInt, StrictStr, field_validator, model_validator

from hub.declaration import Form, read_form
from hub.errors import DeclarationError
from hub.terms import InvalidRegion, canonical_region

from .masks import MASKS

#: The path of the file, which is also the OAuth scope: its characters are legal in a scope token (RFC 6749 §3.3).
NAME = re.compile(r"[a-z][a-z0-9_]*/[a-z][a-z0-9_]*")
CLIENT = re.compile(r"\$client\.([a-z][a-z0-9_]*)")
ASK = re.compile(r"((?:root|mutation):[_A-Za-z]\w*|(?:(?:filter|sort):)?[_A-Za-z]\w*\.[_A-Za-z]\w*)", re.ASCII)

Operation = Literal["in", "under", "equals", "since", "listed_in", "everyone", "reached"]
OPERATIONS: tuple[Operation, ...] = get_args(Operation)
ON_COLUMN = OPERATIONS[:4]

Value = StrictBool | StrictInt | StrictStr | date
DeliveryName = Annotated[str, Field(pattern=rf"^{NAME.pattern}$")]


class FieldGrant(Form):
    """A field that is given; in clear where no mask is named."""

    mask: str | None = None

    @field_validator("mask")
    @classmethod
    def _known(cls, mask: str | None) -> str | None:
        if mask is not None and mask not in MASKS:
            raise ValueError(f"no mask is called '{mask}'{nearest(mask, MASKS)}")
        return mask


class Quota(Form):
    """How many different persons may be shown; one already shown in the same window costs nothing."""

    persons: int = Field(gt=0)
    per: Literal["day", "month", "year"]


class RowCondition(Form):
    """Which rows of a type: exactly one test. ``$client.<attribute>`` stands for what the client was registered with.

    On a `column`: `in` a list of values · `under` one of these regions · `equals` · `since` a day, that day included.
    Without one: `listed_in` — the subject has a current fact from one of these deliveries · `reached` — only by a link
    from a row that is itself allowed · `everyone` — all rows, said outright.
    """

    column: str | None = Field(None, pattern=r"^[a-z][a-z0-9_]*$")
    among: tuple[Value, ...] | None = Field(None, alias="in", min_length=1)
    under: tuple[str, ...] | None = Field(None, min_length=1)
    equals: Value | None = None
    since: date | str | None = None
    listed_in: tuple[DeliveryName, ...] | None = Field(None, min_length=1)
    everyone: Literal[True] | None = None
    reached: Literal[True] | None = None

    @property
    def operation(self) -> Operation:
        return self._given()[0]

    @property
    def values(self) -> tuple[Value, ...]:
        """As written: a ``$client`` value is not yet bound."""
        said = self._said(self.operation)
        if said is True and self.column is None:
            return ()
        return said if isinstance(said, tuple) else (said,)

    def _said(self, operation: Operation) -> Any:
        return getattr(self, "among" if operation == "in" else operation)

    def _given(self) -> list[Operation]:
        return [operation for operation in OPERATIONS if self._said(operation) is not None]

    @model_validator(mode="after")
    def _one_test(self) -> Self:
        given = self._given()
        if len(given) != 1:
            raise ValueError(f"a row condition is exactly one of {', '.join(OPERATIONS)}")
        if (self.column is not None) != (given[0] in ON_COLUMN):
            raise ValueError(
                f"'{given[0]}' needs a column" if self.column is None else f"'{given[0]}' is not about a column"
            )
        if len(set(map(type, self.values))) > 1:
            raise ValueError("the values of one condition are of one kind")
        for value in self.values:
            if not isinstance(value, str) or attribute_of(value) is not None:
                continue
            if value.startswith("$"):
                raise ValueError(f"'{value}' is not of the form $client.<attribute>")
            if given[0] == "under":
                _region(value)
            elif given[0] == "since":
                raise ValueError(f"'{value}' is neither a day nor of the form $client.<attribute>")
        return self


class Example(Form):
    """What the grant gives or refuses, and why that is right.

    `query` is GraphQL; `client` the attributes of who asks; `today` the last day of the grant where it is not given.
    `asks` says the query in words that need no schema: ``Person.name``, ``root:person``, ``mutation:reportAction``,
    ``filter:Person.birthOn``, ``sort:Person.birthOn``. `refused`: words of the reason. `answers`: each coordinate
    shown, and as what: a mask's name, or ``clear``; empty for a mutation that the grant allows.
    """

    why: str
    query: str
    client: Mapping[str, str | tuple[str, ...]] = {}
    today: date | None = None
    asks: tuple[Annotated[str, Field(pattern=rf"^{ASK.pattern}$")], ...] = ()
    refused: str | None = None
    answers: Mapping[str, str] | None = None

    @model_validator(mode="after")
    def _one_outcome(self) -> Self:
        if (self.refused is None) == (self.answers is None):
            raise ValueError("an example is either refused or answers")
        return self


class Statement(Form):
    """What the file itself says."""

    title: str = Field(min_length=1)
    purpose: str = Field(min_length=1)
    basis: str = Field(min_length=1)
    approved_by: str = Field(min_length=1)
    starts: date | None = None
    expires: date
    quota: Quota | None = None
    roots: frozenset[str] = frozenset()
    mutations: frozenset[str] = frozenset()
    fields: Mapping[str, Mapping[str, FieldGrant]] = {}
    rows: Mapping[str, tuple[RowCondition, ...]] = {}
    examples: tuple[Example, ...] = Field((), alias="example")

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.starts is not None and self.starts > self.expires:
            raise ValueError("it expires before it starts")
        for name, conditions in self.rows.items():
            if len(conditions) > 1 and any(condition.everyone for condition in conditions):
                raise ValueError(f"rows.{name}: 'everyone' stands alone")
        if self.rows and all(any(one.reached for one in conditions) for conditions in self.rows.values()):
            raise ValueError("rows: every type is only reached from another, so that nothing is reached")
        return self


class Grant(Statement):
    """A statement under its name. `digest` is the SHA-256 of the file in hex: the version of the grant."""

    name: str
    digest: str

    def mask(self, type_name: str, field_name: str) -> str | None:
        """The mask of a field, None where it is given in clear; KeyError where it is not given."""
        return self.fields[type_name][field_name].mask

    def gives(self, type_name: str, field_name: str) -> bool:
        return field_name in self.fields.get(type_name, {})

    @property
    def attributes(self) -> frozenset[str]:
        """The client's attributes that its row conditions need."""
        values = [value for conditions in self.rows.values() for one in conditions for value in one.values]
        return frozenset(name for value in values if (name := attribute_of(value)) is not None)


def attribute_of(value: object) -> str | None:
    """``area`` of ``$client.area``; None of anything else."""
    found = CLIENT.fullmatch(value) if isinstance(value, str) else None
    return found[1] if found else None


def parse_grant(name: str, source: str, file: Path | str | None = None) -> Grant:
    """The grant `name` from the text of its file; `DeclarationError` where the text or the name will not do."""
    file = file or f"access_policies/{name}.toml"
    if not NAME.fullmatch(name):
        raise DeclarationError(
            "DECLARATION_INVALID",
            f"{file} is not right",
            f"'{name}' is not the name of a grant",
            "Put it at access_policies/<who receives>/<why>.toml, in small letters, digits and underscores",
        )
    said = read_form(Statement, source, file)
    return Grant.model_validate(
        {
            **{Statement.model_fields[key].alias or key: value for key, value in said},
            "name": name,
            "digest": sha256(source.encode()).hexdigest(),
        }
    )


def read_grants(folder: Path) -> dict[str, Grant]:
    """Every grant under `folder` (``…/access_policies``) by name; `DeclarationError` for the first that is wrong."""
    if not folder.is_dir():
        raise DeclarationError(
            "DECLARATION_MISSING", f"there is no folder {folder}", "", "Set HUB_DECLARATIONS to the folder it stands in"
        )
    grants = {}
    for path in sorted(folder.rglob("*.toml")):
        name = path.relative_to(folder).with_suffix("").as_posix()
        file = f"{folder.name}/{name}.toml"
        try:
            source = path.read_bytes().decode()
        except UnicodeDecodeError as error:
            raise DeclarationError("DECLARATION_SYNTAX", f"{file} is not UTF-8", f"byte {error.start}") from None
        grants[name] = parse_grant(name, source, file)
    return grants


def undeclared(grant: Grant, known: Mapping[str, Collection[str]]) -> list[str]:
    """What the grant names and the API does not have, a sentence each, with the nearest name.

    `known`: type → its fields; where they are a mapping, to the kind of each (or None), masks are held to it too.
    The roots are the fields of ``Query``, the mutations those of ``Mutation``, whose kind is the type they change.
    """
    problems = [
        f"{part}: no {what} is called '{name}'{nearest(name, known.get(type_name, ()))}"
        for part, what, type_name, names in (
            ("roots", "root", "Query", grant.roots),
            ("mutations", "mutation", "Mutation", grant.mutations),
        )
        for name in sorted(names - set(known.get(type_name, ())))
    ]
    changed = known.get("Mutation", ())
    problems += [
        f"mutations: {name} changes {changed[name]}, of which the grant names no rows"
        for name in sorted(grant.mutations & set(changed))
        if isinstance(changed, Mapping) and not grant.rows.get(changed[name])
    ]
    problems += [
        f"{part}.{name}: no type is called '{name}'{nearest(name, known)}"
        for part, types in (("fields", grant.fields), ("rows", grant.rows))
        for name in sorted(types)
        if name not in known
    ]
    for name, fields in sorted(grant.fields.items()):
        has = known.get(name, fields)
        for one in sorted(fields):
            if one not in has:
                problems.append(f"fields.{name}: no field is called '{one}'{nearest(one, has)}")
                continue
            mask, kind = fields[one].mask, has[one] if isinstance(has, Mapping) else None
            if mask is not None and isinstance(kind, str) and kind not in MASKS[mask].kinds:
                problems.append(f"fields.{name}.{one}: the mask '{mask}' does not suit a field of kind {kind}")
    return problems


def nearest(name: str, known: Collection[str]) -> str:
    """`` (did you mean 'x'?)``, or the known names where none is near."""
    near = get_close_matches(name, list(known), n=1)
    if near:
        return f" (did you mean '{near[0]}'?)"
    return f" (known: {', '.join(sorted(known))})" if known else ""


def _region(value: str) -> None:
    try:
        canonical_region(value)
    except InvalidRegion:
        raise ValueError(f"'{value}' is not a region code of six, nine or twelve digits") from None
