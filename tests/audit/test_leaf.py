"""A leaf has one spelling, holds nothing about a person, and commits to what does."""

import json
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.audit.event import (
    Event,
    Kind,
    Outcome,
    Personal,
    canonical,
    first_id,
    leaf,
    new_id,
    without_persons,
)

AT = datetime(2026, 10, 1, 8, 30, 0, 120, tzinfo=UTC)
PERSON = UUID("a26f8e8c-3d5b-8f3a-9d6e-1f2a3b4c5d6e")
EVENT = Event(
    kind=Kind.query_answered,
    outcome=Outcome.allowed,
    client="民政局",
    grant="civil_affairs/low_income_verification",
    persons=1,
    details={"rows": 3},
    event_id=UUID("0199a000-0000-7000-8000-000000000001"),
    at=AT,
)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner),
    max_leaves=12,
)


def test_the_bytes_of_a_leaf_are_these_and_stay_these() -> None:
    assert leaf(EVENT).public.decode() == (
        '{"at":"2026-10-01T08:30:00.000120Z","client":"民政局","details":{"rows":3},'
        '"grant":"civil_affairs/low_income_verification","id":"0199a000-0000-7000-8000-000000000001",'
        '"kind":"query_answered","outcome":"allowed","persons":1,"v":1}'
    )


def test_a_leaf_commits_to_the_personal_part_by_its_salt() -> None:
    one = leaf(EVENT, Personal(persons=[PERSON], source="192.0.2.7"), salt=bytes(16))
    assert one.personal == b'{"persons":["a26f8e8c-3d5b-8f3a-9d6e-1f2a3b4c5d6e"],"source":"192.0.2.7"}'
    assert json.loads(one.public)["personal"] == sha256(bytes(16) + one.personal).hexdigest()


def test_a_leaf_holds_nothing_of_the_personal_part() -> None:
    public = leaf(
        EVENT,
        Personal(
            persons=[PERSON],
            operation="cd" * 32,
            answer="ef" * 32,
            variables="ab" * 32,
            source="192.0.2.7",
            details={"row": "x1"},
        ),
    ).public
    for told in (str(PERSON), PERSON.hex, "ab" * 32, "cd" * 32, "ef" * 32, "192.0.2.7", "x1"):
        assert told.encode() not in public


def test_the_same_personal_part_has_another_commitment_every_time() -> None:
    personal = Personal(persons=[PERSON])
    assert leaf(EVENT, personal).public != leaf(EVENT, personal).public


def test_a_refused_query_shows_nobody() -> None:
    shown = Personal(persons=[PERSON], source="192.0.2.7")
    assert without_persons(shown) == Personal(source="192.0.2.7")
    assert without_persons(None) is None


@given(json_values)
def test_canonical_json_is_that_of_the_standard_library(value: object) -> None:
    expected = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert canonical(value) == expected.encode()


@pytest.mark.parametrize(
    "value", [1.0, {"a": [0.5]}, 2**53, -(2**53), b"bytes", {1: "a"}, {"a": object()}, "\ud800", AT]
)
def test_what_could_be_spelt_in_two_ways_is_refused(value: object) -> None:
    with pytest.raises(ValueError):
        canonical(value)


@pytest.mark.parametrize(
    "more",
    [
        {"client": "a\0b"},
        {"grant": "\0"},
        {"persons": -1},
        {"persons": 2**31},
        {"details": {"share": 0.5}},
        {"at": datetime(2026, 10, 1, 8, 30)},  # noqa: DTZ001
        {"at": AT.astimezone(timezone(timedelta(hours=8)))},
        {"client": "\ud800"},
    ],
)
def test_a_malformed_event_is_refused_before_it_meets_others(more: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        leaf(Event(**{"kind": Kind.check_run, "outcome": Outcome.allowed, **more}))  # type: ignore[arg-type]


def test_a_sub_kind_of_uuid_as_drivers_make_them_is_spelt_like_any_other() -> None:
    class Drivers(UUID):
        pass

    assert (
        leaf(EVENT, Personal(persons=[Drivers(PERSON.hex)]), salt=b"s").public
        == leaf(EVENT, Personal(persons=[PERSON]), salt=b"s").public
    )


def test_ids_sort_by_time_and_are_of_version_7() -> None:
    ids = [new_id() for _ in range(1000)]
    assert len(set(ids)) == 1000
    assert all(one.version == 7 and one.variant == uuid4().variant for one in ids)
    assert (
        first_id(datetime.now(UTC) - timedelta(minutes=1))
        < ids[0]
        <= max(ids)
        < first_id(datetime.now(UTC) + timedelta(minutes=1))
    )


@given(st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_a_range_of_time_is_a_range_of_ids(at: datetime) -> None:
    assert first_id(at) < first_id(at + timedelta(microseconds=1))


def test_every_kind_says_in_a_sentence_what_happened() -> None:
    for kind in Kind:
        assert kind.says.endswith(".")
        assert kind.value == kind.name
    assert len({kind.says for kind in Kind}) == len(Kind)
