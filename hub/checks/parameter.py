"""Parameters: values of law and policy, each dated, for a region, and with its source.

In charge of ``parameters/*.toml`` and of which entry applies. Refuses a file whose dates are not in order, or whose
value has no source. Touches no database. There is no default: where no entry applies, a rule is not judged.

What no policy says a city sets for itself, in a folder of its own: ``<parameter>.toml`` with nothing but entries, which
join the declared ones of their region, in the order of their days.
"""

import json
from datetime import date
from difflib import get_close_matches
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import Field, field_validator, model_validator

from hub.declaration import Form, form_of, read_form
from hub.errors import DeclarationError
from hub.settings import settings
from hub.terms import OPEN, canonical_region, region_parents

FOLDER = Path(__file__).parent / "parameters"
#: Stands where a value holds in the whole country.
COUNTRY = "china"


class Entry(Form):
    """What holds in ``region`` from a day on: until ``until`` (not included), or until the region's next entry."""

    region: str
    since: date = Field(alias="from")
    until: date = OPEN
    value: Any
    source: str = Field(min_length=4)
    note: str = ""

    @field_validator("region")
    @classmethod
    def _is_a_region(cls, region: str) -> str:
        return region if region == COUNTRY else canonical_region(region)

    @field_validator("value")
    @classmethod
    def _is_a_value(cls, value: Any) -> Any:
        if value is None or not isinstance(value, bool | int | float | date | str | list | dict):
            raise ValueError("a number, a date, a text, a list or a table")
        return value


class Parameter(Form):
    """One file: what the value means, and its entries, those of a region together and in order."""

    name: str
    title: str
    unit: str = ""
    entry: tuple[Entry, ...] = ()

    @model_validator(mode="after")
    def _in_order(self) -> "Parameter":
        groups = [(region, list(entries)) for region, entries in groupby(self.entry, lambda one: one.region)]
        if len({region for region, _ in groups}) < len(groups):
            raise ValueError("the entries of a region stand together")
        for region, entries in groups:
            if any(one.since >= one.until for one in entries):
                raise ValueError(f"{region}: an entry ends after it begins")
            for before, after in pairwise(entries):
                if before.since >= after.since or after.since < before.until != OPEN:
                    raise ValueError(f"{region}: the entries of {before.since} and {after.since} are not in order")
        return self


class Own(Form):
    """One file of a city's own folder: entries for a parameter that is declared."""

    entry: tuple[Entry, ...] = Field(min_length=1)


class Applied(NamedTuple):
    """A value as a rule uses it, and where it comes from."""

    value: Any
    since: date
    region: str
    source: str

    def as_json(self) -> dict[str, Any]:
        value = json.loads(json.dumps(self.value, default=str))  # dates as text, also inside tables
        return {"value": value, "from": self.since.isoformat(), "region": self.region, "source": self.source}


def read_parameter(source: str, file: Path | str) -> Parameter:
    return read_form(Parameter, source, file, name=Path(file).stem)


def read_parameters(own: Path | None = None, folder: Path = FOLDER) -> dict[str, Parameter]:
    """Every parameter by its name, with the city's ``own`` entries, where that folder is there."""
    declared = {file.stem: read_parameter(file.read_text("utf-8"), file) for file in sorted(folder.glob("*.toml"))}
    for file in sorted(own.glob("*.toml")) if own else ():
        if file.stem not in declared:
            near = get_close_matches(file.stem, declared, n=1)
            hint = f"did you mean '{near[0]}'?" if near else f"known: {', '.join(declared)}"
            raise DeclarationError("DECLARATION_INVALID", f"{file}: no parameter is called '{file.stem}'", hint=hint)
        declared[file.stem] = _joined(declared[file.stem], read_form(Own, file.read_text("utf-8"), file), file)
    return declared


def city_parameters() -> dict[str, Parameter]:
    """The declared parameters with the values that the city of this hub sets for itself (``HUB_PARAMETERS``)."""
    return read_parameters(settings().parameters_path)


def _joined(parameter: Parameter, own: Own, file: Path) -> Parameter:
    """The parameter with the entries of both; DeclarationError where those of a region do not follow each other."""
    entries = sorted((*parameter.entry, *own.entry), key=lambda one: (one.region, one.since))
    said = parameter.model_dump(exclude={"entry"})
    return form_of(Parameter, said, file, entry=[one.model_dump(by_alias=True) for one in entries])


def applied(parameter: Parameter, region: str, on: date) -> Applied | None:
    """The value on a day: the region's own where it has one for that day, else that of the nearest it lies in."""
    for place in (region, *region_parents(region), COUNTRY):
        current = [one for one in parameter.entry if one.region == place and one.since <= on < one.until]
        if current:
            last = current[-1]
            return Applied(last.value, last.since, last.region, last.source)
    return None
