"""The planted cases of the city: every one is found, no near miss is, and what cannot be known is not said."""

from hashlib import md5
from typing import Any
from uuid import UUID

import pytest
from city import City, city  # noqa: F401

from hub.checks import read_rules
from hub.demo.plants import PLANTED
from hub.terms import canonical_document

RULES = {rule.id: rule.name for rule in read_rules() if rule.file in PLANTED}


Case = tuple[str, str]
"""A subject's key, and the matter; empty where a rule tells no two apart."""


def subjects(city: City, state: str, rule: str) -> set[Case]:
    rows = city.database.execute("select subject_key, matter from finding where rule = %s and state = %s", rule, state)
    return {(str(key), matter) for key, matter in rows}


def expected(city: City, rule: str, which: str) -> dict[Case, str]:
    """The manifest's cases, and why."""
    keys = {}
    for case in city.manifest["rules"][rule][which]:
        if "resident_id" in case:
            key = city.keyring.person_key(canonical_document("resident_id", case["resident_id"]))
        elif "uscc" in case:
            key = city.keyring.employer_key(case["uscc"])
        elif "registration_no" in case:
            key = city.keyring.employer_key("registration:" + case["registration_no"])
        else:
            key = UUID(md5(case["project_code"].encode(), usedforsecurity=False).hexdigest())
        keys[str(key), case.get("matter", "")] = case["why"]
    return keys


@pytest.mark.parametrize("rule", RULES)
def test_every_planted_case_is_found_and_nothing_else(city: City, rule: str) -> None:
    planted, found = expected(city, rule, "planted"), subjects(city, "open", RULES[rule])
    assert planted, "a rule without a planted case proves nothing"
    assert {why for key, why in planted.items() if key not in found} == set(), "not found"
    near = expected(city, rule, "near_misses")
    assert {near.get(key, "nothing is known of this one") for key in found - set(planted)} == set(), "found wrongly"


@pytest.mark.parametrize("rule", RULES)
def test_what_the_data_do_not_decide_is_counted_as_unknown_and_opens_nothing(city: City, rule: str) -> None:
    unknown = expected(city, rule, "unknown")
    (report,) = [one for one in city.findings if one.id == rule]
    assert report.unknown == len(unknown)
    assert not set(unknown) & subjects(city, "open", RULES[rule])


def test_every_row_is_accounted_for(city: City) -> None:
    for load, entry in zip(city.loads, city.manifest["deliveries"], strict=True):
        assert load.declared == load.loaded + load.rejected
        assert (load.declared, load.rejected) == (entry["declared"], entry["expected_rejected"]), load.delivery


def test_a_finding_is_traced_to_batches_and_rows(city: City) -> None:
    bare = city.database.execute(
        "select f.rule from finding f where f.state = 'open' and not exists (select 1 from finding_evidence e"
        " join batch b on b.id = e.batch_id where e.subject_key = f.subject_key and e.finding_id = f.id"
        " and e.row_no > 0)"
    )
    assert bare == []


def test_checking_again_changes_nothing(city: City) -> None:
    before = city.database.execute("select id, state, opened_at, ended_at from finding order by id")
    reports = city.check()
    assert city.database.execute("select id, state, opened_at, ended_at from finding order by id") == before
    assert [one.opened for one in reports] == [0] * len(reports)


@pytest.mark.parametrize("needed", ["market_supervision/registration", "human_resources/enrollment"])
def test_a_missing_delivery_turns_its_rules_to_unknown_and_makes_no_finding(
    city: City, needed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = city.database.execute("select rule, id from finding where state = 'open' order by id")
    rules = {rule.name for rule in read_rules() if needed in rule.needs}
    assert rules
    city.database.execute("update delivery set name = name || '_gone' where name = %s", needed)
    try:
        verdicts = {one.name: (one.verdict, one.because) for one in city.check()}
        assert {name for name, (verdict, _) in verdicts.items() if verdict == "unknown"} == rules
        assert all(needed in verdicts[name][1] for name in rules)
        now = city.database.execute("select rule, id from finding where state = 'open' order by id")
        consulting = {rule.name for rule in read_rules() if needed in rule.consults}
        kept = {row for row in before if row[0] not in rules}
        assert set(now) <= kept, "nobody is found for want of a delivery"
        assert {rule for rule, _ in kept - set(now)} <= consulting, "who only consults it says UNKNOWN of some"
    finally:
        city.database.execute("update delivery set name = %s where name = %s", needed, f"{needed}_gone")
        city.check()
    assert city.database.execute("select rule, id from finding where state = 'open' order by id") == before


def test_no_identifier_stands_in_clear_in_the_store(city: City) -> None:
    """Every text and JSON column of every table, searched for the IDs of planted persons."""
    numbers = [
        case["resident_id"]
        for rule in city.manifest["rules"].values()
        for cases in rule.values()
        for case in cases
        if "resident_id" in case
    ][:40]
    columns: list[Any] = city.database.execute(
        "select table_name, column_name from information_schema.columns where table_schema = 'public'"
        " and data_type in ('text', 'jsonb', 'ARRAY', 'bytea')"
    )
    assert len(columns) > 50
    for table, column in columns:
        text = f"encode(\"{column}\", 'escape')" if table == "audit_event" and column == "leaf" else f'"{column}"::text'
        hits = city.database.execute(
            f'select 1 from "{table}" where {text} like any(%s) limit 1', [f"%{number}%" for number in numbers]
        )
        assert hits == [], f"{table}.{column}"
