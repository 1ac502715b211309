"""The jobs of a hub, on the queue: fetching what is due, checking what is new, sending what waits, publishing, tidying.

What is to be done follows from the batches alone (see ``hub.terms.due``); the queue only sees to it that one worker
does it at a time, that it is tried again where it failed, and that it is taken over from a worker that was killed. So
a job may run twice, and none minds: a delivery is loaded under its lock, and loading it twice changes nothing.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import Any, Final

from procrastinate import App
from procrastinate.connector import BaseConnector
from procrastinate.exceptions import AlreadyEnqueued, UniqueViolation
from procrastinate.jobs import Status
from procrastinate.tasks import Task

from hub.errors import ExecuteError, HubError

_LOGGER = logging.getLogger(__name__)

MORNING: Final = "30 18 * * *"  # 02:30 in China, which knows no summer time; the queue counts in UTC
FORENOON: Final = "30 1 * * *"  # 09:30 in China: what was fetched in the morning is checked by then
MINUTE: Final = "* * * * *"
DAY: Final = 86_400  # seconds for which a morning that no worker saw is made up for
HEARTBEAT: Final = 10.0  # seconds between two signs of life of a worker
STALLED: Final = 30.0  # seconds without one after which its jobs are another's
KEPT: Final = 24 * 30  # hours that finished jobs can be looked at
TRIES: Final = 5
WAIT: Final = 60  # seconds before the second try; four times as long before each next
#: Refusals that are nobody's fault: what could not be reached now may be reached later.
PASSING: Final = {"INTAKE_CHANNEL", "INTAKE_DATABASE", "INTAKE_BUSY"}


@dataclass(frozen=True, slots=True)
class Work:
    """What there is to do; all of it blocks and is harmless to repeat. ``due``: deliveries to fetch now.

    ``unchecked(settle)``: whether there are batches that no check has seen, and none came for ``settle`` seconds.
    ``unsent``: whether messages are due that can go now. ``unpublished``: whether a month's indicators are due.
    """

    due: Callable[[], Collection[str]]
    fetch: Callable[[str], Any]
    unchecked: Callable[[float], bool]
    check: Callable[[], Any]
    tidy: Callable[[], Any]
    unsent: Callable[[], bool] = lambda: False
    send: Callable[[], Any] = lambda: None
    unpublished: Callable[[], bool] = lambda: False
    publish: Callable[[], Any] = lambda: None


@dataclass(frozen=True, slots=True)
class Jobs:
    """The queue of one worker. ``plan`` puts on it what is to be done now."""

    app: App
    work: Work
    fetch: Task[Any, Any, Any]
    check: Task[Any, Any, Any]
    send: Task[Any, Any, Any]
    publish: Task[Any, Any, Any]

    async def plan(self) -> None:
        """Everything that is to be done now, however long ago it could have been."""
        await self.morning()
        await self.minute(settle=0)

    async def morning(self) -> None:
        """What is looked at once a day: deliveries that are due, and what was left lying."""
        await asyncio.to_thread(self.work.tidy)
        await self.app.job_manager.delete_old_jobs(KEPT, include_failed=True, include_aborted=True)
        for name in await asyncio.to_thread(self.work.due):
            await _put(self.fetch, f"fetch {name}", delivery=name)

    async def forenoon(self) -> None:
        """What is looked at once a day when the morning's deliveries are checked: indicators that are due."""
        if await asyncio.to_thread(self.work.unpublished):
            await _put(self.publish, "publish")

    async def minute(self, settle: float) -> None:
        """What is looked at all the time: jobs of workers that are gone, batches not checked, messages not sent."""
        for job in await self.app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED):
            try:
                await self.app.job_manager.retry_job(job)
            except UniqueViolation:  # the same is waiting already
                await self.app.job_manager.finish_job(job, Status.FAILED, delete_job=False)
        if await asyncio.to_thread(self.work.unchecked, settle):
            await _put(self.check, "check")
        if await asyncio.to_thread(self.work.unsent):
            await _put(self.send, "send")

    async def run(self, *, once: bool) -> None:
        """Work until told to stop, looking for work at its times; once: do what is to be done now."""
        async with self.app.open_async():
            if once:
                await self.plan()
                await self._worker(wait=False)
                await self.minute(settle=0)  # what was fetched is checked
                await self._worker(wait=False)
                await self.forenoon()
            else:
                self.app.periodic(cron=MORNING)(self.app.tasks["morning"])
                self.app.periodic(cron=FORENOON)(self.app.tasks["forenoon"])
                self.app.periodic(cron=MINUTE)(self.app.tasks["minute"])
            await self._worker(wait=not once)

    async def _worker(self, *, wait: bool) -> None:
        await self.app.run_worker_async(
            wait=wait,
            concurrency=2,  # so that the small jobs go on beside a long one
            update_heartbeat_interval=HEARTBEAT,
            stalled_worker_timeout=STALLED,
        )


