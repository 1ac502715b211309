"""A connector drafted from a file nobody has declared: what it knows, what it leaves open, and what it never says."""

import re
import shutil
import tomllib
from collections.abc import Sequence
from pathlib import Path

import pytest
from intake_factory import Desk, name, resident_id, uscc, write_csv
from test_declared_connectors import row_of
from typer.testing import CliRunner
from xlsxwriter import Workbook

from hub.cli import app
from hub.errors import DeclarationError, HubError, IntakeError
from hub.intake import read_connector
from hub.intake.draft import draft
from hub.intake.extract import Delivered
from hub.intake.extract.header import guess
from hub.intake.map import try_example
from hub.intake.undecided import undecided

ROOT = Path(__file__).resolve().parents[2]
READERS = "culture/library_card"


@pytest.fixture
def declarations(tmp_path: Path) -> Path:
    """A hub that knows three deliveries, so that what is known does not change under these tests."""
    known = ("areas", "ethnicities", "civil_affairs/destitute", "public_security/population", "tax/registration")
    for one in known:
        target = tmp_path / "declared" / "connectors" / f"{one}.toml"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "connectors" / f"{one}.toml", target)
    return tmp_path / "declared"


def readers(count: int = 60) -> list[dict[str, str]]:
    """The card holders of a library, which no connector knows."""
    return [
        {
            "数据提供单位": "图书馆",
            "借书证号": f"JY{n:05d}",
            "持证人": name(n),
            "身份证号": resident_id(n),
            "办证日期": f"2020-0{n % 9 + 1}-15",
            "有效期至": f"2027/{n % 9 + 1}/28",
            "证件状态": "正常" if n % 6 else "挂失",
            "联系电话": f"138{n:08d}",
            "家庭住址": f"荣成市成山镇某某村{n}号",
            "所属分馆": ("总馆", "少儿分馆", "湖滨分馆")[n % 3],
            "备注": "",
        }
        for n in range(count)
    ]


def workbook(path: Path, rows: Sequence[dict[str, str]], title: str) -> Path:
    book = Workbook(path)
    sheet = book.add_worksheet("读者")
    sheet.write(0, 0, title)
    for place, column in enumerate(rows[0]):
        sheet.write_string(1, place, column)
    for number, row in enumerate(rows, 2):
        for place, cell in enumerate(row.values()):
            sheet.write_string(number, place, cell)
    book.close()
    return path


def decided(text: str, **answers: str) -> str:
    """A draft as somebody decides it: proposals taken; ``answers`` to what nothing is proposed for, by key or code."""
    text = re.sub(r'"\? ([^"]*)"', r'"\1"', text)
    for key, answer in answers.items():
        text = re.sub(rf'("?{key}"? *= )"\?"', rf'\1"{answer}"', text)
        text = text.replace(f'{key} = {{ value = "?" }}', f'{key} = {{ value = "{answer}" }}')
    return re.sub(r'^(\w+ *= )"\?"', r'\1"甲"', text, flags=re.MULTILINE)


@pytest.mark.parametrize("form", ["gb18030", "xlsx"])
def test_a_table_never_seen_is_drafted_decided_and_loaded(
    form: str, declarations: Path, fresh_database: object, keyring: object, tmp_path: Path
) -> None:
    title = "荣成市图书馆持证读者名单"
    path = tmp_path / "readers"
    file = (
        workbook(path, readers(), title) if form == "xlsx" else write_csv(path, readers(), "gb18030", "\t", title=title)
    )
    made = draft(Delivered.at(file), READERS, declarations)
    assert made.target == "assistance"
    target = declarations / "connectors" / f"{READERS}.toml"
    target.parent.mkdir()
    target.write_text(made.toml)
    desk = Desk(fresh_database, keyring, tmp_path, declarations)  # type: ignore[arg-type]
    with pytest.raises(DeclarationError) as refused:
        desk.load(READERS, file)
    assert refused.value.code == "DECLARATION_UNDECIDED"
    assert desk.database.execute("select count(*) from batch") == [(0,)]

    target.write_text(decided(made.toml, kind="library", 正常="active", 挂失="suspended"))
    connector = read_connector(declarations, READERS)
    assert [try_example(connector, number) for number in range(len(connector.example))] == [None, None]
    assert {bool(example.loads) for example in connector.example} == {True, False}
    report = desk.load(READERS, file)
    assert (report.declared, report.loaded, report.rejected) == (60, 60, 0)
    facts = desk.facts("assistance", "kind, certificate_no, starts_on::text, ends_on::text, state")
    assert ("library", "JY00007", "2020-08-15", "2027-08-29", "active") in facts
    assert ("library", "JY00006", "2020-07-15", "2027-07-29", "suspended") in facts


