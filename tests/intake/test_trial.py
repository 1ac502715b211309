"""Files tried against a connector: what is told is what loading does, and nothing of it is stored."""

from datetime import date
from pathlib import Path

import pytest
from intake_factory import Desk, name, population, resident_id, uscc, write_csv
from typer.testing import CliRunner

from hub.cli import app, parts
from hub.errors import DeclarationError, IntakeError
from hub.intake import Rehearsal, read_connector, rehearse
from hub.intake.extract import Delivered
from hub.intake.trial import Trial, read_candidate, told, try_files
from hub.sealing import write_keyring

ROOT = Path(__file__).resolve().parents[2]
POPULATION = "public_security/population"
HOUSEHOLDS = "civil_affairs/low_income"
OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)
KEPT = ("batch", "delivery", "audit_event", "rejected_row", "person", "employer", "employer_alias")


def tried(delivery: str, *files: Path, declarations: Path = ROOT) -> Trial:
    return try_files([Delivered.at(path) for path in files], read_connector(declarations, delivery), OCTOBER)


def rehearsed(desk: Desk, delivery: str, *files: Path, period: date = NOVEMBER) -> Rehearsal:
    return rehearse(
        read_connector(desk.declarations, delivery), list(files), period=period,
        engine=desk.database.engine("writer"), keyring=desk.keyring, by=desk.by,
    )  # fmt: skip


def stored(desk: Desk) -> dict[str, list[tuple[object, ...]]]:
    return {table: desk.database.execute(f"select t::text from {table} t order by 1") for table in KEPT}


def november() -> list[dict[str, str]]:
    """Of twenty known persons one died, two are gone, five are new; one cannot be read, and three say it twice."""
    rows = population(range(2, 25))
    rows[0]["管理状态"] = "死亡"
    rows[1]["公民身份号码"] = "1"
    return [*rows, rows[5], *population([30, 30], 管理状态="死亡")[:1], *population([30])]


def test_what_the_batch_would_do_is_what_it_does_and_nothing_of_the_trial_remains(desk: Desk) -> None:
    desk.rows(POPULATION, population(range(20)))
    before = stored(desk)
    path = write_csv(desk.folder / "november.csv", november())
    would = rehearsed(desk, POPULATION, path)
    assert stored(desk) == before
    assert not list((desk.folder / "archive").glob(f"*/*{path.stem}*"))
    assert len(list((desk.folder / "archive").glob("*/*"))) == 1
    assert (would.added, would.changed, would.ended, would.doubles, would.refusals) == (5, 1, 3, 3, [])
    does = desk.load(POPULATION, path, period=NOVEMBER)
    assert (would.declared, would.rejected) == (does.declared, does.rejected)
    assert (would.added, would.changed, would.ended) == (does.added, does.changed, does.ended)
    assert would.unchanged == does.loaded - does.added - does.changed
    assert would.warnings == does.warnings


def test_a_snapshot_that_holds_less_would_end_what_it_ends(desk: Desk) -> None:
    desk.rows(POPULATION, population(range(20)))
    path = write_csv(desk.folder / "november.csv", population(range(3, 20)))
    assert rehearsed(desk, POPULATION, path).ended == 3
    assert len(desk.facts("person")) == 20
    assert desk.load(POPULATION, path, period=NOVEMBER).ended == 3


def test_the_same_files_again_would_change_nothing(desk: Desk) -> None:
    path = write_csv(desk.folder / "x.csv", population(range(5)))
    first = desk.load(POPULATION, path)
    would = rehearsed(desk, POPULATION, path, period=OCTOBER)
    assert would.already == first.batch_id
    assert (would.added, would.changed, would.ended, would.unchanged) == (0, 0, 0, 5)