async def _put(task: Task[Any, Any, Any], what: str, seconds: int = 0, **arguments: Any) -> None:
    """Put a job on the queue, unless the same waits there; no two of the same run at a time."""
    later: Any = {"schedule_in": {"seconds": seconds}} if seconds else {}
    try:
        await task.configure(lock=what, queueing_lock=what, **later).defer_async(**arguments)
    except AlreadyEnqueued:
        return


def jobs(connector: BaseConnector, work: Work, settle: float) -> Jobs:
    """The queue and its jobs. ``settle``: as ``Work.unchecked`` takes it."""
    app = App(connector=connector, periodic_defaults={"max_delay": DAY})

    @app.task(name="fetch")
    async def fetch(delivery: str, tried: int = 0) -> None:
        async def again() -> None:
            await _put(fetch, f"fetch {delivery}", WAIT * 4**tried, delivery=delivery, tried=tried + 1)

        await _done(lambda: work.fetch(delivery), again if tried + 1 < TRIES else _never)

    @app.task(name="check")
    async def check() -> None:
        await _done(work.check, lambda: _put(check, "check", WAIT * 10))

    @app.task(name="send")
    async def send() -> None:
        await _done(work.send, _never)  # each message knows when it may be tried again

    @app.task(name="publish")
    async def publish() -> None:
        await _done(work.publish, lambda: _put(publish, "publish", WAIT * 10))

    made = Jobs(app, work, fetch, check, send, publish)

    @app.task(name="morning", queueing_lock="morning")
    async def morning(timestamp: int) -> None:  # noqa: ARG001 -- the queue's
        await _done_here(made.morning())

    @app.task(name="forenoon", queueing_lock="forenoon")
    async def forenoon(timestamp: int) -> None:  # noqa: ARG001
        await _done_here(made.forenoon())

    @app.task(name="minute", queueing_lock="minute")
    async def minute(timestamp: int) -> None:  # noqa: ARG001
        await _done_here(made.minute(settle))

    return made


async def _never() -> None: ...


async def _done(do: Callable[[], Any], again: Callable[[], Awaitable[None]]) -> None:
    """Do something that blocks; where it may go better later, put it on the queue again. Raises what is logged."""
    try:
        await asyncio.to_thread(do)
    except HubError as error:
        if isinstance(error, ExecuteError) or error.code in PASSING:
            await again()
        raise
    except Exception as error:  # noqa: BLE001 -- the queue logs it, and its words may quote a row
        await again()
        raise _failed(error) from None


async def _done_here(doing: Awaitable[None]) -> None:
    try:
        await doing
    except HubError:
        raise
    except Exception as error:  # noqa: BLE001 -- as above
        raise _failed(error) from None


def _failed(error: Exception) -> ExecuteError:
    return ExecuteError("EXECUTE_JOB", "A job failed", type(error).__name__, "It is tried again later")
