"""Look-ups that come together share one statement, and nothing else."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import pytest

from hub.query.compile import Finishing, Statement
from hub.query.lookups import MOST, Lookups


class Pool:
    """A database of everybody but the odd ones, that writes down what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, list[UUID], tuple[Any, ...]]] = []
        self.fails: Exception | None = None
        self.goes_on = asyncio.Event()
        self.goes_on.set()
        self.begun = asyncio.Event()
        self.given_up = False

    @asynccontextmanager
    async def acquire(self) -> Any:
        yield self

    async def fetch(self, sql: str, keys: list[UUID], *values: Any) -> list[Any]:
        self.asked.append((sql, keys, values))
        self.begun.set()
        try:
            await self.goes_on.wait()
        except asyncio.CancelledError:
            self.given_up = True
            raise
        if self.fails:
            raise self.fails
        return [{"key": key, "answer": key.int} for key in dict.fromkeys(keys) if key.int % 2 == 0]


def statement(sql: str = "one") -> Statement:
    return Statement(sql, (), Finishing(), frozenset())


def run(work: Callable[[Pool, Lookups], Awaitable[None]]) -> None:
    async def session() -> None:
        pool = Pool()
        await work(pool, Lookups(pool))

    asyncio.run(session())


def test_what_comes_together_goes_together_and_each_gets_its_own() -> None:
    async def work(pool: Pool, lookups: Lookups) -> None:
        one = statement()
        rows = await asyncio.gather(*(lookups.row(one, UUID(int=number), ()) for number in (2, 3, 4, 2)))
        assert [row and row["answer"] for row in rows] == [2, None, 4, 2]
        assert len(pool.asked) == 1
        await lookups.row(one, UUID(int=6), ())
        assert len(pool.asked) == 2  # too late to come along

    run(work)


def test_another_plan_or_another_value_is_another_statement() -> None:
    async def work(pool: Pool, lookups: Lookups) -> None:
        one, twin = statement(), statement()  # the same text, compiled for another client
        key = UUID(int=2)
        await asyncio.gather(lookups.row(one, key, (1,)), lookups.row(one, key, (2,)), lookups.row(twin, key, (1,)))
        assert sorted(values for _, _, values in pool.asked) == [(1,), (1,), (2,)]

    run(work)


def test_a_statement_has_no_more_keys_than_its_most() -> None:
    async def work(pool: Pool, lookups: Lookups) -> None:
        one = statement()
        await asyncio.gather(*(lookups.row(one, UUID(int=number), ()) for number in range(MOST + 1)))
        assert [len(keys) for _, keys, _ in pool.asked] == [MOST, 1]

    run(work)


def test_a_failure_is_told_to_all_who_shared_the_statement_and_to_nobody_after() -> None:
    async def work(pool: Pool, lookups: Lookups) -> None:
        one, pool.fails = statement(), ConnectionError("away")
        told = await asyncio.gather(
            *(lookups.row(one, UUID(int=number), ()) for number in (2, 4)), return_exceptions=True
        )
        assert [type(one) for one in told] == [ConnectionError, ConnectionError]
        pool.fails = None
        assert (await lookups.row(one, UUID(int=2), ()))["answer"] == 2

    run(work)


def test_who_goes_away_takes_nobody_along_and_the_last_takes_the_statement() -> None:
    async def work(pool: Pool, lookups: Lookups) -> None:
        one = statement()
        pool.goes_on.clear()
        first, last = (asyncio.create_task(lookups.row(one, UUID(int=number), ())) for number in (2, 4))
        await pool.begun.wait()
        first.cancel()
        await asyncio.sleep(0.01)
        assert not pool.given_up
        assert not last.done()
        last.cancel()
        with pytest.raises(asyncio.CancelledError):
            await last
        await asyncio.sleep(0.01)
        assert pool.given_up

    run(work)
