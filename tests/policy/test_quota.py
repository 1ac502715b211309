"""Quotas: distinct persons a window, in order, and right however many processes count at once."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg  # type: ignore[import-untyped]
import pytest
from postgres import Database

from hub.policy import admit, forget, quota, remaining, window_start

DAY = date(2026, 11, 21)
Asking = tuple[str, str, int, date, set[UUID]]


def keys(*numbers: int) -> set[UUID]:
    return {UUID(int=number) for number in numbers}


def ask(*numbers: int, limit: int = 5, scope: str = "town/visits", client: str = "c", day: date = DAY) -> Asking:
    return scope, client, limit, day, keys(*numbers)


def run(database: Database, work: Callable[[Any], Awaitable[Any]]) -> Any:
    async def session() -> Any:
        connection = await asyncpg.connect(**database.dsn("writer"))
        try:
            return await work(connection)
        finally:
            await connection.close()

    return asyncio.run(session())


async def admitted(connection: Any, *asked: Asking) -> list[bool]:
    async with connection.transaction():
        return await admit(connection, asked)


def counted(database: Database) -> tuple[int, int]:
    """As the windows say, and as the persons are."""
    windows = database.execute("select coalesce(sum(used), 0)::int from quota_window")[0][0]
    return windows, database.execute("select count(*)::int from quota_person")[0][0]


def test_persons_are_counted_once_a_window(fresh_database: Database) -> None:
    async def work(connection: Any) -> None:
        assert await admitted(connection, ask(1, 2, 3)) == [True]
        assert await admitted(connection, ask(1, 2, 3), ask(3, 2)) == [True, True]
        assert await remaining(connection, "town/visits", "c", 5, DAY) == 2
        assert await admitted(connection, ask(3, 4, 5)) == [True]
        assert await remaining(connection, "town/visits", "c", 5, DAY) == 0
        assert await admitted(connection, ask(1, 2, 3, 4, 5)) == [True]

    run(fresh_database, work)
    assert counted(fresh_database) == (5, 5)


def test_one_person_too_many_is_refused_and_none_of_that_answer_is_counted(fresh_database: Database) -> None:
    async def work(connection: Any) -> None:
        assert await admitted(connection, ask(1, 2, 3, 4, 5, 6)) == [False]
        assert await remaining(connection, "town/visits", "c", 5, DAY) == 5
        assert await admitted(connection, ask(1, 2, 3, 4), ask(4, 5, 6), ask(2, 5), ask(7), ask()) == [
            True,
            False,
            True,
            False,
            True,
        ]

    run(fresh_database, work)
    assert counted(fresh_database) == (5, 5)


def test_an_answer_with_nobody_in_it_costs_nothing(fresh_database: Database) -> None:
    async def work(connection: Any) -> None:
        assert await admitted(connection) == []
        assert await admitted(connection, ask(), ask(limit=1)) == [True, True]

    run(fresh_database, work)
    assert counted(fresh_database) == (0, 0)


@pytest.mark.parametrize("statement", [quota._LOCK, quota._COUNTED])
def test_who_was_counted_is_looked_up_without_reading_the_window(fresh_database: Database, statement: str) -> None:
    async def work(connection: Any) -> None:
        assert await admitted(connection, ask(*range(3000), limit=9000)) == [True]
        await connection.execute("set plan_cache_mode = force_generic_plan")  # as it is for a statement used often
        columns = ["town/visits"], ["c"], [DAY], [1, 1], [UUID(int=1), UUID(int=9000)]
        plan = await connection.fetch(f"explain (analyze, timing off) {statement}", *columns)
        read = [int(rows) for rows in re.findall(r"actual rows=(\d+)", " ".join(line[0] for line in plan))]
        assert max(read) < 10

    run(fresh_database, work)


def test_a_lowered_limit_still_shows_who_was_shown(fresh_database: Database) -> None:
    async def work(connection: Any) -> None:
        assert await admitted(connection, ask(1, 2, 3)) == [True]
        assert await admitted(connection, ask(1, 2, limit=1), ask(1, 4, limit=1)) == [True, False]
        assert await remaining(connection, "town/visits", "c", 1, DAY) == 0

    run(fresh_database, work)


def test_windows_are_apart_by_grant_client_and_time(fresh_database: Database) -> None:
    async def work(connection: Any) -> None:
        asked = [ask(1, limit=1), ask(2, limit=1, scope="town/other"), ask(3, limit=1, client="d")]
        asked += [ask(4, limit=1, day=date(2026, 11, 22)), ask(5, limit=1)]
        assert await admitted(connection, *asked) == [True, True, True, True, False]

    run(fresh_database, work)


def test_what_is_rolled_back_is_not_counted(fresh_database: Database) -> None:
    async def work(connection: Any) -> None:
        transaction = connection.transaction()
        await transaction.start()
        assert await admit(connection, [ask(1, 2)]) == [True]
        await transaction.rollback()
        assert await remaining(connection, "town/visits", "c", 5, DAY) == 5

    run(fresh_database, work)
    assert counted(fresh_database) == (0, 0)


def test_concurrent_processes_never_exceed_the_limit_together(fresh_database: Database) -> None:
    """Eight connections, overlapping persons and windows in different orders: exact counts, no deadlock."""
    limit = 40
    seen: list[tuple[str, set[UUID]]] = []

    async def one(process: int) -> None:
        connection = await asyncpg.connect(**fresh_database.dsn("writer"))
        try:
            for turn in range(12):
                first = (process * 7 + turn * 5) % 90
                asked = [ask(first, first + 1, first + 2, limit=limit), ask(first + 1, limit=limit, client="d")]
                asked = asked if process % 2 else asked[::-1]
                async with connection.transaction():
                    answers = await admit(connection, asked)
                    await asyncio.sleep(0)
                seen.extend(
                    (client, persons) for (_, client, _, _, persons), ok in zip(asked, answers, strict=True) if ok
                )
        finally:
            await connection.close()

    async def all_of_them() -> None:
        await asyncio.gather(*(one(process) for process in range(8)))

    asyncio.run(all_of_them())
    for client in ("c", "d"):
        shown = set().union(*(persons for who, persons in seen if who == client))
        [(used,)] = fresh_database.execute("select used::int from quota_window where client_id = %s", client)
        rows = {
            row[0] for row in fresh_database.execute("select person_key from quota_person where client_id = %s", client)
        }
        assert shown == rows
        assert used == len(rows)
        assert limit - 2 <= used <= limit


def test_the_second_of_two_waits_and_sees_what_the_first_counted(fresh_database: Database) -> None:
    async def work(first: Any) -> None:
        second = await asyncpg.connect(**fresh_database.dsn("writer"))
        transaction = first.transaction()
        await transaction.start()
        assert await admit(first, [ask(1, 2, 3, 4)]) == [True]
        waiting = asyncio.create_task(admitted(second, ask(4, 5, 6)))
        done, _ = await asyncio.wait({waiting}, timeout=0.2)
        assert not done
        await transaction.commit()
        assert await waiting == [False]
        await second.close()

    run(fresh_database, work)
    assert counted(fresh_database) == (4, 4)


def test_persons_of_closed_windows_are_forgotten_and_their_number_is_not(fresh_database: Database) -> None:
    async def work(connection: Any) -> None:
        await admitted(connection, ask(1, day=date(2025, 12, 31)), ask(2, day=date(2026, 1, 1)))
        await forget(connection, DAY)

    run(fresh_database, work)
    assert counted(fresh_database) == (2, 1)


@pytest.mark.parametrize(("per", "start"), [("day", DAY), ("month", date(2026, 11, 1)), ("year", date(2026, 1, 1))])
def test_a_window_starts(per: Any, start: date) -> None:
    assert window_start(per, DAY) == start
