"""What the batches since a rule's last run can have changed: whom to judge again, by the facts of which persons.

In charge of ``Scope``. A rule speaks of a subject by the facts about it: of a person by the person's own and those of
registers of employers, of an employer by those that name it and all of its staff's. So a changed fact touches the
person and the employers it names, the employers of that person, and the staff of an employer whose register changed.
Where more than the facts can have changed (the day, a parameter, a rule, a view), where most are touched, or where a
rule says that it looks farther (``whole``), all are judged. Reads in the reader's snapshot; keeps nothing.
"""

import hashlib
import re
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, Final, TypeVar
from uuid import UUID

import sqlalchemy as sa

from hub.checks.context import PERSONAL, Context
from hub.checks.example import FACTS
from hub.checks.judge import Basis
from hub.checks.rule import Rule
from hub.store import NO_EMPLOYER, views
from hub.store.finding import check_run

#: Share of all persons from which on gathering their facts is not worth it, and how many are always few.
MOST: Final = 0.3
FEW: Final = 100
#: Findings of whom nothing changed, judged again with the others: they must be found as they stand.
CONTROLS: Final = 2

#: What is no fact and changes without a trace: a rule that reads it is always judged whole.
_OTHERS: Final = frozenset({"batch", "rejected_row", "employer_alias", "employment_month"})
_EMPLOYERS: Final = ("employer_key", "contractor_key")
_PERSONS: Final = ("person_key", "legal_representative_key")
_NOBODY: Final = frozenset({UUID(NO_EMPLOYER)})
_UNCHANGED: Final = "nothing it reads has changed"

Keys = frozenset[UUID]
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Scope:
    """Whom a run judges: all, ``because`` of something, or these ``subjects`` alone.

    ``controls``: those of them of whom nothing changed.
    """

    because: str = ""
    subjects: Keys | None = None
    controls: Keys = frozenset()


def tables_read(sql: str) -> frozenset[str]:
    """The tables of facts that a rule's SQL names, itself or by a view."""
    return names_read(sql) & frozenset(FACTS)


@cache
def names_read(sql: str) -> frozenset[str]:
    """The words of a rule's SQL, and of the views and functions among them."""
    named, waiting = set[str](), {*re.findall(r"\w+", sql)}
    while waiting:
        named |= waiting
        waiting = {word for one in waiting for word in _shared().get(one, ())} - named
    return frozenset(named)


@cache
def _shared() -> Mapping[str, frozenset[str]]:
    """The shared views and functions, and the words each is made of."""
    text = views.SHARED.read_text("utf-8")
    made = re.findall(r"^create (?:view|function) (\w+)(.*?)^comment on", text, re.MULTILINE | re.DOTALL)
    return {name: frozenset(re.findall(r"\w+", body)) for name, body in made}


def statement(basis: Basis[Rule]) -> str:
    """What tells whether anything but facts has changed: the rule, its SQL with values in place, the shared views."""
    text = "\n".join([basis.rule.digest, basis.sql, views.SHARED.read_text("utf-8")])
    return hashlib.sha256(text.encode()).hexdigest()


def looks_farther(rule: Rule) -> str:
    """Why a rule cannot be judged by the facts of those touched; empty where it can."""
    if rule.whole:
        return rule.whole
    projects = rule.subject == "project" or tables_read(rule.sql) & {"project", "project_worker", "project_insurance"}
    return "it speaks of projects" if projects else ""


