"""The synthetic city: the same for a seed, valid in its numbers, complete in its manifest, dirty as promised."""

import csv
import io
import json
import tomllib
from collections import Counter
from datetime import date
from pathlib import Path
from struct import unpack_from
from typing import Any
from zipfile import ZipFile
from zlib import crc32

import polars as pl
import pytest
from python_calamine import CalamineWorkbook

from hub.checks import read_rules
from hub.demo import build, periods
from hub.demo.chance import Chance
from hub.demo.delivery import bundled
from hub.demo.files import SYNTHETIC, suffix
from hub.demo.listing import FORMATS
from hub.demo.plants import PLANTED
from hub.terms import InvalidResidentId, ResidentId, Uscc, normalize_text

CONNECTORS = Path(__file__).parents[2] / "connectors"
TODAY = date(2026, 11, 21)


def text_of(path: Path) -> str:
    """The text, by the encoding that the department uses, tried strictly in the order a reader must."""
    data = path.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise AssertionError(f"{path.name} is in no encoding known here")


def rows_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text_of(path), newline="")))


def tables_of(path: Path) -> list[pl.DataFrame]:
    """What a file without titles holds, all text: one table, or in a ZIP one a file."""
    match path.suffix:
        case ".jsonl":
            return [pl.read_ndjson(path, infer_schema_length=None)]
        case ".parquet":
            return [pl.read_parquet(path)]
        case ".dbf":
            return [dbf(path.read_bytes())]
        case ".zip":
            with ZipFile(path) as package:
                return [
                    pl.read_csv(package.read(one), encoding="gb18030", infer_schema=False) for one in package.namelist()
                ]
    return [pl.read_csv(io.BytesIO(text_of(path).encode()), infer_schema=False)]


def dbf(data: bytes) -> pl.DataFrame:
    """The table, by the description of dBase III; every column is text in GB18030."""
    rows, start, width = unpack_from("<IHH", data, 4)
    assert (data[0], data[29], data[start - 1 : start], len(data)) == (3, 0x4D, b"\r", start + rows * width + 1)
    table, at = {}, 1
    for field in range(32, start - 1, 32):
        length = data[field + 16]
        cells = (data[start + row * width + at :][:length] for row in range(rows))
        name = data[field : field + 11].rstrip(b"\0").decode("gb18030")
        table[name] = [cell.rstrip().decode("gb18030") for cell in cells]
        at += length
    assert at == width
    return pl.DataFrame(table)


def sheets_of(path: Path) -> dict[str, list[list[Any]]]:
    book = CalamineWorkbook.from_path(path)
    return {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}


def valid(number: str) -> bool:
    try:
        ResidentId.parse(number, today=TODAY)
    except InvalidResidentId:
        return False
    return True


def test_the_same_seed_gives_the_same_bytes_and_another_seed_gives_others(tmp_path: Path) -> None:
    for name, seed in (("one", 3), ("two", 3), ("three", 4)):
        build(tmp_path / name, persons=5_000, seed=seed)
    files = sorted(p.relative_to(tmp_path / "one") for p in (tmp_path / "one").rglob("*") if p.is_file())
    assert len(files) > 100
    for file in files:
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes(), file
    population = next(file for file in files if file.name.startswith("人口基本信息_202610"))
    assert (tmp_path / "one" / population).read_bytes() != (tmp_path / "three" / population).read_bytes()


@pytest.mark.parametrize("persons", [0, 4_999, 1_000_001])
def test_a_city_of_another_size_is_refused(tmp_path: Path, persons: int) -> None:
    with pytest.raises(ValueError, match="5,000 to 1,000,000"):
        build(tmp_path, persons=persons, seed=1)


def test_a_draw_depends_on_its_key_and_purpose_and_is_even() -> None:
    frame = pl.DataFrame({"pid": range(20_000)}, schema={"pid": pl.Int64})
    drawn = frame.select(a=Chance(1).unit("a"), b=Chance(1).unit("b"), c=Chance(2).unit("a"))
    again = frame.reverse().select(a=Chance(1).unit("a")).reverse()
    assert drawn["a"].to_list() == again["a"].to_list()
    for name in "abc":
        assert drawn[name].min() >= 0  # type: ignore[operator]
        assert drawn[name].max() < 1  # type: ignore[operator]
        assert drawn[name].n_unique() == 20_000
        assert sum(abs(count - 2_000) for count in Counter(int(x * 10) for x in drawn[name]).values()) < 1_000
    assert abs(drawn.select(pl.corr("a", "b")).item()) < 0.03
    assert abs(drawn.select(pl.corr("a", "c")).item()) < 0.03


