"""Ways in that were found once and closed: each is tried again here."""

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import orjson
import pytest
from postgres import Database
from query_city import KNOWN, USCC, City, city, give, hub, resident_id  # noqa: F401
from sqlalchemy import insert

from hub.errors import RequestError
from hub.query import LONGEST_KEPT, MOST_OUTCOMES
from hub.query.plan import read
from hub.store import finding as findings

EVERYBODY = "[[rows.Person]]\neveryone = true"
CHOSEN = ["keys", "more", "position", "answer", "n", "total", "j", "k", *(f"t{number}" for number in range(1, 12))]


# -- names that a client chooses ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CHOSEN)
def test_no_response_key_is_taken_for_a_name_of_the_engine(hub: Any, city: City, name: str) -> None:
    """`keys: nodes` once answered the keys of the persons shown, `t2: name` a text in the place of an object."""
    told = hub.ask(
        """{ persons(first: 2) { KEY: nodes { KEY: area enrollments { KEY: state } } pageInfo { KEY: endCursor } }
             KEY: persons(first: 2) { edges { KEY: cursor node { KEY: sex } } }
             employer(uscc: "%s") { KEY: name insuredPersons(first: 1) { KEY: area } } }""".replace("KEY", name)
        % USCC
    )
    assert told.status == 200
    assert [one[name][:6] for one in told.data["persons"][name]] == ["371082"] * 2
    assert [one["node"][name] for one in told.data[name]["edges"]] == ["male"] * 2
    assert told.data["employer"][name] == "荣成市合成渔业有限公司"
    assert told.data["employer"]["insuredPersons"][0][name].startswith("371082")
    keys = [city.key(resident_id(number)) for number in range(1, 41)]
    assert not any(key.bytes in told.answer.body or str(key) in told.answer.body.decode() for key in keys)


# -- who was shown ----------------------------------------------------------------------------------------------------------

FEW = 'quota = { persons = 3, per = "day" }'


@pytest.fixture
def found(city: City, database: Database) -> UUID:
    """A finding about an employer that rests on the rows of five persons, one of them the register's."""
    employer = city.keyring.employer_key(USCC)
    number = UUID(int=77)
    with database.engine("owner").begin() as connection:
        connection.exec_driver_sql("delete from finding")
        connection.exec_driver_sql("delete from finding_evidence")
        connection.execute(
            insert(findings.finding).values(
                subject_key=employer, id=number, rule="r", subject="employer", matter="", state="open", severity="high",
                employer_key=employer, values={}, opened_at=KNOWN, seen_at=KNOWN, run_id=1,
            )
        )  # fmt: skip
        for position in range(1, 6):
            connection.execute(
                insert(findings.finding_evidence).values(
                    subject_key=employer, finding_id=number, run_id=1, position=position, batch_id=1, row_no=position,
                    fact="person" if position == 5 else "payroll", person_key=city.key(resident_id(position)),
                    row={"birth_on": "1980-01-01", "ethnicity": "汉族", "status": "normal"} if position == 5 else {"yuan": 6000},
                )
            )  # fmt: skip
    return number


SHOWN = """
roots = ["employer", "crossCheck", "findings"]
[fields.Employer]
enrollments = {}
[fields.CrossCheck]
findings = {}
[fields.Enrollment]
contributionBase = {}
[fields.Finding]
evidence = {}
[fields.Evidence]
row = {}
[[rows.Employer]]
everyone = true
[[rows.CrossCheck]]
reached = true
[[rows.Enrollment]]
reached = true
[[rows.Finding]]
everyone = true
[[rows.Evidence]]
reached = true
"""


@pytest.mark.usefixtures("found")
@pytest.mark.parametrize("query", ['{ employer(uscc: "%s") { enrollments { contributionBase } } }', '{ crossCheck(uscc: "%s") { findings { evidence { row } } } }', "{ findings { nodes { evidence { row } } } }"])  # fmt: skip
def test_rows_about_persons_count_as_persons_without_a_name_beside_them(hub: Any, give: Any, query: str) -> None:
    grant = give("counted/rows", SHOWN, head=FEW)
    assert hub.ask(query.replace("%s", USCC), grant=grant).codes == ["POLICY_QUOTA"]
    free = give("counted/freely", SHOWN)
    assert hub.ask(query.replace("%s", USCC), grant=free).status == 200


@pytest.mark.usefixtures("found")
def test_evidence_is_no_second_door_to_what_a_grant_masks(hub: Any, give: Any) -> None:
    told = hub.ask("{ findings { nodes { evidence { row } } } }", grant=give("counted/evidence", SHOWN))
    assert told.data["findings"]["nodes"][0]["evidence"][-1]["row"] == {"status": "normal"}


