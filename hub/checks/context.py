"""The facts of those touched, as temporary tables of the reader's session, under the names that rules read.

In charge of ``Context``: what a few subjects are judged by is gathered once for all rules of a check, so that each
costs what they cost and not what a city costs. Registers of employers and projects are read whole, where they are.
Refuses nothing.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from hub.checks.example import FACTS
from hub.store import views

#: Tables of facts about persons.
PERSONAL: Final = frozenset(name for name, table in FACTS.items() if table.info["place"] == ("hash", "person_key"))
#: Where plain table names lead while those touched are judged.
PATH: Final = "pg_temp, facts_now, public"

_SHARED: Final = views.SHARED.read_text("utf-8")
#: Name → SELECT.
_VIEWS: Final = dict(re.findall(r"^create view (\w+) as\n(.*?);\ncomment", _SHARED, re.MULTILINE | re.DOTALL))
#: Views that many rules ask for the same rows: of those touched these are found once.
_KEPT: Final = frozenset({"accounted_for"})
#: Functions that read tables, by name: a temporary one is found by its schema alone.
_FUNCTIONS: Final = {
    name: made
    for made, name in re.findall(r"^create function ((\w+)\(.*?);\ncomment", _SHARED, re.MULTILINE | re.DOTALL)
    if "\nbegin atomic\n" in made
}


@dataclass(slots=True)
class Context:
    """What is gathered in this session: of whom, as known when, in which tables."""

    session: sa.Connection
    of: tuple[frozenset[UUID], datetime] | None = None
    _gathered: set[str] = field(default_factory=set)

    @classmethod
    def prepared(cls, session: sa.Connection) -> "Context":
        """Tables and views, empty; outside any transaction of the session, which serves nobody else afterwards."""
        session.detach()
        with session.begin():
            session.execute(sa.text("set transaction read write; set temp_buffers = '128MB'"))
            for name in sorted(PERSONAL):
                session.execute(sa.text(f"create temporary table {name} (like public.{name})"))
            session.execute(sa.text(f"set local search_path = {PATH}"))
            made = [
                f"create temporary table {name} as\n{select}\nwith no data;"
                if name in _KEPT
                else f"create temporary view {name} as\n{select};"
                for name, select in _VIEWS.items()
            ]
            made += [f"create function pg_temp.{one};" for one in _FUNCTIONS.values()]
            session.exec_driver_sql("\n".join(made))
        return cls(session)

    def gather(self, names: Iterable[str], persons: frozenset[UUID], known_at: datetime) -> None:
        """Have all that was known of the persons at an instant; plain names lead to it from now on.

        ``names``: the tables and views that are asked for, with those that these are made of.
        """
        if self.of != (persons, known_at):
            for name in sorted(self._gathered):
                self.session.execute(sa.text(f"delete from pg_temp.{name}"))
            self.of, self._gathered = (persons, known_at), set()
        self.session.execute(sa.text("set local default_statistics_target = 10"))  # how many rows is what matters
        new = {*names} - self._gathered
        for name in sorted(PERSONAL & new):
            self._fill(
                name,
                f"select * from public.{name} where person_key = any(cast(:persons as uuid[]))"
                " and known_from <= :known_at and known_until > :known_at",
                persons=list(persons),
                known_at=known_at,
            )
        self.session.execute(sa.text(f"set local search_path = {PATH}"))
        for name in sorted(_KEPT & new):
            self._fill(name, _VIEWS[name])

    def _fill(self, name: str, select: str, **values: Any) -> None:
        self.session.execute(sa.text(f"insert into pg_temp.{name} {select}"), values)
        self.session.execute(sa.text(f"analyze pg_temp.{name}"))
        self._gathered.add(name)

    @staticmethod
    def within(sql: str) -> str:
        """SQL whose shared functions ask those gathered, and not everybody."""
        return re.sub(rf"\b({'|'.join(_FUNCTIONS)})\(", r"pg_temp.\1(", sql)
