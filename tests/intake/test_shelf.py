"""Rows that wait: every one of them comes back, once, in order, and only if it is wanted."""

from pathlib import Path

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from hub.intake.shelf import Shelves

places = st.integers(0, 2**64 - 1)


def rows(numbers: list[int], at: list[int]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "row_no": pl.Series(numbers, dtype=pl.Int32),
            "place": pl.Series(at, dtype=pl.UInt64),
            "name": [f"n{number}" for number in numbers],
        }
    )


@given(st.lists(st.lists(places, max_size=20), max_size=5), st.sets(st.integers(1, 100)))
def test_what_is_wanted_comes_back_in_order(chunks: list[list[int]], wanted: set[int]) -> None:
    shelves, number, put = Shelves(), 1, {}
    for chunk in chunks:
        numbers = list(range(number, number + len(chunk)))
        shelves.put(rows(numbers, chunk))
        put |= dict(zip(numbers, chunk, strict=True))
        number += len(chunk)
    taken = [row for frame in shelves.take(pl.Series(sorted(wanted), dtype=pl.Int32)) for row in frame.iter_rows()]
    shelves.close()
    assert sorted(taken) == [(one, put[one], f"n{one}") for one in sorted(wanted & put.keys())]
    assert [at for _, at, _ in taken] == sorted(at for _, at, _ in taken)


def test_nothing_of_it_can_be_read_or_found(tmp_path: Path) -> None:
    shelves = Shelves(tmp_path)
    shelves.put(pl.DataFrame({"row_no": [1], "place": pl.Series([5], dtype=pl.UInt64), "name": ["张三" * 50]}))
    assert list(tmp_path.iterdir()) == []
    assert shelves._file is not None
    shelves._file.seek(0)
    assert "张三".encode() not in shelves._file.read()
    shelves.close()
