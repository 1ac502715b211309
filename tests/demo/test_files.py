"""The formats that departments export besides CSV and workbooks: what is written is what is read, byte for byte the same."""

from pathlib import Path
from zipfile import ZipFile

import polars as pl
import pytest
from test_demo import tables_of

from hub.demo.files import Format, suffix, write_rows

ROWS = pl.DataFrame({"证件号码": ["371082198503120027", None, "x"], "姓名": ["张三", "李㛃", "买买提·阿不都"]})


@pytest.mark.parametrize("form", ["utf-8", "gb18030", "jsonl", "parquet", "dbf", "zip"])
def test_what_is_written_in_parts_is_read_whole_and_the_bytes_are_the_same_again(tmp_path: Path, form: Format) -> None:
    one, two = (tmp_path / name / f"卡_合成.{suffix(form)}" for name in "ab")
    for path in (one, two):
        path.parent.mkdir()
        assert write_rows(path, iter([ROWS[:2], ROWS[2:]]), form) == 3
    assert one.read_bytes() == two.read_bytes()
    found = pl.concat(tables_of(one))
    assert found.columns == ROWS.columns
    assert found.fill_null("").rows() == ROWS.fill_null("").rows()


def test_names_in_a_zip_are_those_of_windows_here(tmp_path: Path) -> None:
    write_rows(tmp_path / "月汇总.zip", [ROWS, ROWS], "zip")
    with ZipFile(tmp_path / "月汇总.zip") as package:
        entries = package.infolist()
    assert [entry.filename.encode("cp437").decode("gb18030") for entry in entries] == ["月汇总_01.csv", "月汇总_02.csv"]
    assert {entry.flag_bits & 0x800 for entry in entries} == {0}


def test_a_dbf_that_cannot_hold_its_rows_is_refused(tmp_path: Path) -> None:
    for rows in (ROWS.rename({"姓名": "社会保障号码"}), ROWS.with_columns(pl.lit("长" * 200).alias("姓名"))):
        with pytest.raises(ValueError, match="ten bytes"):
            write_rows(tmp_path / "卡.dbf", [rows], "dbf")
