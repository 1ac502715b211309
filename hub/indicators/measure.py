"""The form of a measure: one SQL file whose leading comment is TOML, in the manner of a rule's.

In charge of reading ``measures/*.sql``. Refuses unknown keys, unnamed and unused parameters, unknown insurances,
unknown tables and columns in examples. Touches no database.

The SQL is one SELECT over plain table names, with the variables of a rule (``hub/checks/README.md``): ``:period`` is
the month measured, ``:data_until`` the first day after it. It gives one row a division and insurance:

    area           the reporting area, or the park; null where nobody tells
    insurance      where the measure is told by insurance
    numerator      a count, or yuan
    denominator    where the measure is a share or an average
    contributors   where the numerator is yuan alone: whose it is, counted
"""

from pathlib import Path
from typing import Any, Final, Literal, Self

from pydantic import model_validator

from hub.checks.example import World, populated
from hub.checks.rule import Question, read_question
from hub.declaration import Form
from hub.terms import Insurance

FOLDER: Final = Path(__file__).parent / "measures"
#: What is somebody's: counts of them are hidden where they are small. Whether an employer is enrolled is no secret.
SOMEBODY: Final = frozenset({"persons", "findings"})


class Counted(Form):
    """What stands above or below the line: its meaning, and what is counted."""

    zh: str
    counts: Literal["persons", "employers", "findings", "projects", "yuan"]


class Given(Form):
    """A cell that the measure gives of an example's world."""

    area: str = ""
    insurance: str = ""
    numerator: float
    denominator: float | None = None
    contributors: int | None = None


class _Measured(World):
    """What a measure gives of the world: these cells and no others."""

    gives: tuple[Given, ...]


Example = populated(_Measured)


class Measure(Question):
    """One measure file."""

    unit: Literal["%", "人", "元", "元/年"]
    numerator: Counted
    denominator: Counted | None = None
    #: Empty text: over all insurances, or of none.
    insurances: tuple[str, ...] = ("",)
    #: By what the city is divided: its reporting areas, which add up to the whole, or its parks, which do not.
    division: Literal["area", "park"] = "area"
    #: It grows from January on, so that a target is due in step with the year.
    accumulates: bool = False
    #: Measures that count the same people hide the same areas; its own name where it says none.
    group: str = ""
    example: tuple[Any, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _examples(cls, said: Any) -> Any:
        return {**said, "example": tuple(Example.model_validate(one) for one in said.get("example", ()))}

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if strange := set(self.insurances) - {*Insurance, ""}:
            raise ValueError(f"'insurances': no insurance is called {', '.join(sorted(strange))}")
        if (self.unit in {"%", "元/年"}) != (self.denominator is not None):
            raise ValueError("a share or an average has a denominator, a count has none")
        if self.needs and not self.example:
            raise ValueError("at least one example says what it gives")
        return self

    @property
    def title_zh(self) -> str:
        return self.title.rpartition("(")[2].rstrip(")")

    @property
    def hides_with(self) -> str:
        return self.group or self.name


def read_measure(source: str, file: Path | str) -> Measure:
    """The measure of one file's text; its name is the file's."""
    return read_question(Measure, source, file)


def read_measures(folder: Path = FOLDER) -> dict[str, Measure]:
    """Every measure by its name."""
    return {file.stem: read_measure(file.read_text("utf-8"), file) for file in sorted(folder.glob("*.sql"))}