def splitmix(seed: int, purpose: str, key: int) -> float:
    """The draw in whole numbers, so that no version of polars can change the city unnoticed."""
    mask, golden = (1 << 64) - 1, 0x9E3779B97F4A7C15
    mixed = (seed * 0xD1342543DE82EF95 + crc32(purpose.encode()) * 0x2545F4914F6CDD1D) & mask
    mixed = ((mixed ^ key) * golden + golden) & mask
    mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & mask
    mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & mask
    return ((mixed ^ (mixed >> 31)) >> 11) / float(1 << 53)


def test_a_draw_is_arithmetic_and_not_whatever_this_version_of_polars_hashes() -> None:
    keys = [0, 1, 59_999, 999_999]
    drawn = pl.DataFrame({"pid": keys}, schema={"pid": pl.Int64}).select(x=Chance(7).unit("age"))["x"].to_list()
    assert drawn == [splitmix(7, "age", key) for key in keys]


def test_everyone_in_the_register_has_a_valid_number_of_his_own_but_for_the_rows_said_to_be_wrong(built: Any) -> None:
    entry = [e for e in built.manifest["deliveries"] if e["delivery"] == "public_security/population"][-1]
    rows = rows_of(built.folder / entry["files"][0])
    good = [row for row in rows if valid(row["公民身份号码"])]
    numbers = Counter(ResidentId.parse(row["公民身份号码"], today=TODAY).number for row in good)
    assert len(rows) == entry["declared"]
    # two of the wrong rows repeat somebody (a row twice, an unknown state), the rest have no valid number
    assert sum(count - 1 for count in numbers.values()) == 2
    assert len(rows) - len(good) == entry["expected_rejected"] - 2
    for row in good:
        read = ResidentId.parse(row["公民身份号码"], today=TODAY)
        assert read.birth_on.strftime("%Y%m%d") == row["出生日期"]
        assert {"male": "1", "female": "2"}[read.sex] == row["性别"]


def test_divisions_long_abolished_and_of_other_provinces_stand_in_the_numbers(built: Any) -> None:
    rows = rows_of(built.files("public_security/population")[-1])
    divisions = Counter(row["公民身份号码"].strip(" '\u00a0\u3000\t")[:6] for row in rows)
    assert {"371082", "371023", "370633"} <= set(divisions)
    assert any(not division.startswith("37") and division[:1] in "1246" for division in divisions)
    young = [row for row in rows if row["出生日期"] >= "1990" and row["公民身份号码"][:6] in {"371023", "370633"}]
    assert young == []


def test_every_employer_has_a_valid_code_of_its_own(built: Any) -> None:
    rows = rows_of(built.files("tax/registration")[0])
    codes = [Uscc.parse(row["纳税人识别号"]) for row in rows if row["纳税人识别号"] not in {"/", ""}]
    assert len(codes) > 100
    assert {code.category for code in codes} >= {"91", "92", "93", "52", "12"}
    assert all(code.organization_code_valid for code in codes)
    assert len(set(codes)) >= len(codes) - 1  # one wrong row repeats the first, in a state nobody knows


def test_names_with_a_middle_dot_are_spelt_with_several_dots_and_some_names_no_gbk_table_holds(tmp_path: Path) -> None:
    build(tmp_path, persons=6_000, seed=1)
    text = text_of(next(tmp_path.glob("public_security/人口基本信息_202610*")))
    names = [row["姓名"] for row in csv.DictReader(io.StringIO(text, newline=""))]
    dotted = [name for name in names if any(dot in name for dot in "·•・．‧⋅")]
    assert len(dotted) > 50
    assert sum(dot in "".join(dotted) for dot in "·•・．‧⋅") >= 5
    assert any(character in name for name in names for character in "㛃䶮𠅤")
    with pytest.raises(UnicodeEncodeError):
        "".join(names).encode("gbk")


def test_every_delivery_with_a_connector_is_there_and_every_header_is_one_its_connector_declares(built: Any) -> None:
    declared = {f"{f.parent.name}/{f.stem}" for f in CONNECTORS.glob("*/*.toml")}
    assert {name for name, _, _ in periods(built.manifest)} == declared
    for name, _, files in periods(built.manifest):
        known = headers_declared(CONNECTORS / f"{name}.toml")
        for file in files:
            path = built.folder / file
            headers = header_of(path, known)
            assert headers - known == set(), file
            assert len(headers) > 3, file