@dataclass(slots=True)
class Touched:
    """What changed between the runs of a check's rules before and now: found once, for all of them.

    ``reads``: the tables that any of them reads; ``misses``: the deliveries of which any misses rows; ``among``: those
    that name the employers of whom alone all of them speak; empty where any speaks of others.
    """

    context: Context
    rules: tuple[str, ...]
    reads: frozenset[str]
    misses: frozenset[str]
    among: frozenset[str]
    _found: dict[Any, Any] = field(default_factory=dict)

    @classmethod
    def by(cls, rules: Iterable[Rule], context: Context) -> "Touched":
        near = [rule for rule in rules if not looks_farther(rule)]
        reads = frozenset[str]().union(*(tables_read(rule.sql) for rule in near))
        misses = frozenset[str]().union(*(rule.misses for rule in near))
        about = [rule.among for rule in near if rule.subject == "employer"]
        among = frozenset[str]().union(*about) if all(about) else frozenset[str]()
        return cls(context, tuple(rule.name for rule in near), reads, misses, among)

    def scope(self, basis: Basis[Rule]) -> Scope:
        """Whom to judge again in this snapshot; plain table names then lead to the facts of these."""
        rule, session = basis.rule, self.context.session
        last = session.execute(
            sa.select(check_run).where(check_run.c.rule == rule.name).order_by(check_run.c.id.desc()).limit(1)
        ).one_or_none()
        if last is None or last.verdict != "judged":
            return Scope("it was not judged before")
        if last.statement != statement(basis) or last.today != basis.today:
            return Scope("the day, a parameter, a month or the rule itself is another")
        if others := _OTHERS & set(re.findall(r"\w+", rule.sql)):
            return Scope(f"it reads {', '.join(sorted(others))}")
        span = _Span(self, last.known_at, basis.known_at)
        reads = tables_read(rule.sql)
        changed = frozenset(table for table in reads if span.changed(table))
        if not changed and not span.doubted(rule.misses):
            return Scope(_UNCHANGED, frozenset())
        if farther := looks_farther(rule):
            return Scope(farther)
        if rule.subject == "person":
            subjects, persons = span.persons(registers=bool(changed - PERSONAL))
        else:
            subjects, persons = span.employers(self.among)
            if rule.among:
                subjects &= span.told(rule.among)
        if not subjects:
            return Scope("nobody it speaks of is touched", frozenset())
        if len(persons) > FEW + MOST * self._persons():
            return Scope("most are touched")
        controls = span.controls().get(rule.name, frozenset()) - subjects
        self.context.gather(names_read(rule.sql), persons, basis.known_at)
        return Scope("", subjects | controls, controls)

    def _persons(self) -> int:
        ((count,),) = self.rows("select count(*) from facts_now.person")
        return int(count)

    def once(self, what: Hashable, find: Callable[[], R]) -> R:
        """What is found, found once."""
        if what not in self._found:
            self._found[what] = find()
        found: R = self._found[what]
        return found

    def rows(self, statement: str, *values: tuple[str, Any]) -> Any:
        """The rows of a statement with its values, asked once."""
        asked = {name: list(value) if isinstance(value, frozenset) else value for name, value in values}
        return self.once((statement, values), lambda: self.context.session.execute(sa.text(statement), asked).all())


# Whether a rejected row is a doubt changes only with a batch of its delivery: see _DOUBTED in `hub.checks.findings`.
_DOUBTS: Final = """
select distinct s.subject from rejected_row r
join batch b on b.id = r.batch_id
join delivery l on l.id = b.delivery_id and l.name = any(:misses)
cross join lateral unnest(r.subjects) as s (subject)
where exists (select from batch n where n.delivery_id = l.id and n.status = 'loaded' and n.sealed_at > :since)
"""
_CONTROLS: Final = """
select rule, subject_key
from (select rule, subject_key, row_number() over (partition by rule order by id) as place
      from finding where state = 'open' and rule = any(:rules)) as open
where place <= :controls
"""


