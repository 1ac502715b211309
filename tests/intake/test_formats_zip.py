"""A ZIP is the files in it: names decoded right, nothing unpacked to disk, encrypted ones and bombs refused."""

import struct
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pytest
from format_files import WRITERS, cells, cremated, given, numbers, packed, read_all, written
from intake_factory import Desk, name

from hub.errors import IntakeError
from hub.intake import archive as archives
from hub.intake import row_of
from hub.intake.extract import packed as zips
from hub.settings import settings


def table(folder: Path, form: str, *rows: int) -> bytes:
    return written(form, folder, [cremated(number) for number in rows])


def test_every_format_is_read_from_a_zip_in_the_order_of_names(tmp_path: Path) -> None:
    files = {
        f"{number}/{form}.{form}": table(tmp_path, form, number, number + 1) for number, form in enumerate(WRITERS)
    }
    found, [report] = read_all(packed(tmp_path / "x.zip", dict(reversed(files.items()))))
    assert numbers(found) == list(range(1, 13))
    assert cells(found, "姓名") == [name(n + m) for n in range(6) for m in range(2)]
    assert [(one["name"], one["format"], one["rows"]) for one in report["files"]] == [
        (f"x.zip/{inner}", inner.rpartition(".")[2], 2) for inner in files
    ]
    assert (report["format"], report["rows"]) == ("zip", 12)


@pytest.mark.parametrize(("encoding", "flag"), [("gbk", 0), ("utf-8", 0), ("utf-8", 0x800)])
def test_names_are_read_as_they_were_meant(encoding: str, flag: int, tmp_path: Path) -> None:
    raw = "十月/火化登记.csv".encode(encoding)
    plain = b"x" * len(raw)
    path = packed(tmp_path / "x.zip", {plain.decode(): table(tmp_path, "csv", 1)})
    content = bytearray(path.read_bytes().replace(plain, raw))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = content.index(mark) + at
        content[start : start + 2] = struct.pack("<H", flag)
    _, [report] = read_all(given(bytes(content), "x.zip"))
    assert [one["name"] for one in report["files"]] == ["x.zip/十月/火化登记.csv"]


def test_what_a_system_leaves_in_a_zip_is_passed_over_and_told(tmp_path: Path) -> None:
    junk = {"__MACOSX/._a.csv": b"\0", ".DS_Store": b"\0", "b/Thumbs.db": b"\0", "~$a.xlsx": b"\0"}
    found, [report] = read_all(packed(tmp_path / "x.zip", {**junk, "a.csv": table(tmp_path, "csv", 1)}))
    assert numbers(found) == [1]
    assert sorted(report["passed_over"]) == sorted(junk)


def test_an_encrypted_file_in_a_zip_is_refused_by_name(tmp_path: Path) -> None:
    content = bytearray(packed(tmp_path / "x.zip", {"a.csv": b"1"}).read_bytes())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + at] |= 1
    with pytest.raises(IntakeError) as refused:
        read_all(given(bytes(content), "x.zip"))
    assert (refused.value.code, refused.value.message) == ("INTAKE_ENCRYPTED", "x.zip/a.csv is encrypted")


@pytest.mark.parametrize(
    ("limit", "content"),
    [({"unpacked_ratio": 50}, b"0" * (3 << 20)), ({"unpacked_bytes": 10_000}, bytes(range(256)) * 40)],
)
def test_a_zip_that_unpacks_to_too_much_is_refused_before_it_is_unpacked(
    limit: dict[str, int], content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = packed(tmp_path / "x.zip", {"a.csv": content})
    monkeypatch.setattr(zips, "settings", lambda: settings().model_copy(update=limit))
    monkeypatch.setattr(zips, "_opened", None)
    with pytest.raises(IntakeError) as refused:
        read_all(path)
    assert refused.value.code == "INTAKE_SIZE"


def test_a_file_is_never_read_beyond_the_size_that_its_zip_says(tmp_path: Path) -> None:
    content = table(tmp_path, "csv", *range(20))
    raw = packed(tmp_path / "x.zip", {"a.csv": content}).read_bytes()
    lying = raw.replace(struct.pack("<I", len(content)), struct.pack("<I", 300))
    with pytest.raises(IntakeError, match=r"x.zip/a.csv is not whole"):
        read_all(given(lying, "x.zip"))


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "holds no file"),
        ({"a.zip": b"PK\x05\x06" + b"\0" * 18}, "x.zip/a.zip is a ZIP in a ZIP"),
        ({"说明.docx": b"%PDF"}, "x.zip/说明.docx is a PDF"),
    ],
)
def test_what_a_zip_may_not_hold(files: dict[str, bytes], said: str, tmp_path: Path) -> None:
    with pytest.raises(IntakeError, match=said):
        read_all(packed(tmp_path / "x.zip", files))


def test_two_files_of_one_name_in_a_zip_are_refused(tmp_path: Path) -> None:
    content = packed(tmp_path / "x.zip", {"a.csv": b"1", "b.csv": b"2"}).read_bytes()
    with pytest.raises(IntakeError, match=r"x.zip/a.csv stands twice"):
        read_all(given(content.replace(b"b.csv", b"a.csv"), "x.zip"))


def test_a_row_is_shown_again_from_the_sealed_zip(
    tmp_path: Path, any_format: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "PIECE", 500)  # so that a reader has to go back and forth between sealed pieces
    files = {
        f"{form}.{form}": table(tmp_path, form, *range(n * 3, n * 3 + 3)) for n, form in enumerate(sorted(WRITERS))
    }
    desk = any_format
    report = desk.load("civil_affairs/cremation", packed(tmp_path / "x.zip", files))
    assert (report.declared, report.loaded) == (18, 18)
    known = (desk.database.engine("writer"), desk.keyring, desk.declarations, desk.folder / "archive", "officer")
    for row in (1, 8, 13, 18):
        assert row_of(report.batch_id, row, *known)["姓名"] == name(row - 1)


def test_a_sealed_file_reads_the_same_from_any_place(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "PIECE", 100)
    for size in (0, 1, 99, 100, 101, 1000):
        path = desk.folder / f"{size}"
        path.write_bytes(bytes(n % 251 for n in range(size)))
        digest, _ = archives.digest(zips.Delivered.at(path))
        archives.keep(zips.Delivered.at(path), digest, desk.folder / "archive", desk.keyring)
        with archives.kept("x", digest.hex(), desk.folder / "archive", desk.keyring).open() as stream:
            assert stream.read() == path.read_bytes()
            for place in (0, size // 2, max(size - 30, 0)):
                stream.seek(place)
                assert stream.read(50) == path.read_bytes()[place : place + 50]
            assert stream.seek(0, 2) == size
            assert stream.read() == b""


def test_nothing_is_unpacked_to_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = packed(
        tmp_path / "x.zip", {"a.parquet": table(tmp_path, "parquet", 1), "b.xlsx": table(tmp_path, "xlsx", 2)}
    )
    monkeypatch.setattr("tempfile.mkstemp", None)
    monkeypatch.setattr("tempfile.TemporaryFile", None)
    monkeypatch.setattr(ZipFile, "extract", None)
    assert len(numbers(read_all(path)[0])) == 2


def test_a_stored_file_is_read_as_a_deflated_one_is(tmp_path: Path) -> None:
    with ZipFile(tmp_path / "x.zip", "w", ZIP_DEFLATED) as package:
        package.writestr(ZipInfo("a.parquet"), table(tmp_path, "parquet", 1, 2))
    assert numbers(read_all(tmp_path / "x.zip")[0]) == [1, 2]