def test_the_numbers_asked_about_are_counted_once_however_often(hub: Any, give: Any) -> None:
    body = f'roots = ["enrollmentStatus"]\n[fields.EnrollmentStatus]\nstatus = {{}}\n{EVERYBODY}\n[[rows.EnrollmentStatus]]\nreached = true'
    grant = give("counted/status", body, head=FEW)
    ask = lambda *numbers: hub.ask(
        "query ($ids: [String!]!) { "
        + " ".join(f'a{n}: enrollmentStatus(residentIds: $ids, insurance: "injury") {{ status }}' for n in range(5))
        + " }",
        {"ids": [resident_id(number) for number in numbers]},
        grant=grant,
    )
    assert ask(1, 2, 3, 3, 900).extensions["quota"]["remaining"] == 0
    assert ask(4).codes == ["POLICY_QUOTA"]


# -- what a grant says is what holds ------------------------------------------------------------------------------------------


def test_conditions_on_a_status_hold_too(hub: Any, give: Any) -> None:
    """They once were passed over in silence: what a file closes must not be open."""
    here = '[[rows.EnrollmentStatus]]\ncolumn = "area"\nequals = "371082001"'
    body = f'roots = ["enrollmentStatus"]\n[fields.EnrollmentStatus]\nstatus = {{}}\n{EVERYBODY}\n{here}'
    grant = give("status/here", body)
    numbers = [resident_id(25), resident_id(5)]
    told = hub.ask(
        'query ($ids: [String!]!) { enrollmentStatus(residentIds: $ids, insurance: "injury") { status } }',
        {"ids": numbers},
        grant=grant,
    )
    assert [one["status"] for one in told.data["enrollmentStatus"]] == ["YES", "UNKNOWN"]


def test_a_proof_is_given_of_ones_own_events_and_of_those_in_the_grants_rows(hub: Any, give: Any) -> None:
    rows = '[fields.AccessEvent]\nkind = {}\n[[rows.AccessEvent]]\ncolumn = "client"\nequals = "office"'
    grant = give("auditor/some", 'roots = ["receiptProof", "accessLog"]\n' + rows)
    other = give(
        "third/one", 'roots = ["deliveries"]\n[fields.Delivery]\nname = {}\n[[rows.Delivery]]\neveryone = true'
    )
    events = [
        hub.ask("{ deliveries { nodes { name } } }", grant=name).extensions["receipt"]["event"]
        for name in ("office/all", other, grant)
    ]
    hub.integrate()
    ask = lambda event: hub.ask('{ receiptProof(eventId: "%s") { eventId } }' % event, grant=grant).data["receiptProof"]
    assert [ask(event) is not None for event in events] == [True, False, True]
    assert ask(UUID(int=1)) is None


@pytest.mark.parametrize("field", ["id", "enrollments"])
def test_a_mask_on_what_cannot_be_masked_closes_it(hub: Any, give: Any, field: str) -> None:
    body = f'roots = ["persons"]\n[fields.Person]\n{field} = {{ mask = "last4" }}\n[fields.Enrollment]\nstate = {{}}\n{EVERYBODY}\n[[rows.Enrollment]]\nreached = true'
    inner = f"{field} {{ state }}" if field == "enrollments" else field
    assert hub.ask(f"{{ persons {{ nodes {{ {inner} }} }} }}", grant=give("sloppy/masks", body)).codes == [
        "POLICY_MASK"
    ]


# -- odd values ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", ['{ findings(openedSince: "0001-01-01T00:00:00+14:00") { nodes { id } } }', '{ findings(openedSince: "9999-12-31T23:59:59-12:00") { nodes { id } } }', '{ persons(area: "\\u0000") { nodes { area } } }'])  # fmt: skip
def test_a_value_that_no_column_can_hold_is_refused_and_recorded(hub: Any, query: str) -> None:
    told = hub.ask(query)
    assert (told.status, told.codes) == (400, ["REQUEST_ARGUMENT"])
    assert told.extensions["receipt"]["event"]


