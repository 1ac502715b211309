"""Parameters: values of law and policy, each dated, for a region, and with its source.

In charge of ``parameters/*.toml`` and of which entry applies. Refuses a file whose dates are not in order, or whose
value has no source. Touches no database. There is no default: where no entry applies, a rule is not judged.
"""

import json
from datetime import date
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import Field, field_validator, model_validator

from hub.declaration import Form, read_form
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


def read_parameters(folder: Path = FOLDER) -> dict[str, Parameter]:
    """Every parameter by its name."""
    return {file.stem: read_parameter(file.read_text(), file) for file in sorted(folder.glob("*.toml"))}


def applied(parameter: Parameter, region: str, on: date) -> Applied | None:
    """The value on a day: the region's own where it has one for that day, else that of the nearest it lies in."""
    for place in (region, *region_parents(region), COUNTRY):
        current = [one for one in parameter.entry if one.region == place and one.since <= on < one.until]
        if current:
            last = current[-1]
            return Applied(last.value, last.since, last.region, last.source)
    return None
