"""The monthly return: what changed since the last one, once, into a file that only its owner reads, after its event."""

import stat
from base64 import b64decode, b64encode
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
import pytest
from indicator_city import OCTOBER, PARAMETERS, IndicatorCity

from hub.checks.example import key_of
from hub.errors import IndicatorError
from hub.indicators import national
from hub.intake.manifest import Signer as PublicKey
from hub.sealing import Keyring

TODAY = date(2026, 12, 5)
NOVEMBER = date(2026, 11, 1)


def person(keyring: Keyring, label: str, name: str = "") -> dict[str, Any]:
    content = orjson.dumps({"resident_id": f"ID of {label}", "name": name or label, "phone": "13900000000"})
    return {"person": label, "sealed": keyring.seal(content, b"person:" + key_of(label).bytes), "area": "371082100"}


@pytest.fixture
def delivered(city: IndicatorCity, keyring: Keyring) -> IndicatorCity:
    """Zhang and Li are enrolled in October, Wang somewhere else."""
    city.deliver("public_security/population", "person", *(person(keyring, one) for one in ("Zhang", "Li", "Wang")))
    city.deliver("market_supervision/registration", "employer", {"employer": "Shop", "uscc": "91371082MA0000000W"})
    city.deliver(
        "human_resources/enrollment",
        "enrollment",
        {"person": "Zhang", "employer": "Shop", "starts_on": date(2020, 1, 1)},
        {"person": "Zhang", "employer": "Shop", "insurance": "injury", "starts_on": date(2020, 1, 1)},
        {"person": "Wang", "starts_on": date(2020, 1, 1), "region": "370202"},
        {"person": "Li", "starts_on": date(2026, 11, 1)},
    )
    city.deliver(
        "human_resources/resident_pension",
        "enrollment",
        {"person": "Li", "insurance": "resident_pension", "starts_on": date(2015, 1, 1), "tier_yuan": 300},
    )
    city.deliver("human_resources/contribution", "contribution", {"person": "Zhang", "month": date(2026, 9, 1)})
    return city


def make(city: IndicatorCity, keyring: Keyring, folder: Path, month: date = OCTOBER, **more: Any) -> national.Return:
    given = {"region": "371082", "today": TODAY, "at": datetime(2026, 11, 9, tzinfo=UTC), "by": "officer"} | more
    return national.make(
        month,
        folder,
        reader=city.reader,
        writer=city.writer,
        keyring=keyring,
        signer=city.signer,
        parameters=PARAMETERS,
        **given,
    )


def lines(folder: Path, made: national.Return) -> dict[tuple[str, str], dict[str, Any]]:
    rows = [orjson.loads(line) for line in (folder / made.file).read_bytes().splitlines()]
    found = {(one["name"], one["insurance"]): one for one in rows}
    assert len(found) == len(rows)
    return found


def next_month(city: IndicatorCity) -> None:
    """November's batches, in which nothing is new yet."""
    for name, target in {
        "public_security/population": "person",
        "human_resources/enrollment": "enrollment",
        "human_resources/resident_pension": "enrollment",
        "human_resources/contribution": "contribution",
    }.items():
        city.deliver(name, target, period=NOVEMBER)


def test_the_first_return_tells_everybody_of_the_city_by_person_and_insurance(
    delivered: IndicatorCity, keyring: Keyring, tmp_path: Path
) -> None:
    made = make(delivered, keyring, tmp_path)
    told = lines(tmp_path, made)
    assert set(told) == {("Zhang", "employee_pension"), ("Zhang", "injury"), ("Li", "resident_pension")}
    zhang = told["Zhang", "employee_pension"]
    assert zhang | {
        "change": "added", "resident_id": "ID of Zhang", "state": "active", "starts_on": "2020-01-01", "ends_on": None,
        "employer_uscc": "91371082MA0000000W", "last_paid_month": "2026-09-01", "area": "371082100",
    } == zhang  # fmt: skip
    assert told["Li", "resident_pension"]["tier_yuan"] == "300.00"
    assert "phone" not in zhang
    assert (made.added, made.changed, made.ended) == (3, 0, 0)


def test_a_resident_in_no_insurance_has_a_line_with_the_reason_told_last_until_enrolled(
    delivered: IndicatorCity, keyring: Keyring, tmp_path: Path
) -> None:
    delivered.deliver("public_security/population", "person", person(keyring, "Zhao"))
    surveys = [
        {"person": "Zhao", "surveyed_on": date(2026, day, 1), "reason": reason}
        for day, reason in ((3, "cannot_afford"), (9, "unaware"), (12, "later"))
    ]
    delivered.deliver("town/household_survey", "household_survey", *surveys)
    told = lines(tmp_path, make(delivered, keyring, tmp_path))
    assert {name for name, insurance in told if not insurance} == {"Zhao"}
    assert (told["Zhao", ""]["state"], told["Zhao", ""]["not_enrolled_reason"]) == ("not_enrolled", "unaware")
    next_month(delivered)
    delivered.deliver(
        "human_resources/enrollment", "enrollment", {"person": "Zhao", "starts_on": date(2026, 11, 1)}, period=NOVEMBER
    )
    told = lines(tmp_path, make(delivered, keyring, tmp_path, NOVEMBER))
    assert {insurance: one["change"] for (name, insurance), one in told.items() if name == "Zhao"} == {
        "": "ended",
        "employee_pension": "added",
    }


