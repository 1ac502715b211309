"""What cannot be read for certain is refused by name, and damage of any kind raises nothing but IntakeError."""

import io
import re
import struct
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

import pytest
from format_files import WRITERS, cremated, given, numbers, packed, read_all, written, xls
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from hub.errors import IntakeError

ROWS = [cremated(number) for number in range(12)]
with TemporaryDirectory() as made:
    WHOLE = {form: written(form, Path(made), ROWS) for form in WRITERS}
    WHOLE["zip"] = packed(Path(made) / "x.zip", {"一.csv": WHOLE["csv"], "二/二.dbf": WHOLE["dbf"]}).read_bytes()


@pytest.mark.parametrize(
    ("content", "said", "hint"),
    [
        (b"%PDF-1.7", "a PDF", "xlsx"),
        (b"\x89PNG\r\n\x1a\n", "a picture", "ask for the table"),
        (b"Rar!\x1a\x07\x01\0", "a RAR archive", "ZIP"),
        (b"7z\xbc\xaf\x27\x1c", "a 7z archive", "ZIP"),
        (b"\x1f\x8b\x08", "compressed, but no ZIP", "ZIP"),
        (b"<html><table><tr>", "a web page or XML", "save it as .xlsx"),
        (b'\xef\xbb\xbf<?xml version="1.0"?><Workbook>', "a web page or XML", "save it as .xlsx"),
        (b"\x09\x04\x06\0\0\0\x10\0", "a workbook of Excel 5 or older", "save it as .xlsx"),
        (b"SQLite format 3\0", "a database", "CSV in UTF-8"),
        (b"PARE", "an encrypted Parquet file", "without encryption"),
        (b' [\n {"a": 1}]', "one JSON array", "one object a line"),
        ('{"a": 1}'.encode("utf-16"), "JSON in UTF-16", "UTF-8"),
    ],
)
def test_what_is_no_table_is_refused_by_name_with_what_to_do(content: bytes, said: str, hint: str) -> None:
    with pytest.raises(IntakeError) as refused:
        read_all(given(content, "火化.xls"))
    assert (refused.value.code, refused.value.message) == ("INTAKE_FORMAT", f"火化.xls is {said}")
    assert hint in refused.value.hint


@pytest.mark.parametrize(
    ("member", "said"),
    [
        ("xl/workbook.bin", "a binary workbook"),
        ("word/document.xml", "a text document"),
        ("content.xml", "an OpenDocument"),
    ],
)
def test_packages_that_are_no_xlsx_are_refused_by_name(member: str, said: str, tmp_path: Path) -> None:
    content = packed(tmp_path / "x", {"[Content_Types].xml": b"", "mimetype": b"", member: b""}).read_bytes()
    with pytest.raises(IntakeError, match=said):
        read_all(given(content, "x.xlsx"))


def test_an_encrypted_xls_is_refused_by_name(tmp_path: Path) -> None:
    content = bytearray(xls(tmp_path / "x.xls", ROWS).read_bytes())
    start = content.index(struct.pack("<HH", 0x0809, 16))  # the first record of the workbook; after it comes the key
    content[start + 20 : start + 24] = struct.pack(
        "<HH", 0x2F, struct.unpack("<H", content[start + 22 : start + 24])[0]
    )
    with pytest.raises(IntakeError) as refused:
        read_all(given(bytes(content), "x.xls"))
    assert (refused.value.code, refused.value.message) == ("INTAKE_ENCRYPTED", "x.xls is encrypted")


def test_an_encrypted_xlsx_is_refused_by_name(tmp_path: Path) -> None:
    content = xls(tmp_path / "x.xls", ROWS).read_bytes()
    # Excel keeps an encrypted XLSX as the part EncryptedPackage of an OLE file, in place of Workbook.
    workbook, encrypted = ("Workbook\0".encode("utf-16-le").ljust(64, b"\0"), "EncryptedPackage\0".encode("utf-16-le"))
    assert workbook in content
    content = content.replace(workbook + b"\x12\0", encrypted.ljust(64, b"\0") + b"\x22\0")
    with pytest.raises(IntakeError) as refused:
        read_all(given(content, "x.xlsx"))
    assert refused.value.code == "INTAKE_ENCRYPTED"


