"""The synthetic city (荣成, 371082): what its departments deliver, as it really comes, and what is wrong in it.

In charge of building the city and writing the deliveries and `manifest.json`. Every person, employer and number is
invented; every file says so (合成数据，非真实人员). The same persons and seed give the same bytes. No database.
"""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

from hub.demo import work
from hub.demo.base import base_city
from hub.demo.chance import Chance
from hub.demo.delivery import Delivery, World
from hub.demo.departments import (
    administrative_approval,
    civil_affairs,
    employment,
    health,
    housing,
    human_resources,
    market_supervision,
    medical_insurance,
    public_security,
    registers,
    residents,
    rosters,
    tax,
)
from hub.demo.files import SYNTHETIC
from hub.demo.identity import with_resident_id, with_uscc
from hub.demo.model import City, together
from hub.demo.months import LAST, TODAY, period
from hub.demo.names import address, firm_name, person_name
from hub.demo.planting import Planting, Subject
from hub.demo.plants import plant
from hub.demo.plants.individual_business_not_enrolled import ALONE

Manifest = dict[str, Any]
Progress = Callable[[str, int, int | None], None]

#: Values of the rules' parameters that no policy gives: this city's own, so that every rule can be shown in it.
PARAMETERS = Path(__file__).parent / "parameters"

#: Who is who comes first, then who employs, then what ties them: the order of loading, within one that of its list.
_DEPARTMENTS = (
    public_security, market_supervision, administrative_approval, civil_affairs, human_resources, medical_insurance,
    tax, housing, employment, residents, health, registers, rosters,
)  # fmt: skip


def build(
    folder: Path, *, persons: int = 60_000, seed: int = 1, progress: Progress = lambda _stage, _done, _total: None
) -> Manifest:
    """Writes `folder/<department>/<file>`, `folder/manifest.json` and `folder/README.txt`; gives the manifest back.

    `persons` from 5,000 to 1,000,000, planted ones included. ValueError: fewer or more.
    """
    if not 5_000 <= persons <= 1_000_000:
        raise ValueError("a city has 5,000 to 1,000,000 persons")
    folder.mkdir(parents=True, exist_ok=True)
    chance = Chance(seed)
    progress("city", 0, 1)
    pad = plant(persons, chance)
    world = _world(pad, persons, chance)
    progress("city", 1, 1)
    made = [delivery for department in _DEPARTMENTS for delivery in department.deliveries(world)]
    place = {delivery.name: number for number, delivery in reversed(list(enumerate(made)))}
    made.sort(key=lambda delivery: (place[delivery.name], delivery.period))
    entries = []
    for done, delivery in enumerate(made):
        progress("files", done, len(made))
        entries.append(_entry(delivery, delivery.write(folder)))
    progress("files", len(made), len(made))
    manifest = {
        "note": SYNTHETIC,
        "persons": persons,
        "seed": seed,
        "today": TODAY.isoformat(),
        "period": period(LAST),
        "region": "371082",
        "deliveries": entries,
        "rules": _rules(pad, world),
    }
    (folder / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False, indent=1) + "\n", "utf-8")
    (folder / "README.txt").write_text(_README, "utf-8")
    return manifest