@pytest.mark.parametrize(
    "text", ["' or true --", "x') or ('a' = 'a", "a $1", '"', "\\\\", "{a}", "%s", "'; drop table person; --"]
)
def test_a_value_is_never_read_as_sql(hub: Any, give: Any, text: str) -> None:
    """As an argument, as the value of a grant, as a client's attribute."""
    query = "query ($a: String) { persons(area: $a) { nodes { area } } employers(industry: $a, kind: $a) { nodes { name } } }"
    nothing = {"persons": {"nodes": []}, "employers": {"nodes": []}}
    assert hub.ask(query, {"a": text}).data == nothing
    fields = 'roots = ["persons"]\n[fields.Person]\narea = {}\n[[rows.Person]]\ncolumn = "area"\n'
    written = give("sql/written", fields + f"in = [{orjson.dumps(text).decode()}]")
    bound = give("sql/bound", fields + 'equals = "$client.area"', area=text)
    for grant in (written, bound):
        assert hub.ask("{ persons { nodes { area } } }", grant=grant).data == {"persons": {"nodes": []}}


@pytest.mark.parametrize("query", ['{ person("371082198001010018") }', "{ person 371082198001010018 }", '{ a } query "371082198001010018"', "{ person 37108219800101.0018 }", '{ person("""371082198001010018\'""") }'])  # fmt: skip
def test_a_syntax_error_does_not_repeat_what_may_be_personal(hub: Any, query: str) -> None:
    told = hub.ask(query)
    assert told.codes == ["REQUEST_SYNTAX"]
    assert b"37108219800101" not in told.answer.body
    explained = hub.ask("query ($q: String!) { explainAccess(query: $q) { sentences } }", {"q": query})
    assert b"37108219800101" not in explained.answer.body


# -- how much a question may cost -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("beside", ["query B { %s }", "fragment B on Query { %s }"])
def test_what_stands_beside_the_operation_is_bounded_like_it(hub: Any, beside: str) -> None:
    """It is validated too, which costs the square of its breadth: a document of 20 kB once took two seconds."""
    wide = " ".join("deliveries { nodes { name } }" for _ in range(110))
    document = "query A { deliveries { nodes { name } } } " + beside % wide
    with pytest.raises(RequestError) as refused:
        read(document, "A", hub.answers._schema, hub.answers._limits)
    assert refused.value.code == "REQUEST_TOO_WIDE"


def test_only_a_few_queries_are_explained_at_a_time(hub: Any) -> None:
    many = " ".join(f'a{n}: explainAccess(query: "{{ x }}") {{ allowed }}' for n in range(6))
    assert hub.ask(f"{{ {many} }}").codes == ["REQUEST_TOO_COSTLY"]


def test_what_clients_send_does_not_pile_up_in_memory(hub: Any) -> None:
    kept = len(hub.answers._ready)
    assert hub.ask("{ deliveries { nodes { name } } } #" + "x" * LONGEST_KEPT).status == 200
    assert len(hub.answers._ready) == kept
    names = [f"c{number}" for number in range(6)]
    document = "query ({}) {{ deliveries {{ nodes {{ name {} }} }} }}".format(
        " ".join(f"${name}: Boolean!" for name in names),
        " ".join(f"{name}: owner @include(if: ${name})" for name in names),
    )
    for outcome in range(2 ** len(names)):
        told = hub.ask(document, {name: bool(outcome >> at & 1) for at, name in enumerate(names)})
        assert len(told.data["deliveries"]["nodes"][0]) == 1 + outcome.bit_count()
    assert all(len(ready.plans) <= MOST_OUTCOMES for ready in hub.answers._ready.values())


# -- nothing without its record -------------------------------------------------------------------------------------------------


def test_a_query_that_was_allowed_and_failed_is_recorded(
    hub: Any, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def slow(*_: Any) -> Any:
        raise asyncpg.QueryCanceledError("canceling statement due to statement timeout")

    before = datetime.now(UTC)
    monkeypatch.setattr("hub.query.carry_out", slow)
    with pytest.raises(asyncpg.QueryCanceledError):
        hub.ask("{ deliveries { nodes { name } } }")
    rows = database.execute("select leaf from audit_event where kind = 'query_failed' and recorded_at >= %s", before)
    assert [orjson.loads(row[0])["reasons"] for row in rows] == [["QueryCanceledError"]]


def test_a_question_given_up_before_its_record_leaves_nothing_and_after_it_a_record(
    hub: Any, database: Database
) -> None:
    """The one order: fetched, recorded, answered. Whoever cancels between gets no byte, and the log may say more."""

    async def give_up(seconds: float) -> None:
        task = asyncio.ensure_future(hub._ask("{ persons(first: 40) { nodes { name } } }", None, "office/all"))
        await asyncio.sleep(seconds)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    count = lambda: database.execute("select count(*) from audit_event where persons = 40")[0][0]
    before = count()
    hub.runner.run(give_up(0))
    assert count() == before
    assert hub.ask("{ persons(first: 40) { nodes { name } } }").status == 200
    assert count() == before + 1
