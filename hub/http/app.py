"""The application: routes and middleware, two lists. `uvicorn.run(create_app(...), **server_options(...))`.

In charge of putting the parts together; refuses nothing itself. It starts, and says that it is alive, before there is
a database (see `backend`).
"""

import gc
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from hub.audit.log import Admit
from hub.intake import connector_names
from hub.policy.client import DELIVER
from hub.policy.grant import Grant, read_grants
from hub.sealing import Keyring, read_keyring
from hub.settings import Settings
from hub.settings import settings as configured

from .backend import AnswererFactory, Backend
from .bearer import Bearer, TokenKey
from .deliveries import Deliveries
from .errors import not_found, wrong_method
from .graphql import GraphQL
from .middleware import Wrapped
from .oauth import TokenServer, Unending
from .protocol import protocol
from .token import PATH, TokenEndpoint, document, metadata


def create_app(
    answerer_factory: AnswererFactory | None = None,
    *,
    settings: Settings | None = None,
    keyring: Keyring | None = None,
    grants: Mapping[str, Grant] | None = None,
    admit: Admit | None = None,
) -> Starlette:
    """The hub's ASGI application, composed; a factory for uvicorn too.

    `answerer_factory` makes the query layer out of what is attached; without one, questions are refused as if the
    database were away. `admit` is the log's hook for quotas. SealingError or DeclarationError: keys or grants that
    will not do are told at once, not at the first request.
    """
    settings = settings or configured()
    keyring = keyring or read_keyring(settings.keys_path)
    grants = read_grants(settings.declarations / "access_policies") if grants is None else grants
    url = settings.url.rstrip("/")
    audience = f"{url}/graphql"
    deliveries = connector_names(settings.declarations)
    key = TokenKey(keyring.token_signer)
    backend = Backend(settings, keyring, grants, answerer_factory, admit)
    server = TokenServer(
        issuer=url,
        audience=audience,
        endpoint=f"{url}{PATH}",
        key=key,
        seconds=settings.token_seconds,
        grants={**grants, **{f"{DELIVER}{name}": Unending() for name in deliveries}},
    )
    bearer = Bearer(key, issuer=url, audience=audience, clients=backend.clients)
    graphql = GraphQL(backend.answerer, bearer.caller, body_bytes=settings.body_bytes, seconds=settings.request_seconds)

    pushes = Deliveries(backend, bearer, settings, keyring, deliveries)

    async def health(_: Request) -> Response:
        """The process is alive; nothing else is said."""
        return JSONResponse({"status": "alive"})

    async def ready(_: Request) -> Response:
        """Whether requests can be answered now, and what is missing."""
        holds = await backend.ready()
        return JSONResponse({"ready": all(holds.values()), **holds}, 200 if all(holds.values()) else 503)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        logging.getLogger("uvicorn.access").addFilter(_without_query)
        gc.collect()
        gc.freeze()  # modules, schema and grants stay: no collection need walk them again
        pushes.begin()
        async with backend.run():
            yield
            await pushes.end()

    routes = [
        Route("/graphql", graphql),
        Route(PATH, TokenEndpoint(server, backend, backend.signer, keyring.seal)),
        *pushes.routes(),
        Route("/.well-known/oauth-authorization-server", document(metadata(url, grants)), methods=["GET"]),
        Route("/.well-known/jwks.json", document(key.jwks()), methods=["GET"]),
        Route("/health", health, methods=["GET"]),
        Route("/ready", ready, methods=["GET"]),
    ]
    middleware = [
        Middleware(Wrapped, direct={"/graphql": graphql}),
    ]
    app = Starlette(
        routes=routes,
        middleware=middleware,
        exception_handlers={404: not_found, 405: wrong_method},
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False  # a redirect would carry a question's variables in a second URL
    app.state.backend, app.state.deliveries = backend, pushes
    return app


def server_options(settings: Settings | None = None) -> dict[str, Any]:
    """How uvicorn is to serve the application: no word about itself, no URL in a log, no patience without end."""
    settings = settings or configured()
    return {
        "http": protocol(settings.request_seconds),
        "ws": "none",
        "server_header": False,
        "access_log": False,
        "timeout_keep_alive": 30,
        "timeout_graceful_shutdown": int(settings.request_seconds) + 1,
        "lifespan": "on",
    }


def _without_query(record: logging.LogRecord) -> bool:
    """Whoever switches uvicorn's access log on still gets no variables in it."""
    if isinstance(record.args, tuple):
        record.args = tuple(part.partition("?")[0] if isinstance(part, str) else part for part in record.args)
    return True
