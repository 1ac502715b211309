"""CSV and other separated text, streamed: memory does not grow with the file.

The encoding is found by strict trial over the whole file (byte order mark, UTF-8, GB18030) and reported; UTF-8 first,
because its bytes decode as GB18030 without an error; GB18030, the last resort, is tried by reading. The separator is
the one that makes the declared header. Refuses NUL bytes and bytes of neither encoding.
"""

import codecs
import csv
from collections import deque
from collections.abc import Iterator
from itertools import chain, islice

import polars as pl

from hub.errors import IntakeError
from hub.intake.connector import Connector
from hub.intake.validate import constant

from . import Chunk, Delivered, Report, note_kind, without_notes
from .header import LOOK, Header, check, find

BLOCK = 4 << 20  # bytes read at a time: some 35,000 rows of a register
LONGEST = 64 << 20  # characters within which a quotation must end
#: Share of rows with quotation marks up to which it is worth reading the others by themselves.
_FEW = 0.2
SEPARATORS = (",", "\t", "|", ";", "||", "^")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip


def encoding(file: Delivered) -> str:
    """utf-8 where that decodes the whole file, utf-8-sig or utf-16 where it is marked so, else gb18030."""
    with file.open() as stream:
        head = stream.read(4)
        marked = next((name for mark, name in _MARKS if head.startswith(mark)), None)
        if marked:
            return marked
    return "utf-8" if _is_utf8(file) else "gb18030"


def _is_utf8(file: Delivered) -> bool:
    """Whether the whole file is; Polars looks many times faster than a decoder does. IntakeError: NUL bytes."""
    offset, held, block = 0, b"", b"-"
    with file.open() as stream:
        while block:
            block = stream.read(BLOCK)
            held += block
            cut = _whole_characters(held) if block else len(held)
            try:
                pl.Series([held[:cut]], dtype=pl.Binary).cast(pl.String)
            except pl.exceptions.PolarsError:
                return False
            _refuse_nul(b"\0" in block, file.name, offset)
            held = held[cut:]
            offset += len(block)
    return True


def _whole_characters(text: bytes) -> int:
    """Where the last character of UTF-8 begins, so that none before it is cut."""
    end = len(text)
    while end and end > len(text) - 3 and text[end - 1] & 0xC0 == 0x80:
        end -= 1
    return max(end - 1, 0)


def _refuse_nul(there: bool, name: str, offset: int) -> None:
    if there:
        raise IntakeError(
            "INTAKE_ENCODING", f"{name} holds NUL characters", f"from byte {offset} on",
            "the file is damaged, or no text, or UTF-16 or UTF-32 without its mark; save it as CSV in UTF-8",
        )  # fmt: skip


def _decoded(file: Delivered, name: str) -> Iterator[str]:
    """The file as text, a block at a time. IntakeError: NUL bytes. UnicodeDecodeError: another encoding."""
    decoder = codecs.getincrementaldecoder(name)("strict")
    offset, block = 0, b"-"
    with file.open() as stream:
        while block:
            block = stream.read(BLOCK)
            try:
                text = decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                error.start += offset
                raise
            _refuse_nul("\0" in text, file.name, offset)
            yield text
            offset += len(block)


def read(file: Delivered, connector: Connector, report: Report, start: int) -> Iterator[Chunk]:
    """The rows of one file, numbered from ``start``."""
    report["encoding"] = encoding(file)
    blocks = _blocks(file, report["encoding"])
    first = next(blocks, b"")
    separator, header = _header(first, connector, file.name)
    report |= {"separator": separator, "title_rows": header.skipped}
    check(header, connector, file.name)
    skip = header.skipped + header.depth
    for block in chain([first], blocks):
        cells, broken = _cells(block, separator, len(header.columns), skip)
        skip = 0
        _refuse_cut(block, separator, len(header.columns), file.name)
        for chunk in without_notes(cells, header, report, start, broken):
            start += len(chunk.row_no)
            yield chunk


def _refuse_cut(block: bytes, separator: str, width: int, name: str) -> None:
    """IntakeError: the last line has no end, and fewer columns than the header; a note may be shorter."""
    last = block[block.rfind(b"\n") + 1 :].decode()
    cells = last.split(separator)
    if last and '"' not in last and 1 < len(cells) < width and note_kind(cells) is None:
        raise IntakeError(
            "INTAKE_FORMAT",
            f"{name} ends in the midst of a row",
            f"its last line has {len(cells)} of {width} columns, and no end",
            "it was cut off on its way: ask for it again",
        )


def _utf8(file: Delivered, name: str) -> Iterator[bytes]:
    """The file as UTF-8, a block at a time; what is in UTF-8, and was found to be, is passed on as it is."""
    if name != "utf-8":
        yield from (text.encode() for text in _decoded(file, name))
        return
    with file.open() as stream:
        while block := stream.read(BLOCK):
            yield block


def _blocks(file: Delivered, name: str) -> Iterator[bytes]:
    """The file as UTF-8 in pieces that end where a row ends."""
    held = b""
    try:
        for block in _utf8(file, name):
            held += block
            cut = _row_end(held)
            if cut:
                yield _with_plain_breaks(held[:cut])
                held = held[cut:]
            elif len(held) > LONGEST:
                raise IntakeError("INTAKE_FORMAT", f"{file.name}: a quotation mark is opened and never closed")
    except UnicodeDecodeError as error:
        raise IntakeError(
            "INTAKE_ENCODING",
            f"{file.name} is neither UTF-8 nor GB18030",
            f"near byte {error.start}",
            "ask for it again",
        ) from None
    if held:
        yield _with_plain_breaks(held)


def _with_plain_breaks(block: bytes) -> bytes:
    return block.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in block else block


