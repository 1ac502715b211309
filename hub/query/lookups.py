"""Looking rows up by their keys, in company: requests that ask the same at the same time share one statement.

A statement costs the database and its driver nearly as much for one row as for a dozen. Requests share one only under
the same plan, so of one client, under one grant, for one document; whatever befalls the statement befalls no other.
Whoever comes while a statement has not got its connection yet joins it.
"""

import asyncio
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from .compile import Statement

MOST: Final = 100  # keys of one statement


@dataclass(slots=True)
class _Group:
    """Who waits for one statement."""

    waiting: list[tuple[UUID, asyncio.Future[Any]]] = field(default_factory=list)
    task: asyncio.Task[None] | None = None


class Lookups:
    """Looks rows up through ``pool``."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool
        self._gathering: dict[tuple[Any, ...], _Group] = {}

    async def row(self, statement: Statement, key: UUID, values: tuple[Any, ...]) -> Any:
        """The row of ``key``, or None. ``values``: the statement's other parameters."""
        loop = asyncio.get_running_loop()
        shape = (statement, *values)
        group = self._gathering.get(shape)
        if group is None or len(group.waiting) >= MOST:
            group = self._gathering[shape] = _Group()
            group.task = loop.create_task(self._fetch(shape, group))
        future = loop.create_future()
        group.waiting.append((key, future))
        try:
            return await future
        except asyncio.CancelledError:
            if group.task is not None and all(one.cancelled() for _, one in group.waiting):
                group.task.cancel()  # nobody waits any more
            raise

    async def _fetch(self, shape: tuple[Any, ...], group: _Group) -> None:
        statement, *values = shape
        try:
            async with self._pool.acquire() as connection:
                self._close(shape, group)
                rows = await connection.fetch(statement.sql, [key for key, _ in group.waiting], *values)
        except BaseException as error:
            self._close(shape, group)
            for _, future in group.waiting:
                if not future.done():
                    future.set_exception(error) if isinstance(error, Exception) else future.cancel()
            if not isinstance(error, Exception):
                raise
            return
        found = {row["key"]: row for row in rows}
        for key, future in group.waiting:
            if not future.done():
                future.set_result(found.get(key))

    def _close(self, shape: tuple[Any, ...], group: _Group) -> None:
        """Whoever comes from now on begins another group."""
        if self._gathering.get(shape) is group:
            del self._gathering[shape]
