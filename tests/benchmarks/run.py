"""`make bench`: what the hub costs, as a report. Not a test: nothing here passes or fails.

    .venv/bin/python tests/benchmarks/run.py [--persons N] [--only serving|loading|formats|rules|incremental] [--rounds N]

Prints tables in Markdown; the same numbers go to ``bench-report.json`` in the data folder. Databases, city and files stay
there for the next run; they are synthetic, all of them.
"""

import argparse
import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from measure import Table, tell, write_json

PARTS = ("serving", "loading", "formats", "rules", "incremental")


def main() -> None:
    options = argparse.ArgumentParser(description="Measure the hub.")
    options.add_argument("--persons", type=int, default=1_000_000, help="size of the big city")
    options.add_argument("--only", choices=PARTS, action="append", help="one part; may be given again")
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--seconds", type=float, default=3.0, help="of each serving run")
    options.add_argument("--data", type=Path, default=Path(os.environ.get("HUB_DATA", ".hub")) / "bench")
    chosen = options.parse_args()
    folder = chosen.data.absolute()
    tables: list[Table] = []
    for part in chosen.only or PARTS:
        tell(f"-- {part}")
        if part == "serving":
            import serving

            tables += serving.measure(folder, chosen.persons, chosen.rounds, chosen.seconds)
        elif part == "loading":
            import loading

            tables += loading.measure(folder, chosen.persons, chosen.rounds)
        elif part == "formats":
            import formats

            tables += formats.measure(folder, chosen.rounds)
        elif part == "incremental":
            import incremental

            tables += incremental.measure(folder, chosen.persons, chosen.rounds)
        else:
            import rules

            tables += rules.measure(folder, chosen.persons, chosen.rounds)
    head = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    print(f"# Benchmark, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC\n\n{head}\n")  # noqa: T201
    for table in tables:
        print(table.markdown())  # noqa: T201
    report = {
        "at": datetime.now(UTC).isoformat(),
        "machine": head,
        "persons": chosen.persons,
        "rounds": chosen.rounds,
        "tables": {table.title: table.numbers for table in tables},
    }
    write_json(folder / "bench-report.json", report)


if __name__ == "__main__":
    main()
