"""`hub trace`: what the policies ask, what answers it, and what is open of it now."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from sqlalchemy import text

from hub import checks
from hub.checks import duty as duties
from hub.errors import CheckError
from hub.store import database_exists

from . import parts
from .console import out, table

_OPEN = text("select rule, state, count(*) from finding where state <> 'cleared' group by rule, state")


def trace(
    duty: Annotated[str | None, typer.Option(help="One of them in detail, by its id: U04.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    write: Annotated[bool, typer.Option("--write", help="Write the page into hub/checks/README.md.")] = False,
) -> None:
    """Every duty of the policies: its clauses, the rule that answers it, parameters, examples, deliveries, findings."""
    traced = duties.trace(duties.read_duties(), checks.read_rules())
    if write:
        readme = Path(duties.__file__).with_name("README.md")
        readme.write_text(duties.written(readme.read_text("utf-8"), traced), "utf-8")
        out.print(f"Written to {readme}.")
        return
    if duty:
        traced = tuple(one for one in traced if duty.upper() in {one.id, one.duty.id})
        if not traced:
            raise CheckError("CHECK_UNKNOWN_DUTY", f"no duty is called '{duty}'", hint="Every one: hub trace")
    found = _findings()
    if as_json:
        said = [one.as_json() | ({"findings": _of(one, found)} if found is not None else {}) for one in traced]
        typer.echo(orjson.dumps(said, option=orjson.OPT_INDENT_2).decode())
    elif duty:
        for one in traced:
            _detail(one, found)
    else:
        columns = ["duty", "asks", "answered by", "severity", "parameters", "examples", "needs", "open", "unknown"]
        table("Duties", columns, [_row(one, found) for one in traced])


def _findings() -> Mapping[str, Mapping[str, int]] | None:
    """Rule → state → findings; None where there is no database."""
    if not database_exists():
        return None
    counts: dict[str, dict[str, int]] = {}
    with parts.reader().connect() as connection:
        for rule, state, number in connection.execute(_OPEN):
            counts.setdefault(rule, {})[state] = number
    return counts


def _of(one: duties.Traced, found: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    here = found.get(one.rule.name, {}) if one.rule else {}
    return {"open": here.get("open", 0), "unknown": here.get("unknown", 0)}


def _row(one: duties.Traced, found: Mapping[str, Mapping[str, int]] | None) -> list[Any]:
    rule = one.rule
    counts = [None, None] if found is None or rule is None else list(_of(one, found).values())
    answered = [rule.name, rule.severity] if rule else [one.duty.instead or "nothing yet", ""]
    has = [len(rule.parameters), len(rule.example), len(rule.needs)] if rule else [None, None, None]
    return [one.id, one.duty.title, *answered, *has, *counts]


def _detail(one: duties.Traced, found: Mapping[str, Mapping[str, int]] | None) -> None:
    rule, said = one.rule, one.duty
    lines = [f"{one.id} {said.title}", f"  {said.says}", "Clauses", *(f"  {clause}" for clause in said.clauses)]
    if rule:
        lines += [f"Rule {rule.name} ({rule.severity}, {rule.subject}): {rule.title}"]
        lines += [f"  rests on {clause}" for clause in rule.basis]
        lines += [f"  {rule.explanation.zh.strip()}", "Deliveries", *(f"  {name}" for name in rule.needs)]
        lines += [f"  {name} (consulted)" for name in rule.consults]
        known = checks.city_parameters()
        lines += ["Parameters", *(f"  {name}: {known[name].title}" for name in rule.parameters)]
        lines += ["Examples", *(f"  {example.why}" for example in rule.example)]
        if found is not None:
            lines.append("Findings: " + ", ".join(f"{number:,} {state}" for state, number in _of(one, found).items()))
    else:
        lines.append(f"Answered by {said.instead}: {said.reason}" if said.instead else "Nothing answers it yet.")
    out.print("\n".join(lines), markup=False)