def _row_end(block: bytes) -> int:
    """Behind the last line break outside quotation marks; 0 where there is none."""
    end = block.rfind(b"\n") + 1
    marks = block.count(b'"', 0, end)
    while end and marks % 2:
        before = block.rfind(b"\n", 0, end - 1) + 1
        marks -= block.count(b'"', before, end)
        end = before
    return end


def _header(first: bytes, connector: Connector, name: str) -> tuple[str, Header]:
    lines = [line.decode() for line in first.split(b"\n", LOOK * 4)[: LOOK * 4]]
    found: list[tuple[int, str, Header]] = []
    for separator in [connector.source.separator] if connector.source.separator else SEPARATORS:
        header = find(list(islice(_rows(lines, separator), LOOK)), connector)
        if header:
            found.append((len([column for column in header.columns if column]), separator, header))
    if not found:
        raise IntakeError("INTAKE_COLUMNS", f"{name} has no header of {connector.name} in its first {LOOK} rows")
    # "|" parts what "||" parts as well, with an empty column between any two.
    _, separator, header = max(found, key=lambda one: (one[0], -len(one[2].columns)))
    return separator, header


def _rows(lines: list[str], separator: str) -> Iterator[list[str]]:
    if len(separator) > 1:
        return (line.split(separator) for line in lines)
    return csv.reader((line + "\n" for line in lines), delimiter=separator)


def _cells(block: bytes, separator: str, width: int, skip: int) -> tuple[pl.DataFrame, pl.Series | None]:
    """Columns named by position, and a reason for each row that does not have as many as the header."""
    columns = [str(position) for position in range(width)]
    above = block.split(b"\n", skip)
    if not any(b'"' in line for line in above[:skip]):
        block, skip = b"".join(above[skip:]), 0
    quoted = b'"' in block
    if not block:
        return pl.DataFrame(schema=dict.fromkeys(columns, pl.String)), None
    lines = block.count(b"\n") + (not block.endswith(b"\n"))
    even = block.count(separator.encode()) == lines * (width - 1)
    if even and not quoted and len(separator) == 1 and b"\n\n" not in block:
        try:  # nothing is quoted, and no row can be shorter than the header unless another is longer, which raises
            return _parsed(block, separator, columns), None
        except pl.exceptions.PolarsError:
            pass
    if quoted and not skip and len(separator) == 1 and (cells := _few_quoted(block, separator, columns)):
        return cells
    return _uneven(block.decode().removesuffix("\n").split("\n"), separator, columns, skip, quoted=quoted)


def _few_quoted(block: bytes, separator: str, columns: list[str]) -> tuple[pl.DataFrame, pl.Series | None] | None:
    """The same where few rows have quotation marks, each in one line: the others are read as plain ones."""
    most = _FEW * block.count(b"\n")
    marked: list[int] = []
    quoted: list[str] = []
    pieces: list[bytes] = []
    number = done = 0
    while (mark := block.find(b'"', done)) >= 0:
        start = block.rfind(b"\n", done, mark) + 1 or done
        end = block.find(b"\n", mark)
        end = len(block) if end < 0 else end
        number += block.count(b"\n", done, start)
        marked.append(number)
        quoted.append(block[start:end].decode())
        pieces += [block[done:start], separator.encode() * (len(columns) - 1)]
        done = end
        if len(marked) > most:
            return None
    try:  # one whose quotation goes on in the next line raises, as does one that is read with indulgence
        deque((row for line in quoted for row in csv.reader([line], delimiter=separator, strict=True)), 0)
    except csv.Error:
        return None
    cells, broken = _cells(b"".join([*pieces, block[done:]]), separator, len(columns), 0)
    here, wrong = _uneven(quoted, separator, columns, 0, quoted=True)
    cells = cells.select(column.scatter(marked, here[column.name]) for column in cells)
    if wrong is not None:
        broken = (constant(None, len(cells)) if broken is None else broken).scatter(marked, wrong)
    return cells, broken


def _uneven(
    lines: list[str], separator: str, columns: list[str], skip: int, *, quoted: bool
) -> tuple[pl.DataFrame, pl.Series | None]:
    """The same of rows that may be of any length."""
    width = len(columns)
    if quoted and len(separator) == 1:
        rows = list(_rows(lines, separator))[skip:]
        counts = pl.Series([len(row) for row in rows], dtype=pl.UInt32)
        rows = [row if len(row) == width else _fitted(row, separator, width) for row in rows]
        by_column = list(zip(*rows, strict=True)) or [()] * width
        cells = pl.DataFrame(by_column, schema=dict.fromkeys(columns, pl.String), orient="col")
    else:
        text = pl.Series("", lines[skip:], dtype=pl.String)
        counts = text.str.count_matches(separator, literal=True) + 1
        cells = text.str.splitn(separator, width).struct.unnest()
        cells.columns = columns
        counts = counts.zip_with(text != "", pl.Series([width], dtype=counts.dtype).new_from_index(0, len(text)))
    odd = counts != width
    if not odd.any():
        return cells, None
    reason = pl.select(
        pl.when(odd).then(pl.format("row: {} columns, where the header has {}", counts, pl.lit(width)))
    ).to_series()
    return cells, reason


def _fitted(row: list[str], separator: str, width: int) -> list[str]:
    """What is too much stays in the last column: a row that has something there alone is not blank."""
    if len(row) > width:
        return [*row[: width - 1], separator.join(row[width - 1 :])]
    return [*row, *[""] * (width - len(row))]


def _parsed(block: bytes, separator: str, columns: list[str]) -> pl.DataFrame:
    schema = dict.fromkeys(columns, pl.String)
    return pl.read_csv(block, has_header=False, separator=separator, quote_char=None, schema=schema)
