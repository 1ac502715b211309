"""Rows that are known need not be prepared again, and nothing differs for it."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from intake_factory import Desk, lenient, name, population, resident_id
from postgres import _copy

from hub.intake import prepare as preparing
from hub.intake.known import Known
from hub.sealing import Keyring

POPULATION = "public_security/population"
FUND = "housing/provident_fund_person"
PAYROLL = "tax/payroll"


def saving(number: int, base: int = 6000, account: str = "") -> dict[str, str]:
    return {
        "个人账号": account or f"50{number}", "姓名": name(number), "证件号码": resident_id(number),
        "单位账号": f"1002{number % 3}", "缴存基数": str(base), "缴至年月": "202610", "账户状态": "01",
    }  # fmt: skip


@pytest.fixture
def other_desk(server: str, template: str, keyring: Keyring, tmp_path: Path) -> Iterator[Desk]:
    """A second desk, of the same keys, on a database of its own."""
    (tmp_path / "other").mkdir()
    for database in _copy(server, template):
        yield Desk(database, keyring, tmp_path / "other", lenient(tmp_path / "declarations"))


@contextmanager
def knowing_nothing() -> Iterator[None]:
    """Every row is prepared and staged, whatever is known."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            Known, "positions", lambda _, digests: pl.Series([None], dtype=pl.UInt32).new_from_index(0, len(digests))
        )
        yield


def stored(desk: Desk) -> list[list[tuple[Any, ...]]]:
    """Every fact ever known and every rejected row, with its batch and row, but for times and sealed values."""
    tables = ("person", "provident_fund", "payroll", "employer", "employer_alias", "rejected_row", "batch")
    found = []
    for table in tables:
        columns = [
            row[0]
            for row in desk.database.execute(
                "select column_name::text from information_schema.columns where table_schema = 'public'"
                f" and table_name = '{table}' and column_name not in ('known_from', 'known_until', 'sealed', 'started_at',"
                " 'sealed_at', 'files', 'digest') order by 1"
            )
        ]
        until = (
            ", known_until > now() + interval '1 year'"
            if table not in {"employer_alias", "rejected_row", "batch"}
            else ""
        )
        found.append(sorted(desk.database.execute(f"select {', '.join(columns)}{until} from {table}"), key=repr))
    return found


def test_what_is_said_again_is_prepared_no_second_time(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    sealed: list[int] = []
    identities = preparing.identities

    def counting(frame: Any) -> Any:
        sealed.append(len(frame))
        return identities(frame)

    monkeypatch.setattr(preparing, "identities", counting)
    desk.rows(POPULATION, population(range(50)), period=date(2026, 9, 1))
    assert sum(sealed) == 50
    sealed.clear()
    rows = population(range(50))
    rows[7]["管理状态"] = "迁出"
    report = desk.rows(POPULATION, rows)
    assert (report.loaded, report.added, report.changed, report.ended) == (50, 0, 1, 0)
    assert sum(sealed) == 1


def test_a_known_row_that_is_also_said_differently_is_rejected_with_the_other(desk: Desk) -> None:
    desk.rows(POPULATION, population(range(5)), period=date(2026, 9, 1))
    report = desk.rows(POPULATION, [*population(range(5)), *population([2], 管理状态="死亡")])
    assert (report.declared, report.loaded, report.rejected, report.changed, report.ended) == (6, 4, 2, 0, 0)
    assert report.reasons == {"row: same key as another row with other values": 2}


def test_a_known_row_that_stands_twice_is_loaded_once(desk: Desk) -> None:
    desk.rows(POPULATION, population(range(5)), period=date(2026, 9, 1))
    report = desk.rows(POPULATION, population([0, 1, 2, 2, 3, 4, 2]))
    assert (report.declared, report.loaded, report.rejected, report.ended) == (7, 5, 2, 0)
    assert report.reasons == {"row: duplicate of another row": 2}


def test_somebody_whom_the_register_ended_is_introduced_again_by_a_known_row(desk: Desk) -> None:
    desk.rows(FUND, [saving(1), saving(2)], period=date(2026, 9, 1))
    desk.rows(POPULATION, population([1, 2]), period=date(2026, 9, 1))
    desk.rows(POPULATION, population([2]))
    assert len(desk.facts("person")) == 1
    assert desk.rows(FUND, [saving(1), saving(2)]).changed == 0
    assert sorted(desk.facts("person", "status")) == [("introduced",), ("normal",)]


def months(chance: random.Random) -> list[tuple[str, list[dict[str, str]]]]:
    """Some months of two registers, with what comes, goes, changes, stands twice, contradicts itself or is unreadable."""
    told = []
    for _ in range(4):
        people = population(sorted(chance.sample(range(12), chance.randint(5, 11))))
        people += [dict(chance.choice(people)) for _ in range(chance.randint(0, 2))]
        for row in chance.sample(people, 2):
            row["管理状态"] = chance.choice(["死亡", "迁出", "正常", "?"])
        savings = [saving(n, chance.choice([6000, 6000, 7000])) for n in chance.sample(range(12), chance.randint(3, 9))]
        savings += [dict(chance.choice(savings)) for _ in range(chance.randint(0, 2))]
        chance.choice(savings)["缴存基数"] = chance.choice(["6000", "x", "6001"])
        told += [(POPULATION, chance.sample(people, len(people))), (FUND, chance.sample(savings, len(savings)))]
    return told


@pytest.mark.parametrize("seed", range(12))
def test_a_load_that_knows_ends_as_one_that_knows_nothing(seed: int, desk: Desk, other_desk: Desk) -> None:
    chance = random.Random(seed)  # noqa: S311 - not a secret, a story
    for month, (delivery, rows) in enumerate(months(chance)):
        period = date(2026, 1 + month // 2, 1)
        report = desk.rows(delivery, rows, period=period)
        with knowing_nothing():
            other = other_desk.rows(delivery, rows, period=period)
        for said in ("declared", "loaded", "rejected", "added", "changed", "ended", "reasons"):
            assert getattr(report, said) == getattr(other, said), (month, said)
    assert stored(desk) == stored(other_desk)


def test_half_of_a_digest_is_not_the_digest() -> None:
    known = Known(np.array([5], np.uint64), np.array([1], np.uint64))
    digests = pl.Series([(5 << 64 | 1).to_bytes(16), (5 << 64 | 2).to_bytes(16), (4 << 64 | 1).to_bytes(16)])
    assert known.positions(digests).to_list() == [0, None, None]