def test_what_did_not_change_is_not_told_again_and_what_ended_is_told_once(
    delivered: IndicatorCity, keyring: Keyring, tmp_path: Path
) -> None:
    make(delivered, keyring, tmp_path)
    next_month(delivered)
    delivered.database.execute(
        "update enrollment set known_until = now() where person_key = %s and insurance = 'injury'", key_of("Zhang")
    )
    delivered.database.execute(
        "update enrollment set state = 'suspended' where person_key = %s and insurance = 'resident_pension'",
        key_of("Li"),
    )
    made = make(delivered, keyring, tmp_path, NOVEMBER)
    told = lines(tmp_path, made)
    assert {key: one["change"] for key, one in told.items()} == {
        ("Zhang", "injury"): "ended",
        ("Li", "resident_pension"): "changed",
        ("Li", "employee_pension"): "added",
    }
    assert told["Zhang", "injury"] == {
        "change": "ended",
        "resident_id": "ID of Zhang",
        "name": "Zhang",
        "insurance": "injury",
    }
    delivered.database.execute("update batch set period = '2026-12-01' where period = %s", NOVEMBER)
    again = make(delivered, keyring, tmp_path, date(2026, 12, 1), today=date(2027, 1, 5))
    assert (again.added, again.changed, again.ended) == (0, 0, 0)


def test_who_comes_back_after_an_end_is_added_again(delivered: IndicatorCity, keyring: Keyring, tmp_path: Path) -> None:
    make(delivered, keyring, tmp_path)
    gone = "update enrollment set known_until = {until} where person_key = %s and insurance = 'injury'"
    next_month(delivered)
    delivered.database.execute(gone.format(until="now()"), key_of("Zhang"))
    assert make(delivered, keyring, tmp_path, NOVEMBER).ended == 1
    delivered.database.execute(gone.format(until="'9999-12-31 00:00:00+00'"), key_of("Zhang"))
    delivered.database.execute("update batch set period = '2026-12-01' where period = %s", NOVEMBER)
    made = make(delivered, keyring, tmp_path, date(2026, 12, 1), today=date(2027, 1, 5))
    assert lines(tmp_path, made)["Zhang", "injury"]["change"] == "added"


def test_chunks_make_no_difference(
    delivered: IndicatorCity, keyring: Keyring, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.indicators.told.CHUNK", 1)
    assert make(delivered, keyring, tmp_path).added == 3
    next_month(delivered)
    delivered.database.execute("update enrollment set known_until = now()")
    made = make(delivered, keyring, tmp_path, NOVEMBER)
    told = lines(tmp_path, made)
    assert {one for one in told if told[one]["change"] == "added"} == {("Zhang", ""), ("Li", ""), ("Wang", "")}
    assert (made.added, made.changed, made.ended) == (3, 0, 3)


def test_the_file_is_its_owners_alone_and_its_manifest_is_signed(
    delivered: IndicatorCity, keyring: Keyring, tmp_path: Path
) -> None:
    folder = tmp_path / "returns"
    made = make(delivered, keyring, folder)
    names = {path.name for path in folder.iterdir()}
    assert names == {made.file, f"{made.file}.manifest.json", f"{made.file}.manifest.json.sig"}
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in folder.iterdir())
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    said = (folder / f"{made.file}.manifest.json").read_bytes()
    manifest = orjson.loads(said)
    content = (folder / made.file).read_bytes()
    assert manifest["files"] == [{"name": made.file, "sha256": sha256(content).hexdigest(), "rows": 3}]
    assert (manifest["delivery"], manifest["period"], manifest["rows"]) == (
        "national_store/participation",
        "2026-10",
        3,
    )
    public = national.signing_key(keyring).public_key().public_bytes_raw()
    signature = b64decode((folder / f"{made.file}.manifest.json.sig").read_bytes())
    signer = PublicKey(algorithm="ed25519", key=b64encode(public).decode())
    assert signer.signed(said, signature)
    assert not signer.signed(said.replace(b"2026-10", b"2026-11"), signature)


def test_the_return_stands_in_the_access_log_without_anybodys_name(
    delivered: IndicatorCity, keyring: Keyring, tmp_path: Path
) -> None:
    made = make(delivered, keyring, tmp_path)
    [event] = delivered.events("national_return_made")
    assert event["details"] == {
        "month": "2026-10", "file": made.file, "sha256": made.sha256, "by": "officer",
        "added": 3, "changed": 0, "ended": 0,
    }  # fmt: skip
    assert event["persons"] == 2
    assert "Zhang" not in orjson.dumps(event).decode()