@dataclass(frozen=True, slots=True)
class _Span:
    """What changed between two instants."""

    all: Touched
    since: datetime
    until: datetime

    def changed(self, table: str) -> Mapping[str, Keys]:
        """Column → the keys that changed rows of the table name in it; empty where none changed."""
        names = [one.name for one in FACTS[table].c if one.name in {*_PERSONS, *_EMPLOYERS}]
        collected = "".join(f", array_agg(distinct {name}) filter (where {name} is not null)" for name in names)
        ((count, *keys),) = self._rows(
            f"select count(*){collected} from public.{table}"
            " where known_from > :since and known_from <= :until or known_until > :since and known_until <= :until",
        )
        return {"": _NOBODY} | {n: frozenset(said or ()) for n, said in zip(names, keys, strict=True)} if count else {}

    def doubted(self, misses: Iterable[str]) -> Keys:
        """Of whom a rejected row may say what is missed, or did so before."""
        rows = self.all.rows(_DOUBTS, ("misses", frozenset(misses)), ("since", self.since)) if misses else ()
        return frozenset(row[0] for row in rows)

    def controls(self) -> dict[str, Keys]:
        """Rule → open findings' subjects."""
        rows = self.all.rows(_CONTROLS, ("rules", frozenset(self.all.rules)), ("controls", CONTROLS))
        return {rule: frozenset(key for one, key in rows if one == rule) for rule in self.all.rules}

    def named(self, columns: Iterable[str], tables: Iterable[str]) -> Keys:
        """The keys that changed rows of these tables name in these columns, and those that are in doubt."""
        changed = [self.changed(table).get(column, frozenset()) for table in tables for column in columns]
        return self.doubted(self.all.misses).union(*changed) - _NOBODY

    def persons(self, *, registers: bool) -> tuple[Keys, Keys]:
        """Persons to judge again, with those of employers whose register changed; and by whose facts."""
        subjects = self.named(_PERSONS, self.all.reads)
        if registers and (employers := self.named(_EMPLOYERS, self.all.reads - PERSONAL)):
            subjects |= self._staff(employers)
        return subjects, subjects.union(*self.controls().values())

    def employers(self, among: frozenset[str]) -> tuple[Keys, Keys]:
        """Employers to judge again, of those that ``among`` names if it does; and by whose facts: their staff's."""
        return self.all.once((self.since, self.until, among), lambda: self._employers(among))

    def _employers(self, among: frozenset[str]) -> tuple[Keys, Keys]:
        persons = self.named(_PERSONS, self.all.reads)
        subjects = self.named(_EMPLOYERS, self.all.reads)
        subjects |= self._linked("person_key", "employer_key", persons)
        subjects |= self._through("employer", "legal_representative_key", "employer_key", persons)
        if among:
            subjects &= self.told(among)
        return subjects, self._staff(subjects.union(*self.controls().values()))

    def told(self, deliveries: Iterable[str]) -> Keys:
        """The employers that these deliveries name, before or after."""
        names = ("names", frozenset(deliveries))
        rows = self.all.rows("select id, target from delivery where name = any(:names)", names)
        return frozenset(
            key
            for number, target in rows
            for (key,) in self._rows(
                f"select distinct employer_key from public.{target}"
                f" where delivery_id = {number} and known_until > :since and known_from <= :until"
            )
        )

    def _staff(self, employers: Keys) -> Keys:
        """Whom any table names with these employers, and who leads them."""
        leading = self._through("employer", "employer_key", "legal_representative_key", employers)
        return leading | self._linked("employer_key", "person_key", employers)

    def _linked(self, by: str, to: str, keys: Keys) -> Keys:
        """Through every table that names both."""
        tables = sorted(table for table in self.all.reads if {by, to} <= set(FACTS[table].c.keys()))
        return frozenset().union(*(self._through(table, by, to, keys) for table in tables))

    def _through(self, table: str, by: str, to: str, keys: Keys) -> Keys:
        """The values of column ``to`` in rows of the table, current before or after, that name any of the keys."""
        rows = self._rows(
            f"select distinct {to} from public.{table} where {by} = any(cast(:keys as uuid[]))"
            f" and known_until > :since and known_from <= :until and {to} is not null",
            ("keys", keys),
        )
        return frozenset(row[0] for row in rows) - _NOBODY

    def _rows(self, statement: str, *values: tuple[str, Any]) -> Any:
        return self.all.rows(statement, ("since", self.since), ("until", self.until), *values)