def test_everything_that_is_not_known_is_listed_until_it_is_decided(declarations: Path, tmp_path: Path) -> None:
    text = draft(Delivered.at(write_csv(tmp_path / "x.csv", readers())), READERS, declarations).toml
    left = undecided(tomllib.loads(text))
    assert {"title", "owner", "basis", "target ('assistance'?)", "cadence ('monthly'?)", "fields.kind.value"} <= set(
        left
    )
    assert {
        "fields.state.codes.正常",
        "fields.state.codes.挂失",
        "fields.certificate_no",
        "ignored ('家庭住址'?)",
    } <= set(left)
    assert not any(known in one for one in left for known in ("数据提供单位", "身份证号"))
    target = declarations / "connectors" / f"{READERS}.toml"
    target.parent.mkdir()
    while left:
        target.write_text(text)
        with pytest.raises(DeclarationError) as refused:
            read_connector(declarations, READERS)
        assert all(one in refused.value.detail for one in left)
        half = decided(text, kind="library", 挂失="suspended")
        text = half if text != half else decided(text, 正常="active")
        left = undecided(tomllib.loads(text))
    target.write_text(text)
    assert read_connector(declarations, READERS).fields["state"].codes == {"正常": "active", "挂失": "suspended"}


def test_no_personal_value_stands_in_a_draft(declarations: Path, tmp_path: Path) -> None:
    rows = readers()
    for n, row in enumerate(rows):
        row |= {"紧急联系人": name(n + 100), "介绍人": name(n % 2 + 300), "备用号码": resident_id(n + 500), "说明": ""}
    rows[3]["证件状态"] = name(900)
    rows[4]["证件状态"] = "阿依古丽·买买提"
    rows[5]["所属分馆"] = resident_id(901)
    rows[6]["说明"] = f"{name(902)}，电话13900000001"
    text = draft(
        Delivered.at(write_csv(tmp_path / f"{name(903)}.csv", rows, title=name(904))), READERS, declarations
    ).toml
    numbers = [0, 3, 6, *range(60), *range(100, 160), 300, 301, *range(500, 560), 900, 901, 902, 903, 904]
    for n in numbers:
        assert resident_id(n) not in text
        assert name(n) not in text
    for row in rows:
        assert row["联系电话"] not in text
        assert row["家庭住址"] not in text
        assert row["借书证号"] not in text
    assert "阿依古丽" not in text
    assert "13900000001" not in text
    assert "2 more that may be names and are not shown" in text
    assert not re.search(r"\d{17}[\dX]", text.partition("[[example]]")[0])


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_rows_without_a_header_are_refused_and_nobody_is_named(form: str, declarations: Path, tmp_path: Path) -> None:
    rows = [{name(0): name(n), "崖头街道": "城西街道", "常住": "常住"} for n in range(1, 30)]
    file = workbook(tmp_path / "x", rows, "") if form == "xlsx" else write_csv(tmp_path / "x", rows)
    with pytest.raises(IntakeError) as refused:
        draft(Delivered.at(file), READERS, declarations)
    assert refused.value.code == "INTAKE_DRAFT"
    assert name(0) not in str(refused.value)
    at_home = [{"荣成市成山镇某某村0号": f"荣成市成山镇某某村{n}号", "身份证号": resident_id(n)} for n in range(30)]
    with pytest.raises(IntakeError, match="its first row reads like the others"):
        draft(Delivered.at(write_csv(tmp_path / "z.csv", at_home)), READERS, declarations)
    data = write_csv(tmp_path / "y.csv", [{resident_id(0): resident_id(n), "甲": "乙"} for n in range(30)])
    with pytest.raises(IntakeError) as refused:
        draft(Delivered.at(data), READERS, declarations)
    assert refused.value.code == "INTAKE_COLUMNS"
    assert resident_id(0) not in str(refused.value)


