"""Memory does not grow with the file, whatever the format. Each is read in a process of its own, small and then large."""

import subprocess
import sys
from pathlib import Path

import pytest
from format_files import ROOT, WRITERS, cremated, packed

#: Rows of the small file; the large one has sixteen times as many. The pieces read at a time are made small with them.
ROWS = 4_000
TIMES = 16
READ = """
import resource, sys
from pathlib import Path
sys.path[:0] = [{here!r}, {tests!r}, {root!r}]
from format_files import CREMATION
from hub.intake.extract import Delivered, csv, dbf, jsonl, parquet, read
csv.BLOCK = dbf.BLOCK = jsonl.BLOCK = 1 << 18
parquet.ROWS, parquet.BUFFER = 1000, 1 << 16
peaks, unit = [], 1 if sys.platform == "darwin" else 1024
for path in sys.argv[1:]:
    rows = sum(len(chunk.row_no) for chunk in read([Delivered.at(Path(path))], CREMATION))
    peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit)
    print(rows, peaks[-1])
"""


@pytest.mark.parametrize("form", ["csv", "dbf", "jsonl", "parquet", "zip"])
def test_a_file_sixteen_times_as_large_takes_hardly_more_memory(form: str, tmp_path: Path) -> None:
    rows = [cremated(number, 住址=f"荣成市某街道某路{number:020d}号", 死亡原因="x" * 150) for number in range(ROWS)]
    inner = "csv" if form == "zip" else form
    paths = []
    for times in (1, TIMES):
        path = WRITERS[inner](tmp_path / f"{times}.{inner}", rows * times)
        paths.append(packed(tmp_path / f"{times}.zip", {"a.csv": path.read_bytes()}) if form == "zip" else path)
    if form in {"csv", "dbf", "jsonl"}:
        assert paths[1].stat().st_size > 15 << 20
    here = Path(__file__).parent
    script = READ.format(here=str(here), tests=str(here.parent), root=str(ROOT))
    ran = subprocess.run([sys.executable, "-c", script, *map(str, paths)], check=True, capture_output=True, text=True)
    (few, small), (many, large) = (map(int, line.split()) for line in ran.stdout.splitlines())
    assert (few, many) == (ROWS, ROWS * TIMES)
    assert large - small < 12 << 20, f"{(large - small) >> 20} MiB more"
