"""Quotas: how many different persons a client was shown under a grant, in a day, a month or a year.

In charge of two tables (``quota_window``, ``quota_person``), through asyncpg as the writer; opens no transaction.
A person counts once a window, whoever asks again and however many processes of the hub there are.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any, Literal
from uuid import UUID

Asking = tuple[str, str, int, date, set[UUID]]
"""(scope, client id, limit, first day of the window, keys of the persons to be shown)."""

_WINDOWS = "unnest($1::text[], $2::text[], $3::date[]) with ordinality as w (scope, client_id, starts_on, n)"
_PERSONS = "unnest($4::bigint[], $5::uuid[]) as p (n, person_key)"

# Each person is looked up by the whole key: joined, a window that has no statistics yet would be read from end to end.
_SHOWN = """lateral (
    select true as before from quota_person counted
    where (counted.scope, counted.client_id, counted.starts_on, counted.person_key)
        = (w.scope, w.client_id, w.starts_on, p.person_key)
    limit 1
) as shown"""

# Locks the windows in which somebody would be shown for the first time, always in the same order; the others need none,
# because who was counted stays counted. The row is written although nothing changes: that both makes and locks it.
_LOCK = f"""
insert into quota_window as held (scope, client_id, starts_on, used)
select scope, client_id, starts_on, 0 from {_WINDOWS}
where exists (select from {_PERSONS} left join {_SHOWN} on true where p.n = w.n and shown.before is null)
order by scope, client_id, starts_on
on conflict (scope, client_id, starts_on) do update set used = held.used
returning scope, client_id, starts_on, used
"""

_COUNTED = f"""
select p.n, p.person_key from {_WINDOWS} join {_PERSONS} using (n) cross join {_SHOWN}
"""

_COUNT = f"""
with added as (
    insert into quota_person (scope, client_id, starts_on, person_key)
    select scope, client_id, starts_on, person_key from {_WINDOWS} join {_PERSONS} using (n)
    on conflict (scope, client_id, starts_on, person_key) do nothing
    returning scope, client_id, starts_on
), counted as (
    select scope, client_id, starts_on, count(*) as persons from added group by scope, client_id, starts_on
)
update quota_window set used = used + counted.persons from counted
where (quota_window.scope, quota_window.client_id, quota_window.starts_on)
    = (counted.scope, counted.client_id, counted.starts_on)
"""


async def admit(connection: Any, asked: Sequence[Asking]) -> list[bool]:
    """Whether each may be answered, judged in order; the persons of those admitted are counted.

    Runs inside the caller's transaction (read committed), and holds the windows' locks until that ends: a count becomes
    true together with the event that shows the persons. One statement where everybody was shown before, else three.
    """
    windows = list(dict.fromkeys((scope, client_id, starts_on) for scope, client_id, _, starts_on, _ in asked))
    number = {window: n for n, window in enumerate(windows, 1)}
    persons = {(number[scope, client_id, start], key) for scope, client_id, _, start, keys in asked for key in keys}
    if not persons:
        return [True] * len(asked)
    locked = await connection.fetch(_LOCK, *_columns(windows), *_columns(list(persons), 2))
    used = {number[row["scope"], row["client_id"], row["starts_on"]]: row["used"] for row in locked}
    if not used:
        return [True] * len(asked)
    # A new statement, so that it sees what the holders of the locks before us have counted.
    counted = {
        (row["n"], row["person_key"])
        for row in await connection.fetch(_COUNTED, *_columns(windows), *_columns(list(persons), 2))
    }
    admitted, new = [], set()
    for scope, client_id, limit, starts_on, keys in asked:
        n = number[scope, client_id, starts_on]
        first = {(n, key) for key in keys} - counted if n in used else set()
        admitted.append(not first or used[n] + len(first) <= limit)
        if first and admitted[-1]:
            used[n] += len(first)
            counted |= first
            new |= first
    if new:
        await connection.execute(_COUNT, *_columns(windows), *_columns(list(new), 2))
    return admitted


async def remaining(connection: Any, scope: str, client_id: str, limit: int, starts_on: date) -> int:
    """How many more persons the client may be shown in the window."""
    used = await connection.fetchval(
        "select used from quota_window where (scope, client_id, starts_on) = ($1, $2, $3)", scope, client_id, starts_on
    )
    return max(0, limit - (used or 0))


async def forget(connection: Any, today: date) -> None:
    """Drop who was shown in windows that can no longer be open; how many they were stays."""
    await connection.execute("delete from quota_person where starts_on < $1", window_start("year", today))


def window_start(per: Literal["day", "month", "year"], today: date) -> date:
    """The first day of the window that `today` (in China) lies in."""
    if per == "day":
        return today
    return today.replace(day=1) if per == "month" else today.replace(month=1, day=1)


def _columns(rows: Sequence[tuple[Any, ...]], width: int = 3) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(width)]
