"""Synthetic persons, employers and deliveries. Nobody here exists."""

import csv
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from hub.intake import BatchReport, load
from hub.sealing import Keyring
from hub.terms import check_character, organization_code_check, uscc_check

DIVISIONS = ("371082", "370633", "371023", "150302", "320902")
SURNAMES = "赵钱孙李周吴郑王"
GIVEN = "伟芳娜秀英敏静丽强磊军洋勇艳杰涛明超霞平"


def resident_id(number: int) -> str:
    """A valid, synthetic resident ID; one a number."""
    born = date(1940, 1, 1) + timedelta(days=number * 7 % 29_000)
    first = f"{DIVISIONS[number % 5]}{born:%Y%m%d}{number // 29_000 * 5 % 999 + 1 + number % 5:03d}"
    return first + check_character(first)


def name(number: int) -> str:
    chosen = random.Random(number)  # noqa: S311 - not a secret, a name
    return chosen.choice(SURNAMES) + "".join(chosen.choices(GIVEN, k=2))


def uscc(number: int, prefix: str = "91371082") -> str:
    code = f"{70_000_000 + number:08d}"
    code += organization_code_check(code)
    return prefix + code + uscc_check(prefix + code)


def population(numbers: Sequence[int], **changes: str) -> list[dict[str, str]]:
    """Rows of the population register."""
    return [
        {
            "公民身份号码": resident_id(n),
            "姓名": name(n),
            "曾用名": "",
            "性别": "男" if int(resident_id(n)[16]) % 2 else "女",
            "民族": "汉族",
            "出生日期": resident_id(n)[6:14],
            "户籍所在行政区划": f"371082{n % 10 + 1:03d}001",
            "户籍详细地址": f"荣成市某街道某路{n}号",
            "户号": str(n // 3),
            "与户主关系": "户主",
            "现居住地址": "",
            "服务处所": "",
            "管理状态": "正常",
            "状态变动日期": "",
            "迁往地": "",
        }
        | changes
        for n in numbers
    ]


def write_csv(
    path: Path, rows: Sequence[Mapping[str, str]], encoding: str = "utf-8", separator: str = ",", title: str = ""
) -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        if title:
            file.write(title + "\n")
        writer = csv.DictWriter(file, list(rows[0]), delimiter=separator)
        writer.writeheader()
        writer.writerows(rows)
    return path


def lenient(folder: Path) -> Path:
    """A folder of declarations as the project's own, but that expects nothing of the number of rows."""
    root = Path(__file__).resolve().parents[1] / "connectors"
    for file in [*root.glob("*.toml"), *root.glob("*/*.toml")]:
        target = folder / "connectors" / file.relative_to(root)
        target.parent.mkdir(parents=True, exist_ok=True)
        text = re.sub(r"rows( *)= \{ min = \d+", r"rows\1= { min = 0", file.read_text())
        target.write_text(re.sub(r"(rejected|shrink)( *)= \{ max = [\d.]+ \}", r"\1\2= { max = 1.0 }", text))
    return folder


@dataclass(frozen=True)
class Desk:
    """Where deliveries are loaded in a test."""

    database: Any
    keyring: Keyring
    folder: Path
    declarations: Path
    by: str = "operator"

    def load(self, delivery: str, *files: Path, period: date = date(2026, 10, 1), **more: Any) -> BatchReport:
        return load(
            delivery, list(files), period=period, engine=self.database.engine("writer"), keyring=self.keyring,
            declarations=self.declarations, archive=self.folder / "archive", by=self.by, **more,
        )  # fmt: skip

    def rows(self, delivery: str, rows: Sequence[Mapping[str, str]], **more: Any) -> BatchReport:
        """Load rows as one CSV file."""
        path = self.folder / f"{delivery.replace('/', '-')}-{len(list(self.folder.glob('*.csv')))}.csv"
        return self.load(delivery, write_csv(path, rows), **more)

    def facts(self, table: str, what: str = "*") -> list[tuple[Any, ...]]:
        return self.database.execute(f"select {what} from facts_now.{table}")  # type: ignore[no-any-return]