def test_a_workbook_that_unpacks_to_more_than_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from hub.settings import settings as chosen

    small = chosen().model_copy(update={"workbook_bytes": len(WHOLE["xls"]) - 1})
    monkeypatch.setattr("hub.intake.extract.workbook.settings", lambda: small)
    for form in ("xls", "xlsx"):
        with ZipFile(io.BytesIO(WHOLE["xlsx"])) as package:
            assert sum(entry.file_size for entry in package.infolist()) > small.workbook_bytes or form == "xls"
        with pytest.raises(IntakeError) as refused:
            read_all(given(WHOLE[form], f"x.{form}"))
        assert refused.value.code == "INTAKE_SIZE"


@pytest.mark.parametrize(
    ("record", "high_byte"),
    [(b"\x00\x02\x0e\x00", 7), (b"\x00\x02\x0e\x00", 11), (b"\xfd\x00\x0a\x00", 3)],
    ids=["rows", "columns", "the column of a cell"],
)
def test_an_xls_that_claims_more_than_a_sheet_can_have_is_refused_before_room_is_made_for_it(
    record: bytes, high_byte: int
) -> None:
    content = bytearray(WHOLE["xls"])
    content[content.index(record) + 4 + high_byte] = 0xFF
    with pytest.raises(IntakeError, match="a whole workbook"):
        read_all(given(bytes(content), "x.xls"))


@pytest.mark.parametrize("shift", range(3), ids="the end of a block is {} bytes on".format)
def test_an_xlsx_whose_stray_cells_span_a_rectangle_beyond_the_room_is_refused(
    shift: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.intake.extract.workbook._BLOCK", 20 + shift)
    stray = b'<row r="1048576"><c r="A1048576"><v>1</v></c></row><row r="9"><c s="1"\nr=\'XFD9\'><v>1</v></c></row>'
    content = io.BytesIO()
    with ZipFile(io.BytesIO(WHOLE["xlsx"])) as whole, ZipFile(content, "w") as package:
        for entry in whole.namelist():
            package.writestr(entry, whole.read(entry).replace(b"</sheetData>", stray + b"</sheetData>"))
    with pytest.raises(IntakeError, match="reaches to row 1,048,576 and column 16,384"):
        read_all(given(content.getvalue(), "x.xlsx"))


def _tried(content: bytes, form: str) -> int | None:
    """Rows read, None where it is refused; anything else raises."""
    try:
        chunks, _ = read_all(given(content, f"x.{form}"))
    except IntakeError as refused:
        told = str(refused)
    else:
        found = numbers(chunks)
        assert found == list(range(1, len(found) + 1))
        return len(found)
    assert not re.search(r"\d{15}", told)
    return None


@pytest.mark.parametrize("form", sorted({*WHOLE} - {"csv"}))
@drawn(data=st.data())
@settings(max_examples=60, deadline=None)
def test_a_file_cut_anywhere_is_refused_or_whole(form: str, data: st.DataObject) -> None:
    content = WHOLE[form]
    cut = data.draw(st.integers(1, len(content) - 1))
    lines = content[:cut].removesuffix(b"\n").count(b"\n") + 1
    at_a_line = form == "jsonl" and content[cut - 1 : cut + 1] in {
        b"}\n",
        b"\n{",
    }  # nothing in it can tell; a manifest does
    assert _tried(content[:cut], form) in {None, lines if at_a_line else 12 if form != "zip" else 24}


@pytest.mark.parametrize("form", sorted(WHOLE))
@drawn(data=st.data())
@settings(max_examples=80, deadline=None)
def test_flipped_bytes_raise_nothing_but_a_refusal(form: str, data: st.DataObject) -> None:
    content = bytearray(WHOLE[form])
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    _tried(bytes(content), form)


@drawn(
    st.binary(max_size=200),
    st.sampled_from([b"", b"PK\x03\x04", b"PAR1", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\x03~\x0a\x1f", b"{"]),
)
@settings(max_examples=150, deadline=None)
def test_bytes_of_any_kind_raise_nothing_but_a_refusal(content: bytes, head: bytes) -> None:
    _tried(head + content, "dat")