def bare(header: str) -> str:
    """As a reader compares headers: without blanks, stars and a unit of money at the end."""
    folded = normalize_text(header).replace(" ", "").strip("*")
    for unit in ("(元)", "(万元)"):
        folded = folded.removesuffix(unit)
    return folded


def headers_declared(file: Path) -> set[str]:
    form = tomllib.loads(file.read_text("utf-8"))
    found: list[Any] = [*form["ignored"]]
    for field in form["fields"].values():
        found += [field.get(key, []) for key in ("from", "or_from", "id_from")]
    found += [column for columns in form.get("repeat", {}).values() for column in columns]
    flat = [name for one in found for name in (one if isinstance(one, list) else [one])]
    return {bare(name) for name in flat}


def header_of(path: Path, known: set[str]) -> set[str]:
    if path.suffix != ".xlsx":
        return {bare(header) for header in next(iter(tables_of(path))).columns}
    page = next(iter(sheets_of(path).values()))
    one = [str(cell) for cell in page[1]]
    two = [str(cell) for cell in page[2]]
    if not set(map(bare, two)) & known and "".join(two[:2]):
        return {bare(header) for header in one if header}
    found, over = set(), ""
    for upper, lower in zip(one, two, strict=True):  # a group stands over several columns
        over = upper or (over if lower else "")
        if bare(over + lower) in known or not lower:
            found.add(bare(over + lower if lower else upper))
        else:
            found.add(bare(upper or lower) if bare(upper) in known else bare(lower))
    return found - {""}


def test_the_files_come_in_the_encodings_departments_really_use(built: Any) -> None:
    seen = Counter()
    for _, _, files in periods(built.manifest):
        for file in files:
            data = (built.folder / file).read_bytes()
            assert "合成" in file
            if not file.endswith(".csv"):
                seen[Path(file).suffix] += 1
            elif data.startswith(b"\xef\xbb\xbf"):
                data.decode("utf-8-sig")
                seen["utf-8 with a mark"] += 1
            else:
                try:
                    data.decode("utf-8")
                    seen["utf-8"] += 1
                except UnicodeDecodeError:
                    data.decode("gb18030")
                    assert b"\r\n" in data
                    seen["gb18030"] += 1
    assert set(seen) >= {".xlsx", "utf-8 with a mark", "utf-8", "gb18030"}
    assert set(seen) - {"utf-8 with a mark", "utf-8", "gb18030"} == {
        f".{suffix(form)}" for form in FORMATS.values()
    } - {".csv"}


def test_every_output_says_that_it_is_synthetic(built: Any) -> None:
    assert built.manifest["note"] == SYNTHETIC
    assert (built.folder / "README.txt").read_text("utf-8").startswith(SYNTHETIC)
    for path in built.folder.rglob("*.xlsx"):
        for name, page in sheets_of(path).items():
            assert SYNTHETIC in str(page[0][0]), (path.name, name)