def set_parameters(folder: Path) -> None:
    """Sets the city's own parameter values, in the folder where a hub looks for them; what is there stays."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in sorted(PARAMETERS.glob("*.toml")):
        if not (folder / file.name).exists():
            shutil.copy(file, folder)


def periods(manifest: Manifest) -> list[tuple[str, str, list[str]]]:
    """The loads of a manifest in order: delivery, period, files below the folder."""
    return [(entry["delivery"], entry["period"], entry["files"]) for entry in manifest["deliveries"]]


def _world(pad: Planting, persons: int, chance: Chance) -> World:
    planted = pad.city()
    rest = persons - len(planted.persons)
    city = together(planted, base_city(rest, len(planted.persons), len(planted.employers), chance))
    people = with_resident_id(city.persons, chance).with_columns(person_name(chance).alias("name"))
    jobs = work.with_bases(city.jobs, chance)
    return World(
        city=city,
        chance=chance,
        people=people.select("pid", "resident_id", "name", "area"),
        firms=_firms(city, chance),
        jobs=jobs,
        enrolled=work.enrollments(city, jobs),
        staff=work.headcounts(jobs),
        planted={"pid": len(planted.persons), "eid": len(planted.employers), "household": len(planted.persons)},
    )


def _firms(city: City, chance: Chance) -> pl.DataFrame:
    # Sole traders of old, without employees, whom the register knows by their registration number only.
    nameless = (
        (pl.col("kind") == "individual_business")
        & (pl.col("declared") == 0)
        & (pl.col("status") == "operating")
        & chance.happens(0.05, "nameless", "eid")
    )
    return with_uscc(city.employers).with_columns(
        firm_name(chance).alias("name"),
        address(chance, "eid").alias("address"),
        nameless.alias("nameless"),
        pl.format("3710820{}", pl.col("eid").cast(pl.String).str.zfill(7)).alias("account"),
        pl.format("3710822{}", pl.col("eid").cast(pl.String).str.zfill(8)).alias("registration"),
        pl.format("1002{}", pl.col("eid").cast(pl.String).str.zfill(8)).alias("fund_account"),
    )


def _entry(delivery: Delivery, declared: int) -> dict[str, Any]:
    return {
        "delivery": delivery.name,
        "period": delivery.period,
        "files": [f"{delivery.name.split('/')[0]}/{delivery.file}"],
        "declared": declared,
        "expected_rejected": delivery.wrong,
    }


def _rules(pad: Planting, world: World) -> dict[str, dict[str, list[dict[str, str]]]]:
    """By rule: all it must find (`planted`), some it must not (`near_misses`), all it cannot say (`unknown`)."""
    persons = dict(world.people.head(len(pad.rows["persons"])).select("pid", "resident_id").iter_rows())
    employers = world.firms.head(len(pad.rows["employers"])).rows(named=True)

    def subject(one: Subject) -> dict[str, str]:
        kind, key = one
        if kind == "project":
            return {"project_code": str(key)}
        return {"resident_id": persons[key]} if kind == "person" else _number(employers[int(key)])

    lists = {"found": "planted", "not_found": "near_misses", "unknown": "unknown"}
    rules: dict[str, dict[str, list[dict[str, str]]]] = {
        rule: {name: [] for name in lists.values()} for rule in sorted({case.rule for case in pad.cases})
    }
    for number in _alone(pad, world):
        rules["U22"]["unknown"].append({**number, "why": ALONE})
    for case in pad.cases:
        matter = {"matter": case.matter} if case.matter else {}
        rules[case.rule][lists[case.verdict]].append({**subject(case.subject), **matter, "why": case.why})
    return rules


def _alone(pad: Planting, world: World) -> list[dict[str, str]]:
    """The base city's sole traders without employees: the only ones there of whom a rule cannot tell."""
    alone = world.firms.filter(
        (pl.col("kind") == "individual_business")
        & (pl.col("declared") == 0)
        & (pl.col("status") == "operating")
        & (pl.col("eid") >= len(pad.rows["employers"]))
    )
    return [_number(firm) for firm in alone.iter_rows(named=True)]


def _number(firm: dict[str, Any]) -> dict[str, str]:
    """The number by which the register knows an employer."""
    return {"registration_no": firm["registration"]} if firm["nameless"] else {"uscc": firm["uscc"]}


_README = f"""{SYNTHETIC}

本目录是一座虚构城市各部门的数据文件，用于演示和测试：人员、单位、姓名、证件号码、地址、金额均由程序随机生成，
与任何真实的人或单位无关。不得用于任何其他目的。

Synthetic data: every person, employer and number here is invented by a program.
Each department's files lie in its folder; manifest.json says what each file is, in which order to load them,
how many of its rows must be rejected, and what each rule must find, must not find, and cannot know.
"""
