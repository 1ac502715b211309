"""What a serving process holds: database pools, the access log and its sequencer, the clients, the answerer.

In charge of coming up without the database, of finding it whenever it comes, and of finding it again: pools connect
when they are used, and no connection of theirs is missed when it breaks. Until then whatever needs the database is
refused (ExecuteError) and the process is alive and not ready.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

import asyncpg
from sqlalchemy import Engine, make_url

from hub.audit.checkpoint import Signer
from hub.audit.log import Admit, Log
from hub.audit.sequencer import sequence_forever
from hub.errors import ExecuteError
from hub.policy.grant import Grant
from hub.sealing import Keyring, SealingError, fingerprint, read_keyring
from hub.settings import Settings
from hub.store import identity
from hub.store.engine import Role, asyncpg_dsn, engine_for, owner_url

from .clients import Clients
from .errors import describe

if TYPE_CHECKING:
    from .graphql import Answerer

_LOGGER = logging.getLogger(__name__)

#: What a driver raises when the database is not there, is going, or takes nobody in.
AWAY: Final = (
    OSError,  # and TimeoutError
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.UndefinedTableError,  # not migrated yet
)
CONNECT: Final = 3.0  # seconds to wait for a connection to the database
PATIENT: Final = {"connect_timeout": "3", "tcp_user_timeout": "10000"}  # the same to libpq; a host may just fall silent
AGAIN: Final = 1.0  # seconds between attempts
WRITE: Final = 5.0  # seconds a statement of the writer may take
WRITERS: Final = 4  # connections of the writer, in either driver

_WRITABLE = "select not pg_is_in_recovery() and has_table_privilege('audit_event', 'insert')"


@dataclass(frozen=True, slots=True)
class Attached:
    """What an answerer is made of. Pools are asyncpg's; each of the reader's statements has a time limit."""

    reader: Any
    writer: Any
    engine: Engine
    log: Log
    clients: Clients
    grants: Mapping[str, Grant]
    keyring: Keyring
    settings: Settings


AnswererFactory = Callable[[Attached], "Answerer"]


class Backend:
    """One serving process's hold on everything behind HTTP. `run` is its life."""

    def __init__(
        self,
        settings: Settings,
        keyring: Keyring,
        grants: Mapping[str, Grant],
        answerer_factory: AnswererFactory | None = None,
        admit: Admit | None = None,
    ) -> None:
        self.settings, self.keyring, self.grants = settings, keyring, grants
        self.clients = Clients()
        self.signer = Signer(settings.log_origin, keyring.log_signer)
        self._factory, self._admit = answerer_factory, admit
        self._attached: Attached | None = None
        self._answerer: Answerer | None = None
        self._readiness: tuple[float, dict[str, bool]] = float("-inf"), {}
        self._keys_were_read = settings.keys_path.exists()

    def answerer(self) -> "Answerer":
        """Who answers questions. ExecuteError: nobody yet."""
        if self._answerer is None:
            raise _not_there()
        return self._answerer

    def engine(self) -> Engine:
        """The writer's engine. ExecuteError: the database has not been found yet."""
        if self._attached is None:
            raise _not_there()
        return self._attached.engine

    def log(self) -> Log:
        """The access log. ExecuteError: the database has not been found yet."""
        if self._attached is None:
            raise _not_there()
        return self._attached.log

    @asynccontextmanager
    async def run(self) -> AsyncIterator[None]:
        """Find the database, however long that takes, and let it go at the end."""
        task = asyncio.create_task(self._live(), name="hub backend")
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def ready(self) -> dict[str, bool]:
        """Whether the database answers, the log can be written, the keys are those the hub started with."""
        asked_at, readiness = self._readiness
        if monotonic() - asked_at > AGAIN:  # asked by anyone, so not asked of the database every time
            readiness = {"database": await self._reads(), "log": await self._writes(), "keys": self._has_keys()}
            self._readiness = monotonic(), readiness
        return readiness

    async def _reads(self) -> bool:
        return self._attached is not None and await _holds(self._attached.reader, "select true")

    async def _writes(self) -> bool:
        return self._attached is not None and await _holds(self._attached.writer, _WRITABLE)

    def _has_keys(self) -> bool:
        if not self._keys_were_read:  # the keyring came from elsewhere
            return True
        try:
            return fingerprint(read_keyring(self.settings.keys_path)) == fingerprint(self.keyring)
        except SealingError:
            return False

    async def _live(self) -> None:
        while True:
            try:
                async with AsyncExitStack() as stack:
                    attached = await self._attach(stack)
                    self._answerer = None if self._factory is None else self._factory(attached)
                    self._attached = attached
                    await self.clients.watch(attached.engine)
            except Exception as error:  # noqa: BLE001 -- a process that serves outlives its database
                _LOGGER.error("not attached to a database: %s", describe(error))  # noqa: TRY400
            finally:
                self._attached = self._answerer = None
            await asyncio.sleep(AGAIN)

    async def _attach(self, stack: AsyncExitStack) -> Attached:
        settings = self.settings
        owner = settings.database_url
        if owner is None:  # the hub's own, which this may start
            owner = await asyncio.to_thread(owner_url)
        reader_url, writer_url = settings.reader_url or owner, settings.writer_url or owner
        reader = await _pool(stack, "reader", reader_url, settings.connections, settings.statement_seconds)
        writer = await _pool(stack, "writer", writer_url, WRITERS, WRITE)
        engine = engine_for(
            "writer",
            make_url(writer_url).update_query_dict(PATIENT).render_as_string(hide_password=False),
            pool_size=WRITERS,
            max_overflow=0,
            pool_timeout=CONNECT,
            pool_pre_ping=True,
        )
        stack.callback(engine.dispose)
        await asyncio.to_thread(_claimed, engine, self.keyring)  # before anything is signed
        log = await stack.enter_async_context(Log(writer, self.signer, admit=self._admit, seal=self.keyring.seal))
        sequencer = asyncio.create_task(sequence_forever(writer, self.signer, settings.checkpoint_seconds))
        stack.push_async_callback(_ended, sequencer)
        return Attached(reader, writer, engine, log, self.clients, self.grants, self.keyring, settings)


def _claimed(engine: Engine, keyring: Keyring) -> None:
    """HubError where the database was filled under other keys."""
    with engine.begin() as connection:
        identity.claim(connection, fingerprint(keyring))


async def _pool(stack: AsyncExitStack, role: Role, url: str, most: int, seconds: float) -> Any:
    """A pool that connects when it is used. `seconds` bounds a statement: in the database, and a little later here."""
    arguments = asyncpg_dsn(role, url)
    arguments["server_settings"] = {**arguments["server_settings"], "statement_timeout": str(int(seconds * 1000))}
    pool = await asyncpg.create_pool(
        **arguments, min_size=0, max_size=most, timeout=CONNECT, command_timeout=seconds + 1, reset=_as_it_is
    )
    stack.push_async_callback(_closed, pool)
    return pool


async def _as_it_is(_connection: Any) -> None:
    """Put nothing back when a connection is returned: the driver's own way is a round trip a request.

    No session here changes a setting, and every transaction is a context that ends by itself.
    """


async def _closed(pool: Any) -> None:
    try:
        await asyncio.wait_for(pool.close(), CONNECT)
    except TimeoutError:
        pool.terminate()


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def _holds(pool: Any, question: str) -> bool:
    try:
        async with asyncio.timeout(CONNECT):
            return await pool.fetchval(question) is True
    except (*AWAY, asyncpg.PostgresError):
        return False


def _not_there() -> ExecuteError:
    return ExecuteError("EXECUTE_DATABASE", "The database is away", hint="Try again shortly")