def test_the_manifest_counts_the_rows_of_every_file_without_titles(built: Any) -> None:
    for entry in built.manifest["deliveries"]:
        for file in entry["files"]:
            if not file.endswith(".xlsx") and entry["delivery"] != "tax/collection_wide":  # several facts a row
                assert sum(map(len, tables_of(built.folder / file))) == entry["declared"], file
        assert 0 <= entry["expected_rejected"] <= max(1, entry["declared"] // 10)
    assert json.loads((built.folder / "manifest.json").read_text("utf-8")) == built.manifest


def test_registers_are_loaded_before_what_rests_on_them_and_months_in_order(built: Any) -> None:
    order = [name for name, _, _ in periods(built.manifest)]
    for first, then in (
        ("public_security/population", "human_resources/enrollment"),
        ("market_supervision/registration", "tax/payroll"),
        ("human_resources/employer_enrollment", "human_resources/enrollment"),
        ("human_resources/employer_enrollment", "human_resources/contribution"),
        ("housing/provident_fund_employer", "housing/provident_fund_person"),
    ):
        assert len(order) - 1 - order[::-1].index(first) < order.index(then)
    for name in set(order):
        for before in tomllib.loads((CONNECTORS / f"{name}.toml").read_text("utf-8")).get("after", []):
            assert order.index(before) < order.index(name)
        months = [period for one, period, _ in periods(built.manifest) if one == name]
        assert months == sorted(months)
        assert len(months) - len(set(months)) == (name == "tax/payroll")  # one correction
    assert [p for n, p, _ in periods(built.manifest) if n == "public_security/population"] == ["2026-09", "2026-10"]


def test_the_second_snapshot_differs_from_the_first_by_those_born_dead_and_gone_in_october(built: Any) -> None:
    first, second = (
        {row["户号"] + row["出生日期"] + row["姓名"]: row["管理状态"] for row in rows_of(path)}
        for path in built.files("public_security/population")
    )
    assert set(first) <= set(second)
    changed = [key for key in first if first[key] != second[key] and "待定" not in {first[key], second[key]}]
    assert 0 < len(changed) < 20


def test_every_month_of_payroll_and_contributions_is_delivered_once(built: Any) -> None:
    wanted = {f"{year}{month:02d}" for year in (2025, 2026) for month in range(1, 13)} - {"202611", "202612"}
    for name, column in (("tax/payroll", "税款所属期起"), ("human_resources/contribution", "费款所属期")):
        seen = [
            {row[column].replace("-", "")[:6] for row in rows_of(path)}
            for path in built.files(name)
            if "更正" not in path.name
        ]
        assert set().union(*seen) == wanted
        assert sum(map(len, seen)) == len(wanted)


def test_a_correction_of_september_says_other_amounts_of_the_same_persons_and_comes_after_it(built: Any) -> None:
    files = [path for path in built.files("tax/payroll") if "202609" in path.name]
    assert ["更正" in path.name for path in files] == [False, True]
    first, then = (
        {(normal_id(r["*证件号码"]), r["扣缴义务人识别号"], r["所得项目"]): r["本期收入"] for r in rows_of(path)}
        for path in files
    )
    assert len(then) == 20
    assert set(then) <= set(first)
    assert all(first[key] != then[key] for key in then)


def test_the_stated_dirt_is_there(built: Any) -> None:
    enrollment = rows_of(built.files("human_resources/enrollment")[0])
    numbers = [row["社会保障号"] for row in enrollment]
    assert any(number.endswith("x") for number in numbers)
    assert any(number.startswith("'") for number in numbers)
    assert any(number.startswith("\u00a0") and number.endswith("\u3000") for number in numbers)
    assert any(number.endswith("\t") for number in numbers)
    assert any("\uff10" <= number[:1] <= "\uff19" for number in numbers)
    assert any(len(number) == 15 for number in numbers)
    assert any("****" in number for number in numbers)
    assert any(row["险种类型"].startswith("110 ") for row in enrollment)
    assert {row["终止年月"] for row in enrollment} >= {"", "长期", "至今", "999912"}
    assert {len(row["开始年月"]) for row in enrollment} >= {6, 7, 8}
    bases = "".join(row["缴费基数"] for row in enrollment)
    assert "," in bases
    assert "元" in bases
    pension = rows_of(built.files("human_resources/resident_pension")[0])
    assert {"011", "11"} <= {row["参保身份"] for row in pension}
    market = rows_of(built.files("market_supervision/registration")[0])
    assert any(row["统一社会信用代码"] == "无" for row in market)
    assert any(" " in row["统一社会信用代码"] for row in market)
    assert any(len(row["行业代码"]) == 3 for row in market)
    population = rows_of(built.files("public_security/population")[-1])
    assert {row["民族"] for row in population} >= {"汉", "汉族", "01"}
    assert {row["曾用名"] for row in population} & {"无", "/", "-", "NULL", "\\N", "暂无"}
    assert "缴费工资总额\n（元）" in rows_of(built.files("tax/collection")[0])[0]


def test_a_workbook_has_titles_merged_headers_totals_notes_several_sheets_and_numbers_for_ids(built: Any) -> None:
    homes = sheets_of(built.files("civil_affairs/destitute")[0])
    assert len(homes) == 2
    low = next(iter(sheets_of(built.files("civil_affairs/low_income")[0]).values()))
    assert low[1][3] == "户主"
    assert low[2][3:5] == ["姓名", "证件号"]
    assert [row[0] for row in low[-2:]] == ["合计", "填表说明：一户一行，户主在前。"]
    assert any(isinstance(row[4], float) for row in low[3:])
    project = next(iter(sheets_of(built.files("housing/project")[0]).values()))
    assert any(isinstance(row[7], float) and 45_000 < row[7] < 48_000 for row in project[3:])
    cremation = next(iter(sheets_of(built.files("civil_affairs/cremation")[0]).values()))
    assert "死亡原因" in cremation[1]
    assert "家属电话" in cremation[1]


def test_no_two_rows_of_a_monthly_file_say_different_things_of_one_key(built: Any) -> None:
    for name, key in (
        ("tax/payroll", ("*证件号码", "扣缴义务人识别号", "税款所属期起", "所得项目")),
        ("human_resources/contribution", ("社会保障号", "单位编号", "对应费款所属期", "应缴类型")),
    ):
        for path in built.files(name):
            rows = rows_of(path)[
                : None if "更正" in path.name else -4
            ]  # the last four are wrong, and copies of right ones
            seen = Counter(tuple(normal_id(row[one]) for one in key) for row in rows)
            assert max(seen.values()) == 1, path.name


def normal_id(text: str) -> str:
    return ResidentId.parse(text, today=TODAY).number if valid(text) else text


def test_every_rule_has_cases_it_must_find_and_near_misses_and_says_why(built: Any) -> None:
    rules = built.manifest["rules"]
    declared = [rule for rule in read_rules() if rule.concerns == "area"]
    assert {rule.file for rule in declared} == set(PLANTED)
    assert set(rules) == {one for rule in declared for one in rule.ids}
    for rule, lists in rules.items():
        assert len(lists["planted"]) >= 2, rule
        assert len(lists["near_misses"]) >= 2, rule
        for case in [*lists["planted"], *lists["near_misses"], *lists["unknown"]]:
            assert len(case["why"]) > 3
            assert len(set(case) & {"resident_id", "uscc", "registration_no", "project_code"}) == 1
        subjects = [
            tuple(sorted((k, v) for k, v in case.items() if k != "why"))
            for case in [*lists["planted"], *lists["near_misses"], *lists["unknown"]]
        ]
        assert len(set(subjects)) == len(subjects), rule


def test_a_subject_of_the_manifest_stands_in_the_deliveries(built: Any) -> None:
    people = {normal_id(row["公民身份号码"]) for row in rows_of(built.files("public_security/population")[-1])}
    people |= {normal_id(row["社会保障号"]) for row in rows_of(built.files("human_resources/enrollment")[0])}
    # who is not registered here, and whom others know
    for delivery, column in (
        ("tax/payroll", "*证件号码"),
        ("health/check_up", "身份证号"),
        ("human_resources/resident_pension", "身份证"),
        ("human_resources/insured_elsewhere", "社会保障号码"),
        ("public_security/residence", "身份证号"),
    ):
        people |= {normal_id(row[column]) for file in built.files(delivery)[-2:] for row in rows_of(file)}
    market = rows_of(built.files("market_supervision/registration")[0])
    people |= {row["经营者证件号"] for row in market}
    firms = {row["统一社会信用代码"].replace(" ", "") for row in market} | {row["注册号"] for row in market}
    social = next(iter(sheets_of(built.files("civil_affairs/social_organization")[0]).values()))
    firms |= {str(row[0]) for row in social}
    organs = next(iter(sheets_of(built.files("establishment_office/public_institution")[0]).values()))
    firms |= {str(row[1]) for row in organs}
    projects = {str(row[0]) for row in next(iter(sheets_of(built.files("housing/project")[0]).values()))}
    known = {"resident_id": people, "uscc": firms, "registration_no": firms, "project_code": projects}
    for rule, lists in built.manifest["rules"].items():
        for case in [*lists["planted"], *lists["near_misses"], *lists["unknown"]]:
            field = next(iter(case))
            assert case[field] in known[field], (rule, case["why"])


def test_rows_are_written_in_parts_of_bounded_size_and_none_is_lost() -> None:
    sizes = [3, 0, 12, 5, 25, 1, 4]
    numbers = iter(range(sum(sizes)))
    parts = [pl.DataFrame({"n": [next(numbers) for _ in range(size)]}, schema={"n": pl.Int64}) for size in sizes]
    found = list(bundled(parts, rows=10))
    assert max(map(len, found)) <= 10
    assert pl.concat(found)["n"].to_list() == list(range(sum(sizes)))
    assert len(found) < 8


def test_a_larger_city_has_more_cases() -> None:
    from hub.demo.plants import plant

    small, large = plant(30_000, Chance(1)), plant(60_000, Chance(1))
    assert len(large.cases) == 2 * len(small.cases)
