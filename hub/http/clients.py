"""The clients as they were a moment ago, so that shutting one out needs no look-up a request.

In charge of knowing, within `EVERY` seconds, which clients are enabled and which scopes they hold; reads through
`hub.policy.client`. It refuses (ExecuteError) to say anything from a list that is older than `OLDEST` seconds: a hub
that cannot hear that a client was shut out does not answer it.
"""

import asyncio
import logging
from collections.abc import Mapping
from time import monotonic
from typing import Final

from sqlalchemy import Engine, text

from hub.errors import ExecuteError
from hub.policy.client import Client, list_clients

_LOGGER = logging.getLogger(__name__)

EVERY: Final = 2.0
OLDEST: Final = 10.0


class Clients:
    """Every enabled client, refreshed while `watch` runs."""

    def __init__(self) -> None:
        self._clients: Mapping[str, Client] = {}
        self._read_at = float("-inf")

    def get(self, client_id: str) -> Client | None:
        """The client, if it is enabled. ExecuteError: that has not been known for too long."""
        if monotonic() - self._read_at > OLDEST:
            raise ExecuteError("EXECUTE_DATABASE", "The database is away", hint="Try again shortly")
        return self._clients.get(client_id)

    def note(self, client: Client) -> None:
        """Know at once of a client that was just given a token."""
        self._clients = {**self._clients, client.id: client}

    def refresh(self, engine: Engine) -> None:
        """Read the list now; blocks."""
        asked_at = monotonic()
        with engine.connect() as connection:
            connection.execute(text("set local statement_timeout = '5s'"))
            self._clients = {client.id: client for client in list_clients(connection)}
        self._read_at = asked_at

    async def watch(self, engine: Engine) -> None:
        """Refresh until cancelled."""
        while True:
            try:
                await asyncio.to_thread(self.refresh, engine)
            except Exception as error:  # noqa: BLE001 -- the next round may do; until then the list ages
                _LOGGER.warning("the clients could not be read: %s", type(error).__name__)
            await asyncio.sleep(EVERY)