def test_the_evidence_is_the_share_that_the_reader_understands(declarations: Path, tmp_path: Path) -> None:
    rows = readers(200)
    for row in rows[:5]:
        row["身份证号"] = row["身份证号"][:17] + ("1" if row["身份证号"][17] != "1" else "2")
    for row in rows[5:10]:
        row["身份证号"] = "无"
    text = draft(Delivered.at(write_csv(tmp_path / "x.csv", rows)), READERS, declarations).toml
    assert "# 97.4% of 195 filled cells are resident IDs with a right check character; 195 distinct" in text
    assert "# 身份证号 + 借书证号: 100.0% of the rows are told apart; 身份证号 alone 98.0%" in text
    assert "# empty in all 200 rows." in text
    assert "正常 × 166 · 挂失 × 34" in text


def test_a_word_means_what_it_means_elsewhere_and_a_number_is_only_proposed(declarations: Path, tmp_path: Path) -> None:
    model = declarations / "connectors" / "civil_affairs" / "destitute.toml"
    model.write_text(model.read_text().replace('{ "正常" = "active"', '{ "1" = "active", "正常" = "active"'))
    rows = [
        {
            "特困证号": f"TK{n}",
            "姓名": name(n),
            "身份证号": resident_id(n),
            "起始年月": "202001",
            "状态": "1正常9"[n % 3 :][:1],
        }
        for n in range(60)
    ]
    for row in rows:
        row["状态"] = {"1": "1", "正": "正常", "常": "9"}[row["状态"]]
    made = draft(Delivered.at(write_csv(tmp_path / "x.csv", rows)), "civil_affairs/other", declarations)
    codes = tomllib.loads(made.toml)["fields"]["state"]["codes"]
    assert codes == {"1": "? active", "9": "?", "正常": "active"}


def test_a_header_that_is_nearly_known_says_how_nearly(declarations: Path, tmp_path: Path) -> None:
    rows = [
        {"特困证件号": f"TK{n}", "姓名": name(n), "身份证号": resident_id(n), "起始年月日": "2020-01-05"}
        for n in range(40)
    ]
    text = draft(Delivered.at(write_csv(tmp_path / "x.csv", rows)), "civil_affairs/other", declarations).toml
    assert '"? certificate_no" = { from = "特困证件号", is = "number" }' in text
    assert re.search(r"nearest known header: 特困证号, distance 0\.\d\d", text)
    assert '"? starts_on" = { from = "起始年月日", is = "date" }' in text


def test_a_list_of_employers_goes_to_a_table_of_employers(declarations: Path, tmp_path: Path) -> None:
    rows = [{"社会信用代码": uscc(n), "企业名称": f"示例{n}号公司", "评定等级": "AB"[n % 2]} for n in range(40)]
    made = draft(Delivered.at(write_csv(tmp_path / "x.csv", rows)), "commerce/graded", declarations, "employer_listing")
    assert (
        '"? employer" = { from = "社会信用代码", is = "employer", numbers = ["uscc", "organization_code", "owner", "registration"] }'
        in made.toml
    )
    connector = decided(made.toml, kind="commerce", label="", state="active")
    target = declarations / "connectors" / "commerce" / "graded.toml"
    target.parent.mkdir()
    target.write_text(
        connector.replace('starts_on = { value = "甲" }', "").replace('value = "?"', "value = 2026-01-01")
    )
    read = read_connector(declarations, "commerce/graded")
    assert [try_example(read, number) for number in (0, 1)] == [None, None]
    with pytest.raises(HubError, match="did you mean 'employer_listing'"):
        draft(Delivered.at(tmp_path / "x.csv"), "commerce/graded", declarations, "employer_list")


