"""What a file is, by its first bytes and never by its name; a name that says otherwise is reported.

In charge of telling the formats apart, and of refusing by name, with what to do, what is none of them: encrypted and
old workbooks, web pages called .xls, other packers' archives. Touches no database.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePath
from typing import Final
from zipfile import BadZipFile, ZipFile

from olefile import OleFileIO

from hub.errors import HubError, IntakeError
from hub.sealing import SealingError

from . import Delivered, Report

HEAD: Final = 8192
ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
OLE: Final = b"\xd0\xcf\x11\xe0"
#: First bytes of tables with 32 bytes a field: dBase III and IV, FoxPro, Visual FoxPro; with memo files or without.
DBF: Final = b"\x03\x83\x8b\xcb\x43\x63\xf5\x30\x31\x32"
_SAVE = "open it and save it as .xlsx, or as CSV in UTF-8"
_REPACK = "unpack it and deliver the files, or a ZIP of them"
_EXPORT = "export the table as CSV in UTF-8"
#: First bytes of what is refused: what it is, what to do.
_REFUSED: Final = [
    (re.compile(pattern, re.DOTALL | re.IGNORECASE), what, hint)
    for pattern, what, hint in (
        (rb"%PDF", "a PDF", "ask for the table itself, as .xlsx or CSV"),
        (rb"\xff\xd8\xff|\x89PNG|GIF8|BM....\0\0\0\0|II\*\0|MM\0\*", "a picture", "ask for the table itself"),
        (rb"Rar!", "a RAR archive", _REPACK),
        (rb"7z\xbc\xaf\x27\x1c", "a 7z archive", _REPACK),
        (rb"\x1f\x8b|BZh|\xfd7zXZ|\x28\xb5\x2f\xfd", "compressed, but no ZIP", _REPACK),
        (rb".{257}ustar", "a TAR archive", _REPACK),
        (rb"\{\\rtf", "a text document (RTF)", _SAVE),
        (rb"(?:\xef\xbb\xbf)?\s*<(?:\?xml|!doctype|!--|html|head|meta|table|style)", "a web page or XML", _SAVE),
        (rb"\x09[\x00\x02\x04\x08][\x04-\x10]\0", "a workbook of Excel 5 or older", _SAVE),
        (rb"SQLite format 3\0|\x00\x01\x00\x00Standard (?:Jet|ACE)", "a database", _EXPORT),
        (rb"PARE", "an encrypted Parquet file", "write it without encryption; the hub seals it"),
        (rb"(?:\xef\xbb\xbf)?\s*\[\s*[\[{\]]", "one JSON array", "write JSON Lines: one object a line"),
        (rb"\xff\xfe\s?\{\0|\xfe\xff\0\{", "JSON in UTF-16", "write it in UTF-8"),
    )
]  # fmt: skip
#: Members by which a package that is a ZIP says what it is.
_PACKAGES: Final = {
    "xl/workbook.bin": ("a binary workbook (.xlsb)", _SAVE),
    "word/document.xml": ("a text document (.docx)", _SAVE),
    "ppt/presentation.xml": ("a presentation", "ask for the table itself"),
    "content.xml": ("an OpenDocument file (.ods)", _SAVE),
    "Index/Document.iwa": ("a Numbers document", _SAVE),
}
_NAMED: Final = {
    "csv": {"csv", "txt", "tsv", "tab", "dat", "del", "asc"},
    "xlsx": {"xlsx", "xlsm"},
    "xls": {"xls", "et"},
    "dbf": {"dbf"},
    "jsonl": {"jsonl", "ndjson", "json"},
    "parquet": {"parquet", "pq"},
    "zip": {"zip"},
}


def detect(file: Delivered, report: Report) -> str:
    """The format, also told in ``report``. IntakeError: none that is read here."""
    with file.open() as stream:
        head = stream.read(HEAD)
    report["format"] = form = _format(file, head)
    named = PurePath(file.name).suffix.lower().lstrip(".")
    if named not in _NAMED[form] and any(named in names for names in _NAMED.values()):
        report["named"] = f".{named}"
    return form


def _format(file: Delivered, head: bytes) -> str:
    if head.startswith(ZIP):
        return _package(file)
    if head.startswith(OLE):
        return _compound(file)
    if head.startswith(b"PAR1"):
        return "parquet"
    if is_dbf(head):
        return "dbf"
    for pattern, what, hint in _REFUSED:
        if pattern.match(head):
            raise IntakeError("INTAKE_FORMAT", f"{file.name} is {what}", "", hint)
    if head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{":
        return "jsonl"
    if not head and PurePath(file.name).suffix.lower() in {".jsonl", ".ndjson"}:
        return "jsonl"  # of no rows: here nothing but the name can tell
    return "csv"


def is_dbf(head: bytes) -> bool:
    """Whether a head of 32 bytes says what a table of dBase does: a day, a length of header, a length of row."""
    if len(head) < 32 or head[0] not in DBF:
        return False
    length, row = int.from_bytes(head[8:10], "little"), int.from_bytes(head[10:12], "little")
    return head[2] <= 12 and head[3] <= 31 and length > 64 and row > 1


def _package(file: Delivered) -> str:
    try:
        with file.open() as stream, ZipFile(stream) as package:
            names = set(package.namelist())
    except (BadZipFile, NotImplementedError, ValueError, EOFError):
        raise IntakeError(
            "INTAKE_FORMAT", f"{file.name} is not a whole workbook or ZIP", "", "ask for it again"
        ) from None
    if "xl/workbook.xml" in names:
        return "xlsx"
    for member, (what, hint) in _PACKAGES.items():
        if member in names and names & {"[Content_Types].xml", "mimetype", "Index/Document.iwa"}:
            raise IntakeError("INTAKE_FORMAT", f"{file.name} is {what}", "", hint)
    return "zip"


def _compound(file: Delivered) -> str:
    """What an OLE file holds, by the names of its parts."""
    with file.open() as stream, whole(file.name, "a whole workbook"), OleFileIO(stream) as parts:
        if parts.exists("EncryptedPackage"):
            raise encrypted(file.name)
        if parts.exists("Workbook") or parts.exists("Book"):
            return "xls"
    raise IntakeError("INTAKE_FORMAT", f"{file.name} is a document of an office program, and no workbook", "", _SAVE)


def encrypted(name: str) -> IntakeError:
    return IntakeError(
        "INTAKE_ENCRYPTED",
        f"{name} is encrypted",
        "",
        "open it with its password and save it without one; the hub seals it",
    )


@contextmanager
def whole(name: str, what: str) -> Iterator[None]:
    """A library at work on bytes that anybody may have sent.

    IntakeError, without the library's words, whatever it raises: over damaged bytes a reader stumbles anywhere.
    """
    try:
        yield
    except (HubError, SealingError):
        raise
    except BaseException as error:
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":  # a panic in Rust is none
            raise
        raise IntakeError("INTAKE_FORMAT", f"{name} is not {what}", type(error).__name__, "ask for it again") from None
