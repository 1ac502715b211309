"""The trace: duty ↔ rule ↔ parameters ↔ examples ↔ deliveries.

In charge of ``duties.toml``, which lists what the policies ask, and of which rule answers each. Refuses a duty twice, a
rule whose id no duty declares, and one that a rule answers though it says that none does. Touches no database.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import Field, model_validator

from hub.checks.rule import Rule
from hub.declaration import Form, read_form
from hub.errors import DeclarationError

FILE: Final = Path(__file__).with_name("duties.toml")
#: Between these the page stands in the README.
BEGIN: Final = "<!-- hub trace --write: begin -->"
END: Final = "<!-- hub trace --write: end -->"


class Duty(Form):
    """What a policy asks. ``instead``: the file or package that answers it where no rule does, and ``reason`` why."""

    id: str = Field(pattern=r"^[A-Z]\d\d$")
    title: str = Field(pattern=r"\(.*[\u4e00-\u9fff].*\)$")
    says: str = Field(min_length=8)
    clauses: tuple[str, ...] = Field(min_length=1)
    instead: str = ""
    reason: str = ""

    @model_validator(mode="after")
    def _says_both(self) -> "Duty":
        if bool(self.instead) != bool(self.reason):
            raise ValueError(f"{self.id}: 'instead' and 'reason' go together")
        return self


class _Duties(Form):
    duty: tuple[Duty, ...]


@dataclass(frozen=True, slots=True)
class Traced:
    """A duty, and a rule that answers it under this ``id``; None where none does.

    A duty that asks the same of several lists has a rule for each: U16 is U16A, U16B, U16C.
    """

    id: str
    duty: Duty
    rule: Rule | None

    @property
    def answered(self) -> bool:
        return self.rule is not None or bool(self.duty.instead)

    @property
    def examples(self) -> dict[str, int]:
        """How many examples find somebody, find nobody, and cannot decide."""
        counts: Counter[str] = Counter({"found": 0, "near_miss": 0, "unknown": 0})
        for example in self.rule.example if self.rule else ():
            counts["unknown" if example.unknown else "found" if example.finds else "near_miss"] += 1
        return dict(counts)

    def as_json(self) -> dict[str, Any]:
        """The whole of it, without the texts that stand in the rule's file."""
        said: dict[str, Any] = self.duty.model_dump(exclude_defaults=True) | {"id": self.id}
        if self.rule:
            said["rule"] = {
                "name": self.rule.name, "title": self.rule.title, "digest": self.rule.digest,
                "severity": self.rule.severity, "basis": self.rule.basis, "needs": self.rule.needs,
                "consults": self.rule.consults, "parameters": self.rule.parameters, "examples": self.examples,
            }  # fmt: skip
        return said


def read_duties(file: Path = FILE) -> tuple[Duty, ...]:
    """Every duty, in the order of the file."""
    duties = read_form(_Duties, file.read_text("utf-8"), file).duty
    twice = [one for one, times in Counter(duty.id for duty in duties).items() if times > 1]
    if twice:
        raise DeclarationError("DECLARATION_INVALID", f"{file.name} has duties twice", ", ".join(twice))
    return duties


def trace(duties: Iterable[Duty], rules: Iterable[Rule]) -> tuple[Traced, ...]:
    """Each duty with its rule, once for each where it has several."""
    by_id = {one: rule for rule in rules for one in rule.ids}
    found: list[Traced] = []
    for duty in duties:
        ids = sorted(one for one in by_id if one[:3] == duty.id)
        found += [Traced(one, duty, by_id.pop(one)) for one in ids] or [Traced(duty.id, duty, None)]
    traced = tuple(found)
    if by_id:
        said = ", ".join(f"{one} of {rule.name}" for one, rule in sorted(by_id.items()))
        raise DeclarationError(
            "DECLARATION_INVALID", f"{FILE.name} declares no such duty", said, "Add a [[duty]] to it."
        )
    both = [one.id for one in traced if one.rule and one.duty.instead]
    if both:
        raise DeclarationError(
            "DECLARATION_INVALID", f"{FILE.name} says that no rule answers {', '.join(both)}, and one does"
        )
    return traced


def page(traced: Sequence[Traced]) -> str:
    """The trace as a table in Markdown, for the README beside the rules."""
    return "\n".join([BEGIN, *_lines(traced), END])


def written(text: str, traced: Sequence[Traced]) -> str:
    """The README's text with the page between its marks."""
    before, _, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        raise DeclarationError(
            "DECLARATION_INVALID", "The page has no place", f"the lines {BEGIN} and {END} are missing"
        )
    return before + page(traced) + after


def _lines(traced: Sequence[Traced]) -> Iterator[str]:
    yield "| duty | asks | clauses | answered by | examples: found, near miss, unknown | parameters | needs |"
    yield "|---|---|---|---|---|---|---|"
    for one in traced:
        duty, rule = one.duty, one.rule
        cells = [one.id, f"{duty.title}: {duty.says}", "; ".join(duty.clauses)]
        if rule:
            cells += [f"[{rule.name}](rules/{rule.file}.sql)", " · ".join(map(str, one.examples.values()))]
            cells += [_listed(rule.parameters), _listed(rule.needs)]
        else:
            cells += [f"`{duty.instead}`: {duty.reason}" if duty.instead else "nothing yet", "", "", ""]
        yield f"| {' | '.join(cells)} |"


def _listed(names: Iterable[str]) -> str:
    return " ".join(f"`{name}`" for name in names)
