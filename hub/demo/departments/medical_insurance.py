"""医疗保障局: who is in which medical insurance: the spells that 人社局 knows, in another system's words. No I/O."""

from functools import partial

import polars as pl

from hub.demo import dirt
from hub.demo.delivery import Delivery, World, text
from hub.demo.listing import listed, listed_in_parts
from hub.demo.months import LAST, OPEN, day_in

_STATES = {"active": "1", "retired": "1", "suspended": "2", "ended": "终止参保"}


def deliveries(world: World) -> list[Delivery]:
    return [
        _employer_enrollment(world),
        _enrollment(world, "employee", "310", "职工医保参保"),
        _enrollment(world, "resident", "390", "居民医保参保"),
    ]


def _number() -> pl.Expr:
    """The bureau's own number of an employer."""
    return pl.format("37108200{}", pl.col("eid").cast(pl.String).str.zfill(12))


def _employer_enrollment(world: World) -> Delivery:
    now = (pl.col("first") <= LAST) & (pl.col("last") >= LAST) & (pl.col("state") == "active")
    accounts = (
        world.enrolled.filter((pl.col("eid") >= 0) & (pl.col("insurance") == "310"))
        .group_by("eid", maintain_order=True)
        .agg(now.sum().alias("count"), pl.col("first").min())
        .sort("eid")
    )
    columns = {
        "单位编号": _number(),
        "单位名称": pl.col("firm"),
        "统一社会信用代码": pl.col("uscc"),
        "单位参保状态": pl.when(pl.col("eid").is_in(world.city.closed["eid"].implode()))
        .then(pl.lit("终止参保"))
        .when(pl.col("count") > 0)
        .then(pl.lit("正常参保"))
        .otherwise(pl.lit("暂停参保")),
        "参保日期": day_in(pl.col("first")).dt.strftime("%Y-%m-%d"),
        "参保人数": pl.col("count"),
    }
    rows = text(world.firm(accounts), **columns)
    wrong = [{"单位编号": ""}, {"单位参保状态": "8"}]
    return listed("medical_insurance/employer_enrollment", "医保参保单位", rows, wrong)


def _enrollment(world: World, whose: str, insurance: str, title: str) -> Delivery:
    delivery = f"medical_insurance/{whose}_enrollment"
    spells = world.enrolled.filter(pl.col("insurance") == insurance)
    wrong = [{"certno": number} for number in dirt.NOBODY[:2]] + [{"psn_insu_stas": "9"}, {"crt_insu_date": ""}]
    return listed_in_parts(delivery, title, spells, partial(_rows, world), wrong)


def _rows(world: World, spells: pl.DataFrame) -> pl.DataFrame:
    """Insured until the day of the pause, which is the first of a month."""
    chance = world.chance
    paused = pl.when(pl.col("last") < OPEN).then(
        day_in(pl.col("last").clip(upper_bound=LAST) + 1).dt.strftime("%Y-%m-%d")
    )
    columns = {
        "psn_no": pl.format("371082{}", pl.col("pid").cast(pl.String).str.zfill(20)),
        "psn_cert_type": pl.lit("01"),
        "certno": dirt.resident_id(chance, "pid", "first"),
        "psn_name": dirt.name(chance, "pid", "first"),
        "insutype": pl.col("insurance"),
        "psn_insu_stas": pl.col("state").replace_strict(_STATES),
        "insu_admdvs": pl.lit("371082"),
        "crt_insu_date": day_in(pl.col("first")).dt.strftime("%Y-%m-%d"),
        "paus_insu_date": paused.fill_null(dirt.nothing(chance, "paused", "pid")),
        "emp_no": pl.when(pl.col("eid") >= 0).then(_number()),
        "emp_name": pl.col("firm"),
    }
    return text(world.firm(world.who(spells)), **columns)