def test_where_the_event_cannot_be_recorded_no_file_appears_and_nothing_is_told(
    delivered: IndicatorCity, keyring: Keyring, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any) -> None:
        assert [path.name for path in tmp_path.iterdir() if not path.name.startswith(".")] == []
        raise RuntimeError("the log is not there")

    with monkeypatch.context() as patched:
        patched.setattr(national, "record_sync", fails)
        with pytest.raises(RuntimeError):
            make(delivered, keyring, tmp_path)
    assert [path.name for path in tmp_path.iterdir() if not path.name.startswith(".")] == []
    assert delivered.database.execute("select count(*) from national_return_row") == [(0,)]
    assert make(delivered, keyring, tmp_path).added == 3


def test_killed_before_the_file_has_its_name_it_is_named_by_making_it_again_and_nothing_is_told_twice(
    delivered: IndicatorCity, keyring: Keyring, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(national, "_name", dies)
        with pytest.raises(KeyboardInterrupt):
            make(delivered, keyring, tmp_path)
    assert not (tmp_path / "national_return_2026-10.jsonl").exists()
    made = make(delivered, keyring, tmp_path)
    assert len(lines(tmp_path, made)) == 3
    assert make(delivered, keyring, tmp_path) == made
    assert len(delivered.events("national_return_made")) == 1


def test_another_file_under_the_returns_name_is_told_of(
    delivered: IndicatorCity, keyring: Keyring, tmp_path: Path
) -> None:
    made = make(delivered, keyring, tmp_path)
    (tmp_path / made.file).write_bytes(b"{}")
    with pytest.raises(IndicatorError, match="is not the file that was returned"):
        make(delivered, keyring, tmp_path)
    (tmp_path / made.file).unlink()  # taken to the province
    assert make(delivered, keyring, tmp_path) == made


def test_a_return_is_not_made_of_a_month_of_which_a_delivery_is_missing(
    delivered: IndicatorCity, keyring: Keyring, tmp_path: Path
) -> None:
    with pytest.raises(IndicatorError, match="human_resources/enrollment has not given 2026-11"):
        make(delivered, keyring, tmp_path, NOVEMBER)
    assert not list(tmp_path.glob("*.jsonl"))
    with pytest.raises(IndicatorError, match="2026-12 is not over"):
        make(delivered, keyring, tmp_path, date(2026, 12, 1))


def test_no_month_is_returned_after_a_later_one(delivered: IndicatorCity, keyring: Keyring, tmp_path: Path) -> None:
    make(delivered, keyring, tmp_path)
    with pytest.raises(IndicatorError, match="2026-10 was returned already"):
        make(delivered, keyring, tmp_path, date(2026, 9, 1))


@pytest.mark.parametrize(
    ("made_at", "state"),
    [(datetime(2026, 11, 10, 15, 59, tzinfo=UTC), "done"), (datetime(2026, 11, 10, 16, 1, tzinfo=UTC), "done_late")],
)
def test_the_clock_says_done_in_time_by_the_tenth_in_china(
    delivered: IndicatorCity, keyring: Keyring, tmp_path: Path, made_at: datetime, state: str
) -> None:
    make(delivered, keyring, tmp_path, at=made_at)
    clocks = national.status(delivered.reader, PARAMETERS, region="371082", today=date(2026, 11, 12))
    assert [(one.month, one.due_on, one.state) for one in clocks[:2]] == [
        (OCTOBER, date(2026, 11, 10), state),
        (date(2026, 9, 1), date(2026, 10, 10), "covered"),
    ]


@pytest.mark.parametrize(("today", "state"), [(date(2026, 12, 10), "due"), (date(2026, 12, 11), "late")])
def test_the_clock_says_what_is_missing(delivered: IndicatorCity, today: date, state: str) -> None:
    [clock] = national.status(delivered.reader, PARAMETERS, region="371082", today=today, months=1)
    assert (clock.month, clock.state) == (NOVEMBER, state)
    assert "human_resources/enrollment has not given 2026-11: its last month is 2026-10" in clock.missing


def test_a_region_whose_due_day_nobody_set_is_told_by_name(delivered: IndicatorCity) -> None:
    with pytest.raises(IndicatorError, match="NOT CONFIGURED: national_return_day"):
        national.due_on(OCTOBER, PARAMETERS, "150300")
    assert national.due_on(date(2026, 12, 1), PARAMETERS, "371082") - date(2027, 1, 1) == timedelta(days=9)


def test_only_the_hubs_own_key_signs(keyring: Keyring) -> None:
    other = replace(keyring, roots=dict.fromkeys(keyring.roots, b"x" * 32))
    keys = [national.signing_key(one).public_key().public_bytes_raw() for one in (keyring, keyring, other)]
    assert keys[0] == keys[1] != keys[2]
    assert keys[0] != keyring.log_signer.public_key().public_bytes_raw()
