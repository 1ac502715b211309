"""Rows that end a fact: only the key is needed, nothing is blanked, the last row of a fact counts."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pytest
from intake_factory import Desk, name, population, resident_id, uscc, write_csv

from hub.errors import IntakeError
from hub.intake import BatchReport, replay

POPULATION = "public_security/population"
PAYROLL = "tax/payroll"


def payroll(number: int, month: str = "2026-10", income: str = "5000", **changes: str) -> dict[str, str]:
    return {
        "扣缴义务人识别号": uscc(1), "扣缴义务人名称": "示例公司", "姓名": name(number), "证件类型": "居民身份证",
        "证件号码": resident_id(number), "税款所属期起": month, "所得项目": "正常工资薪金", "本期收入": income,
    } | changes  # fmt: skip


def deleted(row: Mapping[str, str], *only: str) -> dict[str, str]:
    return {column: text for column, text in row.items() if not only or column in only} | {"@operation": "delete"}


def written(rows: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    return [{**row, "@operation": "write"} for row in rows]


def lines(desk: Desk, delivery: str, rows: Sequence[Mapping[str, str]], **more: Any) -> BatchReport:
    path = desk.folder / f"{len(list(desk.folder.glob('*.jsonl')))}.jsonl"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    return desk.load(delivery, path, **more)


def test_a_row_that_deletes_ends_its_fact_and_needs_no_more_than_the_key(desk: Desk) -> None:
    lines(desk, PAYROLL, [payroll(1), payroll(2)])
    key = ("扣缴义务人识别号", "证件类型", "证件号码", "税款所属期起", "所得项目")
    rows = [{**deleted(payroll(1), *key), "扣缴义务人名称": "", "姓名": "", "本期收入": "?"}, *written([payroll(3)])]
    report = lines(desk, PAYROLL, rows)
    assert (report.declared, report.loaded, report.rejected) == (2, 2, 0)
    assert (report.added, report.changed, report.ended, report.warnings) == (1, 0, 1, [])
    persons = {key.hex for (key,) in desk.facts("payroll", "person_key")}
    assert persons == {desk.keyring.person_key(f"CN:{resident_id(n)}").hex for n in (2, 3)}
    ended = desk.database.execute(
        "select yuan, known_until < now() + '1 hour' from payroll where batch_id = 1 order by 2"
    )
    assert [(str(yuan), over) for yuan, over in ended] == [("5000.00", False), ("5000.00", True)]
    assert desk.database.execute("select sum(wage) from employment_month") == [(10_000,)]


def test_what_ends_introduces_nobody(desk: Desk) -> None:
    report = lines(desk, PAYROLL, [deleted(payroll(1))])
    assert desk.facts("person") == desk.facts("employer") == []
    assert (report.declared, report.loaded, report.ended) == (1, 1, 0)
    assert report.warnings == [f"1 rows end facts that {PAYROLL} never said"]


def test_a_fact_that_has_ended_already_ends_again_without_a_word(desk: Desk) -> None:
    lines(desk, PAYROLL, [payroll(1)])
    assert lines(desk, PAYROLL, [deleted(payroll(1))]).ended == 1
    again = lines(desk, PAYROLL, [deleted(payroll(1)), *written([payroll(2)])])
    assert (again.ended, again.warnings) == (0, [])


def test_a_delivery_ends_only_what_it_said_itself(desk: Desk) -> None:
    lines(desk, PAYROLL, [payroll(1)])
    assert desk.facts("person", "status") == [("introduced",)]
    report = lines(desk, POPULATION, [deleted(population([1])[0])], partial=True)
    assert desk.facts("person", "status") == [("introduced",)]
    assert report.warnings == [f"1 rows end facts that {POPULATION} never said"]


@pytest.mark.parametrize(
    ("rows", "stands", "ended"),
    [
        (["delete", "write"], "6000.00", 0),
        (["write", "delete"], None, 1),
        (["write", "delete", "write", "delete"], None, 1),
        (["delete", "write", "delete", "write"], "6000.00", 0),
        (["delete", "delete"], None, 1),
        (["write", "write"], "6000.00", 0),
    ],
    ids=str,
)
def test_of_several_rows_of_one_fact_the_last_one_counts(
    rows: list[str], stands: str | None, ended: int, desk: Desk
) -> None:
    lines(desk, PAYROLL, [payroll(1), payroll(2)])
    given = [
        {**payroll(1, income="6000" if n == len(rows) - 1 else f"{n}"), "@operation": what}
        for n, what in enumerate(rows)
    ]
    report = lines(desk, PAYROLL, [*given, *written([payroll(3)])])
    assert (report.declared, report.loaded, report.rejected) == (len(rows) + 1, len(rows) + 1, 0)
    assert (report.changed, report.ended) == (1 if stands else 0, ended)
    assert report.warnings == [f"{len(rows) - 1} rows were overtaken by a later row of the same fact"]
    person = desk.keyring.person_key(f"CN:{resident_id(1)}")
    found = [str(yuan) for key, yuan in desk.facts("payroll", "person_key, yuan") if key == person]
    assert found == ([stands] if stands else [])


def test_a_fact_that_came_and_went_within_one_batch_is_no_fact_and_no_warning(desk: Desk) -> None:
    report = lines(desk, PAYROLL, [*written([payroll(1)]), deleted(payroll(1))])
    assert (report.added, report.ended) == (0, 0)
    assert report.warnings == ["1 rows were overtaken by a later row of the same fact"]


def test_an_operation_nobody_knows_rejects_its_row(desk: Desk) -> None:
    rows = [{**payroll(1), "@operation": "3"}, {**payroll(2), "@operation": ""}, *written([payroll(3)])]
    report = lines(desk, PAYROLL, rows)
    assert (report.declared, report.loaded, report.rejected) == (3, 1, 2)
    assert set(report.reasons) == {"operation: unknown code '3'", "operation: nothing is given"}


def test_a_row_that_deletes_without_its_key_is_rejected(desk: Desk) -> None:
    lines(desk, PAYROLL, [payroll(1)])
    report = lines(desk, PAYROLL, [deleted(payroll(1, 证件号码="1", 本期收入="?")), *written([payroll(2)])])
    assert (report.loaded, report.rejected, report.ended) == (1, 1, 0)
    [reason] = report.reasons
    assert reason.startswith("resident_id: ")


def test_in_a_snapshot_a_row_that_deletes_is_a_row_that_is_not_there(desk: Desk) -> None:
    lines(desk, POPULATION, population([1, 2, 3]))
    report = lines(desk, POPULATION, [*written(population([1])), deleted(population([2])[0])])
    assert (report.declared, report.loaded, report.ended) == (2, 2, 2)
    assert len(desk.facts("person")) == 1


def test_a_partial_batch_of_a_snapshot_ends_nothing_by_absence(strict_desk: Desk) -> None:
    lines(strict_desk, POPULATION, population(range(600)))
    report = lines(strict_desk, POPULATION, written(population([1], 管理状态="死亡")), partial=True)
    assert (report.added, report.changed, report.ended) == (0, 1, 0)
    assert len(strict_desk.facts("person")) == 600
    with pytest.raises(IntakeError) as refused:  # and a snapshot is held to the last one that came whole
        lines(strict_desk, POPULATION, population(range(501)), period=date(2026, 11, 1))
    assert refused.value.code == "INTAKE_SHRUNK"


def test_a_connector_says_in_which_column_and_with_which_words(desk: Desk) -> None:
    form = desk.declarations / "connectors" / f"{PAYROLL}.toml"
    operation = (
        'operation = { from = ["增删改标志", "操作标志"], delete = ["D", "删除"], write = ["", "i", "u", "1"] }\n'
    )
    form.write_text(operation + form.read_text())
    rows = [payroll(1, 增删改标志="1"), payroll(2, 增删改标志=""), payroll(3, 增删改标志="I")]
    assert desk.load(PAYROLL, write_csv(desk.folder / "a.csv", rows)).added == 3
    rows = [payroll(1, 操作标志="d"), payroll(2, 操作标志=" 删除 "), payroll(3, 操作标志="2")]
    report = desk.load(PAYROLL, write_csv(desk.folder / "b.csv", rows))
    assert (report.ended, report.rejected) == (2, 1)
    with pytest.raises(IntakeError, match="column '增删改标志' is missing"):
        desk.load(PAYROLL, write_csv(desk.folder / "c.csv", [payroll(1)]))


def test_a_spelling_that_means_both_is_refused(desk: Desk) -> None:
    from hub.errors import DeclarationError

    form = desk.declarations / "connectors" / f"{PAYROLL}.toml"
    form.write_text('operation = { from = "标志", delete = ["D"], write = ["d"] }\n' + form.read_text())
    with pytest.raises(DeclarationError, match="either 'write' or 'delete'"):
        desk.rows(PAYROLL, [payroll(1)])


def test_a_position_moves_with_its_batch_and_not_with_a_refused_one(strict_desk: Desk) -> None:
    def position() -> list[tuple[Any, ...]]:
        return strict_desk.database.execute("select position, batch_id from channel_position")

    more: dict[str, Any] = {"channel": "database", "partial": True}
    first = lines(strict_desk, POPULATION, written(population([1])), position={"watermark": "1"}, **more)
    assert position() == [({"watermark": "1"}, first.batch_id)]
    with pytest.raises(IntakeError):
        lines(strict_desk, POPULATION, written(population([2], 管理状态="?")), position={"watermark": "2"}, **more)
    assert position() == [({"watermark": "1"}, first.batch_id)]
    nothing = lines(strict_desk, POPULATION, [], position={"watermark": "3"}, **more)
    assert (nothing.declared, nothing.already) == (0, False)
    assert position() == [({"watermark": "3"}, nothing.batch_id)]
    assert lines(strict_desk, POPULATION, [], position={"watermark": "3"}, **more).already
    assert strict_desk.database.execute("select channel, partial, declared from batch where status = 'loaded' order by id") == [
        ("database", True, 1), ("database", True, 0),
    ]  # fmt: skip


def test_nothing_new_leaves_a_delivery_as_fresh_as_its_rows(desk: Desk) -> None:
    from hub.checks.freshness import delivered
    from hub.store.lineage import LAST_BATCHES

    def stands() -> tuple[Any, ...]:
        [(at,)] = desk.database.execute("select now() + interval '1 hour'")
        with desk.database.engine("reader").connect() as connection:
            found = delivered(connection, [POPULATION], at).get(POPULATION)
        [row] = desk.database.execute(LAST_BATCHES)
        assert (row[5], row[7]) == ((found.period, found.loaded) if found else (None, None))
        return row[5], row[7]

    more: dict[str, Any] = {"channel": "database", "partial": True}
    lines(desk, POPULATION, [], position={"asked": 1}, **more)
    assert stands() == (date(2026, 10, 1), 0)  # asked, and nothing has ever come: empty
    lines(desk, POPULATION, written(population([1, 2])), position={"asked": 2}, **more)
    lines(desk, POPULATION, [], position={"asked": 3}, period=date(2026, 11, 1), **more)
    assert stands() == (date(2026, 11, 1), 2)  # asked in November, and nothing had changed: fresh


def test_a_doubt_about_a_snapshot_lasts_until_it_comes_whole(desk: Desk) -> None:
    from hub.query.status import _DOUBTED

    enrollment = "human_resources/enrollment"
    form = desk.declarations / "connectors" / f"{enrollment}.toml"
    assert 'delivery = "snapshot"' in form.read_text()
    example = form.read_text().split("[[example]]")[1]
    import tomllib

    row = tomllib.loads("[[example]]" + example)["example"][0]["source"]
    lines(desk, enrollment, [{**row, next(iter(row)): row[next(iter(row))], "@operation": "?"}], partial=True)
    lines(desk, enrollment, [], partial=True, position={"asked": 1})
    keys = [key for (keys,) in desk.database.execute("select subjects from rejected_row") for key in keys]
    assert keys

    def doubted() -> int:
        return len(desk.database.execute(_DOUBTED.format(about="true").replace("$1::uuid[]", "%s::uuid[]"), keys))

    assert doubted() > 0
    lines(desk, enrollment, [row], period=date(2026, 11, 1))
    assert doubted() == 0


def test_a_replay_ends_nothing_again_that_was_said_anew_since(desk: Desk) -> None:
    lines(desk, PAYROLL, [payroll(1)])
    unknown = {**payroll(2), "所得项目": "待遇X"}
    second = lines(desk, PAYROLL, [deleted(payroll(1)), *written([unknown])])
    assert (second.ended, second.rejected) == (1, 1)
    lines(desk, PAYROLL, [payroll(1)], period=date(2026, 11, 1))
    form = desk.declarations / "connectors" / f"{PAYROLL}.toml"
    form.write_text(form.read_text().replace('"0103" = "bonus"', '"0103" = "bonus", "待遇X" = "bonus"'))
    again = replay(
        second.batch_id, engine=desk.database.engine("writer"), keyring=desk.keyring, declarations=desk.declarations,
        archive=desk.folder / "archive", by="officer",
    )  # fmt: skip
    assert (again.loaded, again.added, again.ended) == (1, 1, 0)
    assert sorted(desk.facts("payroll", "income")) == [("bonus",), ("wage",)]
