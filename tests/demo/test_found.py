"""The whole way of the synthetic city: every delivery loaded as the manifest counts it, every rule's findings those planted."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import changing
import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hub.audit.checkpoint import Signer
from hub.checks import RunReport, check, read_parameters, read_rules
from hub.checks.touched import tables_read
from hub.demo import PARAMETERS
from hub.intake import load
from hub.intake.batch import BatchReport
from hub.sealing import Keyring

DECLARATIONS = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def loaded(
    built: Any, database: Any, keyring: Keyring, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[tuple[dict[str, Any], BatchReport]]]:
    """Every delivery of the manifest, in its order, with what loading it came to."""
    writer, archive = database.engine("writer"), tmp_path_factory.mktemp("archive")
    yield [
        (
            entry,
            load(
                entry["delivery"],
                [built.folder / file for file in entry["files"]],
                period=date.fromisoformat(entry["period"] + "-01"),
                engine=writer,
                keyring=keyring,
                declarations=DECLARATIONS,
                archive=archive,
                by="test",
            ),
        )
        for entry in built.manifest["deliveries"]
    ]
    writer.dispose()


@pytest.fixture(scope="module")
def reports(built: Any, database: Any, loaded: Any) -> dict[str, RunReport]:
    database.execute("analyze")
    runs = check(
        reader=database.engine("reader"),
        writer=database.engine("writer"),
        signer=Signer("hub.example/test", Ed25519PrivateKey.generate()),
        region=built.manifest["region"],
        today=date.fromisoformat(built.manifest["today"]),
        parameters=read_parameters(PARAMETERS),
    )
    return {run.id: run for run in runs}


def test_every_delivery_is_loaded_with_the_rows_and_the_rejections_that_the_manifest_counts(loaded: Any) -> None:
    for entry, report in loaded:
        found = (report.declared, report.rejected)
        assert found == (entry["declared"], entry["expected_rejected"]), (entry["files"], report.reasons)


def test_every_planted_case_is_found_nothing_else_is_and_what_cannot_be_known_is_unknown(
    built: Any, database: Any, keyring: Keyring, reports: dict[str, RunReport]
) -> None:
    for rule, lists in built.manifest["rules"].items():
        report = reports[rule]
        assert report.verdict == "judged", report.because
        rows = database.execute(
            "select coalesce(project_code, subject_key::text), matter from finding where rule = %s and state = 'open'",
            report.name,
        )
        wanted = {subject(case, keyring): case["why"] for case in lists["planted"]}
        near = {subject(case, keyring): case["why"] for case in lists["near_misses"]}
        assert [near[one] for one in rows if one in near] == [], rule
        assert [why for one, why in wanted.items() if one not in rows] == [], rule
        assert len(rows) == len(wanted), rule
        assert report.unknown == len(lists["unknown"]), rule


def test_with_the_lists_of_students_prisoners_and_those_insured_elsewhere_nothing_is_left_to_be_checked(
    database: Any, reports: dict[str, RunReport]
) -> None:
    names = [reports[rule].name for rule in ("P01", "P02", "P06", "U04")]
    said = database.execute("select distinct rule, values->>'certainty' from finding where rule = any(%s)", names)
    assert sorted(said) == sorted((name, "confirmed") for name in names)


def subject(case: dict[str, str], keyring: Keyring) -> tuple[str, str]:
    """What a finding says of itself: whose it is, and its matter."""
    key = case.get("project_code")
    if "resident_id" in case:
        key = str(keyring.person_key("CN:" + case["resident_id"]))
    elif "uscc" in case:
        key = str(keyring.employer_key(case["uscc"]))
    elif "registration_no" in case:
        key = str(keyring.employer_key("registration:" + case["registration_no"]))
    return str(key), case.get("matter", "")


def test_the_second_snapshot_supersedes_the_first_where_they_differ_and_nothing_else(loaded: Any) -> None:
    first, second = [report for entry, report in loaded if entry["delivery"] == "public_security/population"]
    assert first.added > 2_900
    assert 0 < second.changed < 50
    assert second.ended == 0


def test_a_correction_supersedes_the_wages_of_its_month_and_adds_none(loaded: Any) -> None:
    (report,) = [report for entry, report in loaded if "更正" in entry["files"][0]]
    assert (report.added, report.changed, report.ended) == (0, 20, 0)


def test_without_any_one_delivery_the_rules_that_need_it_are_not_judged_and_nobody_else_is_accused(
    built: Any, database: Any, reports: dict[str, RunReport]
) -> None:
    """Whom a rule finds that does not need it, it had found before, or calls to be checked where it consults it.

    Of a rule about the deliveries themselves the findings about the one that is gone are gone.
    """
    rules, known = read_rules(), read_parameters(PARAMETERS)
    place = (built.manifest["region"], date.fromisoformat(built.manifest["today"]))
    with database.engine().connect() as connection:
        connection.execute(sa.text("set local search_path = facts_now, public; set local enable_nestloop = off"))
        before = {
            rule.name: changing.said(connection, changing.based(connection, rule, known, *place)) for rule in rules
        }
    came = database.execute("select distinct d.name, d.target from delivery d join batch b on b.delivery_id = d.id")
    for delivery, target in came:
        with changing.without(database, delivery) as connection:
            for rule in rules:
                basis = changing.based(connection, rule, known, *place)
                if delivery in rule.needs:
                    assert [one.says for one in basis.because] == [f"{delivery} was never delivered"], rule.name
                    continue
                assert not basis.because, (rule.name, delivery)
                if target not in tables_read(rule.sql):
                    continue
                for one, (verdict, certainty) in changing.said(connection, basis).items():
                    had = before[rule.name].get(one)
                    if delivery in rule.consults:
                        assert had or verdict == "UNKNOWN" or certainty == "to_be_checked", (rule.name, delivery)
                    else:
                        assert had == (verdict, certainty), (rule.name, delivery, verdict, had)


def test_after_any_batches_those_touched_are_judged_as_all_are(
    built: Any, database: Any, reports: dict[str, RunReport]
) -> None:
    """Last of this file: it leaves the city changed."""
    random = Random(20261121)  # noqa: S311 -- the same every time
    parts = {
        "reader": database.engine("reader"),
        "writer": database.engine("writer"),
        "signer": Signer("hub.example/test", Ed25519PrivateKey.generate()),
        "region": built.manifest["region"],
        "today": date.fromisoformat(built.manifest["today"]),
        "parameters": read_parameters(PARAMETERS),
    }
    again = 0
    for _ in range(8):
        for _ in range(random.randint(1, 4)):
            changing.deliver_changes(database, random, rows=12)
        few = {run.name: run for run in check(**parts, everybody=False)}
        then = changing.kept(database)
        every = {run.name: run for run in check(**parts)}
        now = changing.kept(database)
        for what, rows in then.items():
            assert rows == now[what], (what, set(map(str, rows)) ^ set(map(str, now[what])))
        for name, run in every.items():
            assert (few[name].verdict, few[name].found, few[name].unknown) == (run.verdict, run.found, run.unknown), (
                name
            )
            assert (run.opened, run.cleared) == (0, 0), name
        again += sum(bool(run.judged_again) for run in few.values())
    assert again > 20, "hardly any rule was judged of those touched alone"
