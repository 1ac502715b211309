"""A decision and a grant in sentences, and a grant's examples put to the test. Pure."""

from collections.abc import Iterator
from datetime import date
from itertools import groupby

from .client import Client
from .decide import Asked, Decision, asked_for, decide
from .grant import Example, Grant
from .masks import MASKS
from .rows import Predicate


def explain(decision: Decision) -> list[str]:
    """What was decided and why, a sentence each."""
    under = f"{decision.grant} (version {decision.digest[:12]})"
    if not decision.allowed:
        count = len(decision.reasons)
        many = f"{count} reason{'' if count == 1 else 's'}"
        return [f"Refused under {under}, for {many}.", *(one.message for one in decision.reasons)]
    return [f"Allowed under {under}.", *_changes(decision), *_masks(decision), *_rows(decision), *_quota(decision)]


def describe_masks() -> list[tuple[str, str, str]]:
    """Each mask: its name, what it shows, the kinds of field it suits."""
    return [(mask.name, mask.shows, ", ".join(sorted(mask.kinds))) for mask in MASKS.values()]


def failing_examples(grant: Grant) -> list[str]:
    """What is wrong with the grant's examples, a sentence each; none where the grant does what it says it does."""
    problems = [
        f"{grant.name}: no example that {outcome}"
        for outcome, found in (
            ("answers", any(one.answers is not None for one in grant.examples)),
            ("is refused", any(one.refused is not None for one in grant.examples)),
        )
        if not found
    ]
    for example in grant.examples:
        if example.asks:
            decision = decide_example(grant, example, asked_for(example.asks))
            problems += [f"{grant.name}: {example.why}: {problem}" for problem in example_problems(example, decision)]
    return problems


def decide_example(grant: Grant, example: Example, asked: Asked) -> Decision:
    """The decision of an example, asked by a client that holds the grant."""
    attributes = {key: value if isinstance(value, str) else list(value) for key, value in example.client.items()}
    department = grant.name.partition("/")[0]
    client = Client("example", "example", department, attributes, (grant.name,))
    return decide(grant, client, asked, example.today or grant.expires)


def example_problems(example: Example, decision: Decision) -> Iterator[str]:
    """How the decision is not the one that the example tells."""
    if example.refused is not None:
        if decision.allowed:
            yield "it is answered"
        elif not any(example.refused in f"{one.code} {one.message}" for one in decision.reasons):
            yield "it is refused for another reason: " + " ".join(one.message for one in decision.reasons)
        return
    if not decision.allowed:
        yield "it is refused: " + " ".join(one.message for one in decision.reasons)
        return
    for coordinate, shown in (example.answers or {}).items():
        name, _, field = coordinate.partition(".")
        actual = decision.masks.get((name, field), "clear")
        if actual != shown:
            yield f"{coordinate} is shown as {actual}, not as {shown}"


def _changes(decision: Decision) -> Iterator[str]:
    if decision.mutations:
        yield f"It changes something, through {', '.join(sorted(decision.mutations))}: no row but those below."


def _masks(decision: Decision) -> Iterator[str]:
    for (name, field), mask in sorted(decision.masks.items()):
        yield f"{name}.{field} is masked ({mask}): it is shown as {MASKS[mask].shows}."


def _rows(decision: Decision) -> Iterator[str]:
    described = [(" and ".join(map(_condition, rows)) or "none", name) for name, rows in sorted(decision.rows.items())]
    for condition, types in groupby(sorted(described), key=lambda one: one[0]):
        yield f"Rows of {', '.join(name for _, name in types)}: {condition}."


def _condition(one: Predicate) -> str:
    values = " or ".join(one.values if one.op in {"under", "listed_in"} else map(_written, one.values))
    return {
        "in": f"{one.column} is {values}",
        "equals": f"{one.column} is {values}",
        "under": f"{one.column} lies under {values}",
        "since": f"{one.column} is {values} or later",
        "listed_in": f"listed in {values}",
        "everyone": "all",
        "reached": "those linked from a row that is allowed",
    }[one.op]


def _quota(decision: Decision) -> Iterator[str]:
    if decision.quota is not None:
        yield f"At most {decision.quota.persons:,} different persons a {decision.quota.per}."


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else str(value)