def test_every_reason_to_refuse_is_told_at_once(strict_desk: Desk) -> None:
    desk = strict_desk
    desk.load(POPULATION, write_csv(desk.folder / "x.csv", population(range(600))))
    rows = population(range(50))
    for row in rows[:20]:
        row["管理状态"] = "?"
    path = write_csv(desk.folder / "y.csv", rows)
    would = rehearsed(desk, POPULATION, path, period=date(2026, 9, 1))
    assert [one.code for one in would.refusals] == ["INTAKE_PERIOD", "INTAKE_ROWS", "INTAKE_REJECTED", "INTAKE_SHRUNK"]
    with pytest.raises(IntakeError) as refused:
        desk.load(POPULATION, path, period=NOVEMBER)
    assert refused.value.code == "INTAKE_ROWS"
    assert "20 of 50 rows" in refused.value.detail
    assert "after 600 in batch" in refused.value.detail


def test_each_column_says_how_much_is_filled_and_understood(tmp_path: Path) -> None:
    rows = population(range(10))
    rows[0]["公民身份号码"] = rows[0]["公民身份号码"][:10] + "********"
    rows[1]["公民身份号码"] = "无"
    rows[2]["管理状态"] = rows[3]["管理状态"] = "失联"
    rows[4]["状态变动日期"] = "某日"
    rows[5]["状态变动日期"] = "2026-10-05"
    found = tried(POPULATION, write_csv(tmp_path / "x.csv", rows))
    columns = {one.field: one for one in found.columns}
    assert (found.rows, found.rejected, found.refusals) == (10, 5, [])
    number, state, day = columns["resident_id"], columns["status"], columns["status_on"]
    assert (number.column, number.rows, number.filled, number.understood) == ("公民身份号码", 10, 9, 8)
    assert (state.filled, state.understood, state.distinct) == (10, 8, 2)
    assert (day.filled, day.understood, day.distinct) == (2, 1, 2)
    assert {one.reason: one.rows for one in number.offences} == {
        "the number is masked; ask for it in full": 1, "nothing is given": 1,
    }  # fmt: skip
    assert [str(code) for code in found.codes] == ["'失联' in column '管理状态' (2 rows)"]


def test_nobody_is_named_by_a_trial(tmp_path: Path) -> None:
    rows = population(range(20))
    for n, row in enumerate(rows):
        wrong = resident_id(n)[:17] + ("1" if resident_id(n)[17] != "1" else "2")
        row |= {"公民身份号码": wrong, "管理状态": name(n + 50), "状态变动日期": f"{name(n + 80)}", "民族": f"{n:011d}"}
    said = "\n".join(told(tried(POPULATION, write_csv(tmp_path / "x.csv", rows))))
    assert "the check character does not fit the number: **************" in said
    assert "unknown code '…' in column '管理状态' (20 rows)" in said
    for n, row in enumerate(rows):
        assert row["公民身份号码"] not in said
        assert f"{n:011d}" not in said
        assert not any(name(n + k) in said for k in (0, 50, 80))


def test_a_household_is_tried_person_by_person(tmp_path: Path) -> None:
    row = {"低保证号": "D1", "户主姓名": name(1), "户主证件号": resident_id(1)}
    for n in range(1, 6):
        row |= {f"成员姓名{n}": name(n + 1) if n < 4 else "", f"证件号{n}": resident_id(n + 1) if n < 3 else ""}
    row |= {"起始年月": "202401", "终止年月": "", "乡镇": "俚岛镇", "状态": "正常"}
    found = tried(HOUSEHOLDS, write_csv(tmp_path / "x.csv", [row]))
    columns = {one.field: one for one in found.columns}
    assert (found.rows, found.rejected) == (4, 1)
    assert (columns["resident_id"].column, columns["resident_id"].filled, columns["resident_id"].distinct) == (
        "户主证件号",
        3,
        3,
    )
    assert (columns["name"].filled, columns["certificate_no"].filled) == (4, 4)