@pytest.mark.parametrize(
    ("delivery", "target"),
    [
        ("civil_affairs/cremation", "life_event"),
        ("civil_affairs/low_income", "assistance"),
        ("housing/project", "project"),
        ("human_resources/enrollment", "enrollment"),
        ("market_supervision/cancellation", "employer_closure"),
        ("public_security/population", "person"),
        ("tax/payroll", "payroll"),
    ],
)
def test_a_file_that_is_known_is_drafted_for_the_table_it_goes_to(delivery: str, target: str, tmp_path: Path) -> None:
    connector = read_connector(ROOT, delivery)
    rows = [row_of(connector, number) for number, one in enumerate(connector.example) if one.loads] * 5
    made = draft(Delivered.at(write_csv(tmp_path / "x.csv", rows)), "somebody/something", ROOT)
    assert made.target == target
    assert tomllib.loads(made.toml)["fields"]


@pytest.mark.parametrize(
    ("rows", "columns", "skipped", "depth"),
    [
        ([["甲", "乙"], ["1", "2"]], ("甲", "乙"), 0, 1),
        ([["名单", ""], ["单位：人", "日期"], ["序号", "姓名"], ["1", "某某"]], ("单位:人", "日期"), 1, 1),
        ([["名单", "", ""], ["序号", "姓名", "金额（元）"], ["1", "某某", "3"]], ("序号", "姓名", "金额"), 1, 1),
        (
            [["表", "", "", ""], ["姓名", "养老", "", "号码"], ["", "单位", "个人", ""], ["某某", "1", "2", "3"]],
            ("姓名", "养老/单位", "养老/个人", "号码"), 1, 2,
        ),
        ([["养老", "", "医疗", ""], ["单位", "个人", "单位", "个人"]], ("养老/单位", "养老/个人", "医疗/单位", "医疗/个人"), 0, 2),
        ([["*姓名", "开始\n日期"], ["某某", "20200101"]], ("姓名", "开始日期"), 0, 1),
    ],
)  # fmt: skip
def test_a_header_nobody_declared_is_the_first_rows_that_name_the_columns(
    rows: list[list[str]], columns: tuple[str, ...], skipped: int, depth: int
) -> None:
    found = guess(rows)
    assert found is not None
    assert (found.columns, found.skipped, found.depth) == (columns, skipped, depth)


@pytest.mark.parametrize("rows", [[], [["一"]], [["1", "2"]], [["371082199001010000", "某某"], ["2020-01-01", "某某"]]])
def test_rows_of_data_are_no_header(rows: list[list[str]]) -> None:
    assert guess(rows) is None


def test_the_command_drafts_once_and_checks_without_a_database(
    declarations: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hub.settings import settings

    monkeypatch.setenv("HUB_DECLARATIONS", str(declarations))
    monkeypatch.setenv("HUB_DATA", str(tmp_path / "none"))
    monkeypatch.chdir(tmp_path)
    settings.cache_clear()
    try:
        file = write_csv(tmp_path / "readers.csv", readers(), "gb18030")
        line = CliRunner()
        made = line.invoke(app, ["connector", "draft", str(file), "--for", READERS])
        assert made.exit_code == 0, made.output
        again = line.invoke(app, ["connector", "draft", str(file), "--for", READERS])
        assert isinstance(again.exception, HubError)
        assert "never overwrites" in str(again.exception)
        checked = line.invoke(
            app, ["connector", "check", READERS, str(file), "--connector", "library_card.toml", "--period", "2026-10"]
        )
        assert checked.exit_code == 0, checked.output
        assert "nobody has said yet what these fields hold: kind" in checked.output
        assert "TO DECIDE" in checked.output
        assert "unknown code '正常' in column '证件状态' (50 rows)" in checked.output
        path = tmp_path / "library_card.toml"
        path.write_text(decided(path.read_text(), kind="library", 正常="active", 挂失="suspended"))
        checked = line.invoke(app, ["connector", "check", READERS, str(file), "--connector", str(path)])
        assert "there is no database" in checked.output
        assert "Nothing is left to be decided." in checked.output
        assert "0 of 60 rows would be rejected." in checked.output
    finally:
        settings.cache_clear()
