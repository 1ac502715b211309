"""A question becomes an answer: read → ask → decide → fetch → record → answer, the pipeline on one page.

In charge of the order of these steps: nothing is fetched before it is allowed, nothing is answered before it is
recorded. A mutation takes the same way, and its record stands in the transaction of what it changes. What was worked
out for a document under a grant is kept, and costs a look-up the next time.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any, Final

import asyncpg
import orjson
import strawberry
from asyncpg.pgproto import pgproto

from hub.audit.event import Kind, Outcome
from hub.audit.log import Log, LogUnavailable, Recorded
from hub.errors import AccessError, HubError, RequestError
from hub.policy import Client, Decision, Grant, decide
from hub.sealing import Keyring
from hub.terms import today_in_china
from hub.terms.due import Due

from .bind import ROOTS, Collection, nouns_of
from .changing import Mutating, Writing, change
from .compile import SIZES, cells
from .counting import Counted, admit_quotas
from .execute import Planned, Run, carry_out
from .freshness import Deliveries
from .limits import Limits, page_size, within_cost
from .lookups import Lookups
from .noted import Answer, Caller, Noted, Question, error, refusal, status_of
from .opaque import Opaque
from .plan import Document, Pick, arguments_of, ask, read, variables_of, varies

#: Documents (under a grant, by a client) whose plans are kept.
KEPT: Final = 2000
#: Characters of the longest document that is kept, and outcomes of one document's conditions: what a client sends
#: must not fill the memory of the process.
LONGEST_KEPT: Final = 20_000
MOST_OUTCOMES: Final = 32


#: The log rests on the database too: where that is away, nothing was disclosed and nothing can be recorded.
_UNRECORDABLE: Final = (LogUnavailable, OSError, asyncpg.InterfaceError, asyncpg.PostgresConnectionError)


@dataclass(slots=True)
class Ready:
    """What is known of a document under one grant: its plan for each outcome of its conditions."""

    document: Document
    plans: dict[tuple[Any, ...], tuple[date, Client, Planned]]


class Answers:
    """Answers questions. ``pool`` reads; ``log`` records; ``client_of`` knows the clients that are enabled.

    ``writing`` makes changes; without it no mutation is answered.
    """

    def __init__(
        self,
        *,
        schema: strawberry.Schema,
        grants: Mapping[str, Grant],
        keyring: Keyring,
        pool: Any,
        log: Log,
        client_of: Callable[[str], Client | None],
        fresh_days: Mapping[str, int],
        limits: Limits,
        dues: Mapping[str, Due] | None = None,
        today: Callable[[], date] = today_in_china,
        writing: Writing | None = None,
    ) -> None:
        self._strawberry, self._schema = schema, schema._schema  # noqa: SLF001 - validation wants graphql-core's
        self._nouns = nouns_of(schema)
        self._grants, self._keyring, self._pool, self._log = grants, keyring, pool, log
        self._client_of, self._limits, self._today, self._writing = client_of, limits, today, writing
        self._opaque, self._lookups = Opaque(keyring), Lookups(pool)
        self._counted = Counted()
        self._deliveries = Deliveries(fresh_days, dues or {})
        self._ready: OrderedDict[tuple[str, str | None, str, str], Ready] = OrderedDict()

    async def answer(self, question: Question, caller: Caller) -> Answer:
        """The answer, or the refusal, to a question; recorded either way before it is returned."""
        client, grant = self._client_of(caller.client_id), self._grants.get(caller.scope)
        if client is None or grant is None:
            raise AccessError(
                "ACCESS_GRANT", "The grant of this token is no longer given", hint="Ask for another token."
            )
        noted = Noted(client, grant, sha256(question.document.encode()).hexdigest(), question, caller)
        try:
            ready = self._read(question, caller)
            variables = variables_of(ready.document, question.variables)
            planned = self._plan(ready, variables, client, grant)
            if not planned.decision.allowed:
                return await self._refuse(noted, planned.decision)
            if ready.document.introspects:
                return await self._introspect(noted, question)
            if ready.document.changes:
                return await self._change(noted, ready.document, planned, variables)
            return await self._execute(noted, ready.document, planned, variables)
        except HubError as refused:
            if refused.code.startswith("EXECUTE"):
                raise
            recorded = await self._log.record(
                noted.event(Kind.query_refused, Outcome.refused, reasons=(refused.code,)), noted.personal()
            )
            errors = [error(refused.code, refused.message, refused.detail, refused.hint)]
            return refusal(errors, recorded, status_of(refused))
        except _UNRECORDABLE:
            raise
        except Exception as failure:
            failed = noted.event(Kind.query_failed, Outcome.failed, reasons=(type(failure).__name__,))
            with suppress(LogUnavailable):
                await self._log.record(failed, noted.personal())
            raise

    # -- steps ----------------------------------------------------------------------------------------------------

    def _read(self, question: Question, caller: Caller) -> Ready:
        key = (question.document, question.operation, caller.scope, caller.client_id)
        ready = self._ready.get(key)
        if ready is None:
            document = read(question.document, question.operation, self._schema, self._limits)
            ready = Ready(document, {})
            if len(question.document) <= LONGEST_KEPT:
                self._ready[key] = ready
            if len(self._ready) > KEPT:
                self._ready.popitem(last=False)
        return ready

    def _plan(self, ready: Ready, variables: Any, client: Client, grant: Grant) -> Planned:
        """The plan, decided anew on a new day or for a changed client."""
        today = self._today()
        conditions = tuple(variables.coerced.get(name) for name in ready.document.conditions)
        known = ready.plans.get(conditions)
        if known is not None and known[0] == today and known[1] == client:
            return known[2]
        asking = ask(ready.document, variables, self._nouns)
        planned = Planned(asking, decide(grant, client, asking.asked, today))
        if len(ready.plans) >= MOST_OUTCOMES:  # n conditions have 2^n outcomes
            ready.plans.clear()
        ready.plans[conditions] = (today, client, planned)
        return planned

    def _arguments(self, document: Document, planned: Planned, variables: Any) -> dict[int, dict[str, Any]]:
        """The arguments of every pick that takes any, within the limits. What rests on no variable is kept."""
        if planned.fixed is None:
            picks = list(_taking(planned.asking.roots))
            planned.varying = tuple(pick for pick in picks if varies(pick))
            planned.fixed = self._given((pick for pick in picks if pick not in planned.varying), document, variables)
        varying = self._given(planned.varying, document, variables)
        arguments = planned.fixed | varying
        if not planned.within_cost:
            within_cost(sum(cells(pick, arguments) for pick in planned.asking.roots), self._limits)
            planned.within_cost = not any(SIZES & given.keys() for given in varying.values())
        return arguments

    def _given(self, picks: Iterable[Pick], document: Document, variables: Any) -> dict[int, dict[str, Any]]:
        arguments: dict[int, dict[str, Any]] = {}
        for pick in picks:
            given = arguments[pick.number] = arguments_of(pick, document.schema, variables)
            if "first" in given:
                page_size(given["first"], self._limits, pick.name)
        return arguments

    async def _execute(self, noted: Noted, document: Document, planned: Planned, variables: Any) -> Answer:
        arguments = self._arguments(document, planned, variables)
        today = self._today()
        await self._deliveries.refresh(self._pool)
        run = Run(
            planned=planned,
            grant=noted.grant,
            client=noted.client,
            today=today,
            keyring=self._keyring,
            nouns=self._nouns,
            deliveries=self._deliveries,
            opaque=self._opaque,
            asked=self._asked,
            arguments=arguments,
            lookups=self._lookups,
        )
        data = await carry_out(run, self._pool)
        persons = [pgproto.UUID(key) for key in run.shown]  # the driver's: made and compared in C
        freshness = self._deliveries.told(frozenset(run.feeds), today)
        event = noted.event(
            Kind.query_answered,
            Outcome.allowed,
            persons=len(persons),
            deliveries=tuple(one["delivery"] for one in freshness),
        )
        quota = planned.decision.quota
        quoted, undecided = None, False
        if quota is not None:
            quoted, undecided = self._counted.ask(noted.grant.name, noted.client.id, quota, today, set(persons))
        recorded = await self._log.record(event, noted.personal(persons, data), quoted if undecided else None)
        if recorded.refusal is not None:
            return self._over_quota(noted, planned.decision, recorded)
        if quoted is not None and undecided:
            self._counted.note(quoted)
        extensions: dict[str, Any] = {"receipt": recorded.receipt.json(), "freshness": freshness}
        if quota is not None and quoted is not None:
            extensions["quota"] = {"persons": quota.persons, "per": quota.per, "remaining": quoted.left}
        return Answer(b'{"data":%s,"extensions":%s}' % (data, orjson.dumps(extensions)), True, 200)

    async def _change(self, noted: Noted, document: Document, planned: Planned, variables: Any) -> Answer:
        """A mutation: done and recorded in one transaction, which a client that goes away does not undo."""
        if self._writing is None:
            raise RequestError("REQUEST_OPERATION", "Only queries are answered here")
        arguments = self._arguments(document, planned, variables)
        await self._deliveries.refresh(self._pool)
        roots = planned.asking.roots
        mutating = Mutating(noted, planned.decision, roots, arguments, self._deliveries, self._today())
        data, receipt = await asyncio.to_thread(change, mutating, self._writing)
        return Answer(b'{"data":%s,"extensions":%s}' % (data, orjson.dumps({"receipt": receipt.json()})), True, 200)

    def _asked(self, query: str) -> Any:
        document = read(query, None, self._schema, self._limits)
        return ask(document, variables_of(document, {}), self._nouns).asked

    async def _refuse(self, noted: Noted, decision: Decision) -> Answer:
        reasons = tuple(f"{one.code} {one.coordinate}" for one in decision.reasons)
        recorded = await self._log.record(
            noted.event(Kind.query_refused, Outcome.refused, reasons=reasons), noted.personal()
        )
        errors = [error(one.code, one.message, one.coordinate) for one in decision.reasons]
        return refusal(errors, recorded, 403)

    def _over_quota(self, noted: Noted, decision: Decision, recorded: Recorded) -> Answer:
        quota = decision.quota
        told = f"{quota.persons} a {quota.per}" if quota else ""
        message = f"{noted.grant.name} gives {told} different persons, and this answer would show more"
        hint = "Ask again in the next window, or about fewer."
        return refusal([error("POLICY_QUOTA", message, noted.grant.name, hint)], recorded, 429)

    async def _introspect(self, noted: Noted, question: Question) -> Answer:
        """Introspection, where the grant names it, by the schema itself."""
        result = await self._strawberry.execute(
            question.document, variable_values=question.variables, operation_name=question.operation
        )
        data = orjson.dumps(result.data)
        event = noted.event(Kind.query_answered, Outcome.allowed)
        recorded = await self._log.record(event, noted.personal(answer=data))
        extensions = orjson.dumps({"receipt": recorded.receipt.json()})
        return Answer(b'{"data":%s,"extensions":%s}' % (data, extensions), True, 200)


def _taking(picks: Iterable[Pick]) -> Iterator[Pick]:
    """The picks that take arguments, all the way in."""
    for pick in picks:
        if isinstance(pick.bound, Collection) or (pick.bound is not None and pick.noun in ROOTS):
            yield pick
        for inner in (*pick.inner.values(), pick.wrapped):
            yield from _taking(inner)


__all__ = ["Answer", "Answers", "Limits", "Writing", "admit_quotas"]
