"""`/deliveries/<who>/<what>`: a department pushes a delivery, and reads what became of it.

In charge of the HTTP around a push: whose it is (a token with the scope `deliver:<who>/<what>`, which opens nothing
else), landing its files, having them loaded in a process of their own, and telling the batch. Refuses what is not
the token's with 403, and records that; what intake refuses is 422, and intake has recorded it.

A push is answered when its batch is there: 201, or 200 where the very bytes were loaded before. One that takes longer
than a client should wait is answered 202, with the address where the batch will be found by its bytes; should the hub
be killed meanwhile, nothing is found there and nothing was loaded: push it again. Pushing twice changes nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from datetime import date
from functools import wraps
from typing import Any, Final

import orjson
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from hub.audit.event import Event, Kind, Outcome, Personal
from hub.audit.log import LogUnavailable
from hub.errors import ExecuteError, HubError, IntakeError, PolicyError, RequestError
from hub.intake import read_connector, rejected
from hub.intake.apart import Load, load_apart
from hub.intake.landing import Landing, sweep
from hub.intake.outcome import digest_of, is_loading, outcome, outcome_of
from hub.policy.client import DELIVER
from hub.sealing import Keyring
from hub.settings import Settings
from hub.terms import InvalidTerm, month

from .backend import Backend
from .bearer import Bearer, Caller
from .errors import JSON, response, shape, status_of
from .upload import receive

PATH: Final = "/deliveries/{who}/{what}"
PAGE: Final = 1000  # rejected rows of one answer
AT_ONCE: Final = 1  # loads of one serving process: they are CPU work beside its own
DATABASE: Final = "The database is away"

Handler = Callable[["Deliveries", Request, Caller, str], Awaitable[Response]]


def _answered(handler: Handler) -> Callable[["Deliveries", Request], Awaitable[Response]]:
    """A handler whose caller may do so, and whose refusals are recorded and told in the one shape."""

    @wraps(handler)
    async def answer(self: "Deliveries", request: Request) -> Response:
        name = f"{request.path_params['who']}/{request.path_params['what']}"
        try:
            caller = self.caller_of(request)
            try:
                self.allow(caller, name)
                return await handler(self, request, caller, name)
            except (RequestError, PolicyError) as refused:
                await self.record(caller, name, refused)
                raise
        except ClientDisconnect:
            return Response(status_code=400)  # to nobody
        except HubError as refused:
            return response(refused)
        except LogUnavailable:
            says = "The access log cannot be written, so nothing is disclosed"
            return response(ExecuteError("EXECUTE_LOG", says, hint="Try again shortly"))
        except SQLAlchemyError:
            return response(ExecuteError("EXECUTE_DATABASE", DATABASE, hint="Try again shortly"))

    return answer


class Deliveries:
    """The routes. `names`: the deliveries that are declared."""

    def __init__(
        self, backend: Backend, bearer: Bearer, settings: Settings, keyring: Keyring, names: Collection[str]
    ) -> None:
        self._backend, self._bearer, self._settings, self._keyring = backend, bearer, settings, keyring
        self._names = frozenset(names)
        self._loading: dict[str, asyncio.Task[dict[str, Any]]] = {}
        self._turn = asyncio.Semaphore(AT_ONCE)

    def routes(self) -> list[Route]:
        return [
            Route(PATH, self.push, methods=["POST"]),
            Route(PATH + "/batches/{batch:int}", self.batch, methods=["GET"]),
            Route(PATH + "/batches/{batch:int}/rejected", self.rejected, methods=["GET"]),
            Route(PATH + "/batches/sha256:{digest}", self.batch_of, methods=["GET"]),
        ]

    def begin(self) -> None:
        """Throw away what a process that was killed left of its pushes."""
        sweep(self._settings.data)

    async def end(self) -> None:
        """End the loads that nobody waits for any more: nothing of them is known, and they can be pushed again."""
        tasks = list(self._loading.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # -- who ------------------------------------------------------------------------------------------------------

    def caller_of(self, request: Request) -> Caller:
        authorization = request.headers.get("authorization", "").encode("latin-1")
        return self._bearer.caller(authorization or None, request.client.host if request.client else "")

    def allow(self, caller: Caller, name: str) -> None:
        """PolicyError where the token is not for this delivery."""
        if caller.scope != DELIVER + name or name not in self._names:
            raise PolicyError(
                "POLICY_SCOPE",
                "This token is not for this delivery",
                f"it is for {caller.scope}",
                "A token holds one scope: ask for one with deliver:<who>/<what> of this address",
            )

    async def record(self, caller: Caller, name: str, refused: HubError) -> None:
        """Record a refusal; of a delivery that nobody declared not the name, which may be anything."""
        event = Event(
            kind=Kind.push_refused,
            outcome=Outcome.refused,
            client=caller.client_id,
            grant=caller.scope,
            reasons=(refused.code,),
            deliveries=(name,) if name in self._names else (),
        )
        await self._backend.log().record(event, Personal(source=caller.address))

    # -- push -----------------------------------------------------------------------------------------------------

    @_answered
    async def push(self, request: Request, caller: Caller, name: str) -> Response:
        """Take a delivery in."""
        period = _period(request)
        engine = self._backend.engine()
        await self._refuse_busy(engine, name)
        landing = Landing(self._settings.data)
        try:
            files = await receive(
                request, landing.folder, most=self._settings.push_bytes, seconds=self._settings.request_seconds
            )
            await self._refuse_busy(engine, name)
            work = Load(
                delivery=name,
                files=[one.path for one in files],
                period=period,
                by=caller.client_id,
                channel="push",
                url=engine.url.render_as_string(hide_password=False),
                keyring=self._keyring,
                declarations=self._settings.declarations.absolute(),
                archive=self._settings.archive_path.absolute(),
            )
            digest = digest_of(one.digest for one in files)
            task = asyncio.create_task(self._load(work, landing, engine, digest), name=f"load {name}")
        except BaseException:
            landing.close()
            raise
        self._loading[name] = task
        task.add_done_callback(lambda done: self._loaded(name, done))
        return await self._told(task, name, period, digest)

    async def _refuse_busy(self, engine: Engine, name: str) -> None:
        if await asyncio.to_thread(is_loading, engine, name) or name in self._loading:  # the latter as of now
            raise IntakeError(
                "INTAKE_BUSY", f"{name} is being loaded just now", hint="Push again shortly: the same bytes do no harm"
            )

    async def _load(self, work: Load, landing: Landing, engine: Engine, digest: bytes) -> dict[str, Any]:
        """What became of the push: the batch, with `already` and `warnings`, or with the refusal as `refused`."""
        try:
            async with self._turn:
                report = await load_apart(work)
        except IntakeError as refused:
            told = await asyncio.to_thread(_outcome_of, engine, work.delivery, work.period, digest)
            return {**(told or {}), "refused": refused}
        finally:
            landing.close()
        told = await asyncio.to_thread(_outcome, engine, work.delivery, report.batch_id)
        return {**(told or {}), "already": report.already, "warnings": report.warnings}

    def _loaded(self, name: str, task: asyncio.Task[dict[str, Any]]) -> None:
        if self._loading.get(name) is task:
            del self._loading[name]
        if not task.cancelled():
            task.exception()  # looked at: whoever waits is told, and after a 202 nobody does

    async def _told(self, task: asyncio.Task[dict[str, Any]], name: str, period: date, digest: bytes) -> Response:
        await asyncio.wait({task}, timeout=self._settings.push_seconds)
        if not task.done():
            where = f"/deliveries/{name}/batches/sha256:{digest.hex()}?period={period:%Y-%m}"
            return _json(202, {"status": "loading", "url": where}, where)
        if task.cancelled():
            raise ExecuteError("EXECUTE_LOAD", "The hub is being shut down", hint="Push again: nothing was loaded")
        told = task.result()
        refused = told.pop("refused", None)
        if refused is None:
            batch = _addressed(told)
            return _json(200 if told["already"] else 201, batch, batch["url"])
        error = shape(refused)
        if told:
            error["extensions"]["batch"] = batch = _addressed(told)
            if told["rejected"]:
                error["extensions"]["hint"] = f"See the rejected rows at {batch['rejectedRows']}"
        return Response(orjson.dumps({"errors": [error]}), status_of(refused), media_type=JSON)

    # -- what became of it ----------------------------------------------------------------------------------------

    @_answered
    async def batch(self, request: Request, _caller: Caller, name: str) -> Response:
        """A batch by its number."""
        told = await asyncio.to_thread(_outcome, self._backend.engine(), name, request.path_params["batch"])
        if told is None:
            raise _no_batch()
        return _json(200, _addressed(told))

    @_answered
    async def batch_of(self, request: Request, _caller: Caller, name: str) -> Response:
        """A batch by its bytes: of a push that was not waited for."""
        period, engine = _period(request), self._backend.engine()
        try:
            digest = bytes.fromhex(request.path_params["digest"])
        except ValueError:
            raise _no_batch() from None
        # Asked first: what is over by then stands in the database.
        loading = name in self._loading or await asyncio.to_thread(is_loading, engine, name)
        told = await asyncio.to_thread(_outcome_of, engine, name, period, digest)
        if told is not None:
            return _json(200, _addressed(told))
        if loading:
            return _json(202, {"status": "loading", "url": f"{request.url.path}?period={period:%Y-%m}"})
        raise _no_batch()

    @_answered
    async def rejected(self, request: Request, caller: Caller, name: str) -> Response:
        """The rejected rows of a batch, masked, with all their reasons; that they were read is recorded before."""
        number, after = request.path_params["batch"], _after(request)
        engine = self._backend.engine()
        if await asyncio.to_thread(_outcome, engine, name, number) is None:
            raise _no_batch()
        found = await asyncio.to_thread(
            rejected, number, engine, self._keyring, self._settings.declarations, caller.client_id,
            after=after, first=PAGE,
        )  # fmt: skip
        times = read_connector(self._settings.declarations, name).times  # of one row of the file
        rows = [{"row": (one.row_no - 1) // times + 1, "reasons": one.reasons, "cells": one.cells} for one in found]
        following = f"{request.url.path}?after={found[-1].row_no}" if len(found) == PAGE else None
        return _json(200, {"batch": number, "delivery": name, "rows": rows, "next": following})


def _outcome(engine: Engine, name: str, number: int) -> dict[str, Any] | None:
    with engine.connect() as connection:
        return outcome(connection, name, number)


def _outcome_of(engine: Engine, name: str, period: date, digest: bytes) -> dict[str, Any] | None:
    with engine.connect() as connection:
        return outcome_of(connection, name, period, digest)


def _addressed(told: dict[str, Any]) -> dict[str, Any]:
    url = f"/deliveries/{told['delivery']}/batches/{told['batch']}"
    return {**told, "url": url, "rejectedRows": f"{url}/rejected"}


def _json(status: int, content: dict[str, Any], location: str | None = None) -> Response:
    headers = {} if location is None or status == 200 else {"location": location}
    return Response(orjson.dumps(content), status, headers, JSON)


def _no_batch() -> RequestError:
    return RequestError(
        "REQUEST_NOT_FOUND",
        "This delivery has no such batch",
        hint="Where it was pushed and never told of: push it again",
    )


def _period(request: Request) -> date:
    given = request.query_params.getlist("period")
    try:
        if len(given) == 1:
            return month(given[0])
    except InvalidTerm:
        pass
    raise RequestError("REQUEST_ARGUMENT", "The period is the month delivered", "period", "?period=2026-10")


def _after(request: Request) -> int:
    given = request.query_params.get("after", "0")
    if not (given.isascii() and given.isdigit() and len(given) < 10):
        raise RequestError("REQUEST_ARGUMENT", "after is the number of a row", "after", "As the answer before gave it")
    return int(given)