def test_a_column_asked_second_counts_where_the_first_is_blank(tmp_path: Path) -> None:
    unit = {
        "单位编号": "37108200001", "单位名称": "示例公司", "统一社会信用代码": "", "险种": "110", "参保日期": "20200401",
        "参保状态": "1", "在职人数": "1",
    }  # fmt: skip
    rows = [unit, unit | {"统一社会信用代码": uscc(1)}, unit | {"单位编号": ""}]
    found = tried("human_resources/employer_enrollment", write_csv(tmp_path / "x.csv", rows))
    [employer] = [one for one in found.columns if one.field == "employer"]
    assert (employer.rows, employer.filled, employer.understood, employer.distinct) == (3, 2, 2, 2)


def test_columns_that_do_not_fit_refuse_and_the_others_are_tried_all_the_same(desk: Desk) -> None:
    rows = [
        {("管理状况" if k == "管理状态" else k): v for k, v in row.items()} | {"血型": "A"}
        for row in population(range(5))
    ]
    path = write_csv(desk.folder / "x.csv", rows)
    found = tried(POPULATION, path, declarations=desk.declarations)
    [refused] = found.refusals
    assert refused.code == "INTAKE_COLUMNS"
    assert "column '血型' is not declared" in refused.detail
    assert "column '管理状况' is not declared (nearest: '管理状态')" in refused.detail
    columns = {one.field: one for one in found.columns}
    assert (columns["resident_id"].understood, columns["status"].filled) == (5, 0)
    would = rehearse(
        found.connector, [path], period=OCTOBER, engine=desk.database.engine("writer"), keyring=desk.keyring, by=desk.by
    )
    assert (would.declared, would.rejected) == (5, 5)


def test_a_file_that_cannot_be_read_is_a_refusal_and_no_traceback(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(write_csv(tmp_path / "y.csv", population(range(2))).read_bytes() + b"\x00")
    found = tried(POPULATION, path)
    assert [one.code for one in found.refusals] == ["INTAKE_ENCODING"]


def test_a_connector_is_tried_as_its_proposals_would_have_it(tmp_path: Path) -> None:
    text = (ROOT / "connectors" / f"{POPULATION}.toml").read_text()
    text = text.replace('cadence  = "monthly"', 'cadence = "? monthly"').replace('"正常" = "normal"', '"正常" = "?"')
    path = tmp_path / "draft.toml"
    path.write_text(text)
    candidate = read_candidate(ROOT, "police/people", path)
    assert candidate.connector.cadence == "monthly"
    assert candidate.waiting == ["cadence ('monthly'?)", "fields.status.codes.正常"]
    found = try_files([Delivered.at(write_csv(tmp_path / "x.csv", population(range(3))))], candidate.connector, OCTOBER)
    assert [(code.code, code.rows) for code in found.codes] == [("正常", 3)]
    with pytest.raises(DeclarationError, match="no delivery 'public_security/populations'"):
        read_candidate(ROOT, "public_security/populations")


def test_the_command_says_what_the_batch_would_do(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from hub.settings import settings

    desk.rows(POPULATION, population(range(20)))
    before = stored(desk)
    write_keyring(desk.keyring, desk.folder / "keys.json")
    for key, value in {
        "DATA": desk.folder, "KEY_FILE": desk.folder / "keys.json", "DATABASE_URL": desk.database.url,
        "DECLARATIONS": desk.declarations,
    }.items():  # fmt: skip
        monkeypatch.setenv(f"HUB_{key}", str(value))
    cached = (settings, parts.writer, parts.keyring)
    for one in cached:
        one.cache_clear()
    try:
        path = write_csv(desk.folder / "november.csv", november())
        said = CliRunner().invoke(app, ["connector", "check", POPULATION, str(path), "--period", "2026-10"])
    finally:
        parts.writer().dispose()
        for one in cached:
            one.cache_clear()
    assert said.exit_code == 0, said.output
    assert "26 rows, 4 rejected (3 doubles). Facts: 5 new, 1 changed, 16 unchanged, 3 ended." in said.output
    assert "Note: 2026-10 has been loaded before from other files" in said.output
    assert "It would be loaded." in said.output
    assert stored(desk) == before
