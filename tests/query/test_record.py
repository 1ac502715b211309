"""Nothing is disclosed before it is recorded, and what is recorded can be proved."""

import asyncio
from typing import Any

import orjson
import pytest
from query_city import city, give, hub, resident_id  # noqa: F401

from hub.audit.log import LogUnavailable
from hub.audit.verify import verify_receipt

QUERY = '{ person(residentId: "%s") { name } }' % resident_id(7)


def events(database: Any, receipt: Any) -> dict[str, Any]:
    rows = database.execute("select leaf from audit_event where event_id = %s", receipt["event"])
    return orjson.loads(rows[0][0])


def test_an_answer_is_recorded_with_who_asked_under_what_and_how_many_it_showed(hub: Any, database: Any) -> None:
    told = hub.ask(QUERY)
    event = events(database, told.extensions["receipt"])
    assert (event["kind"], event["client"], event["grant"], event["persons"]) == (
        "query_answered",
        "office",
        "office/all",
        1,
    )
    assert event["deliveries"] == ["public_security/population"]
    assert resident_id(7) not in str(event)


def test_a_refusal_is_recorded_with_its_reasons(hub: Any, give: Any, database: Any) -> None:
    grant = give("narrow/one", 'roots = ["persons"]\n[fields.Person]\narea = {}\n[[rows.Person]]\neveryone = true')
    event = events(database, hub.ask(QUERY, grant=grant).extensions["receipt"])
    assert event["outcome"] == "refused"
    assert "POLICY_ROOT Query.person" in event["reasons"]


def test_without_a_log_there_is_no_answer(hub: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*_: Any) -> Any:
        raise LogUnavailable("the log is away")

    monkeypatch.setattr(hub.answers._log, "record", away)
    with pytest.raises(LogUnavailable):
        hub.ask(QUERY)


def test_the_record_is_durable_before_the_answer_is_there(
    hub: Any, database: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Looked at from another connection at the moment the answer is made."""
    record = hub.answers._log.record
    counts: list[int] = []

    async def counted(event: Any, *more: Any) -> Any:
        recorded = await record(event, *more)
        rows = await asyncio.to_thread(
            database.execute, "select count(*) from audit_event where event_id = %s", str(event.event_id)
        )
        counts.append(rows[0][0])
        return recorded

    monkeypatch.setattr(hub.answers._log, "record", counted)
    assert hub.ask(QUERY).status == 200
    assert counts == [1]


def test_a_receipt_becomes_a_proof_that_anybody_can_check(hub: Any) -> None:
    receipt = hub.ask(QUERY).extensions["receipt"]
    proof_query = '{ receiptProof(eventId: "%s") { eventId proof } }' % receipt["event"]
    assert hub.ask(proof_query).data == {"receiptProof": None}
    hub.integrate()
    proof = hub.ask(proof_query).data["receiptProof"]["proof"]
    assert verify_receipt(proof, hub.signer.vkey).ok
    proof["proof"] = proof["proof"].replace("index ", "index 1")
    assert not verify_receipt(proof, hub.signer.vkey).ok


def test_the_log_is_read_through_the_api_newest_first(hub: Any) -> None:
    receipt = hub.ask(QUERY).extensions["receipt"]
    told = hub.ask('{ accessLog(first: 2, client: "office") { nodes { eventId kind client grant persons leafHash } } }')
    newest = told.data["accessLog"]["nodes"][0]
    assert newest == {
        "eventId": receipt["event"],
        "kind": "query_answered",
        "client": "office",
        "grant": "office/all",
        "persons": 1,
        "leafHash": receipt["leafHash"],
    }


def test_a_client_is_told_beforehand_what_its_grant_makes_of_a_query(hub: Any, give: Any) -> None:
    grant = give(
        "asker/one",
        'roots = ["explainAccess", "persons"]\n[fields.Person]\narea = {}\n[[rows.Person]]\neveryone = true',
    )
    ask = lambda query: hub.ask(
        "query ($q: String!) { explainAccess(query: $q) { allowed sentences } }", {"q": query}, grant=grant
    ).data["explainAccess"]
    assert ask("{ persons { nodes { area } } }")["allowed"]
    refused = ask("{ persons { nodes { name } } }")
    assert not refused["allowed"]
    assert "Person.name is not in asker/one" in " ".join(refused["sentences"])
