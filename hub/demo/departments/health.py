"""卫生健康委员会: deaths as hospitals certify them, vaccinations of children, check-ups of adults. No I/O."""

import polars as pl

from hub.demo import dirt
from hub.demo.delivery import Delivery, World
from hub.demo.listing import BAD_ID, listed, people, rolled, some, written
from hub.demo.months import LAST, YEAR, day_in, month_of

_AGE = (LAST - month_of(pl.col("birth"))) // 12


def deliveries(world: World) -> list[Delivery]:
    return [_death(world), _vaccination(world), _check_up(world)]


def _death(world: World) -> Delivery:
    """Six deaths in ten; the cause and the family stand there and must never be taken."""
    chance = world.chance
    died = world.city.events.filter((pl.col("kind") == "dead") & chance.happens(0.6, "certified")).sort("on", "pid")
    columns = {
        "死亡证编号": pl.format("合成{}", pl.col("pid")),
        "死亡日期": dirt.day(pl.col("on"), chance, "certified", "pid"),
        "死亡原因": chance.pick(("心血管疾病", "呼吸系统疾病", "年老"), "certified cause"),
        "家属姓名": pl.lit("（合成）"),
    }
    wrong = [{"身份证号": dirt.NOBODY[0]}, {"死亡日期": "不详"}]
    return listed("health/death_certificate", "死亡医学证明", written(world.who(died), world, columns), wrong)


def _vaccination(world: World) -> Delivery:
    """Of a child without a number the row is rejected: more of them than elsewhere."""
    chance = world.chance
    drawn = some(world, people(world, _AGE < 8), 0.6, "vaccinated")
    children = rolled(world, "health/vaccination", drawn)
    born = pl.coalesce("birth", pl.col("resident_id").str.slice(6, 8).str.to_date("%Y%m%d"))
    dose = pl.max_horizontal(day_in(YEAR + chance.below(9, "dose"), 1 + chance.below(28, "dose day")), "birth")
    given = pl.coalesce("since", dose)
    columns = {
        "出生日期": born.dt.strftime("%Y-%m-%d"),
        "疫苗名称": chance.pick(("麻腮风", "百白破", "乙肝"), "vaccine"),
        "接种日期": dirt.day(given, chance, "dose", "pid"),
        "接种单位": pl.lit("示例卫生院（合成）"),
    }
    wrong = [{"身份证号": "无"}, {"身份证号": ""}, {"接种日期": "不详"}, BAD_ID]
    return listed("health/vaccination", "预防接种儿童", written(children, world, columns), wrong)


def _check_up(world: World) -> Delivery:
    chance = world.chance
    drawn = some(world, people(world, _AGE.is_between(18, 85)), 0.15, "check-up")
    seen = rolled(world, "health/check_up", drawn)
    on = day_in(YEAR + chance.below(10, "seen"), 1 + chance.below(28, "seen day"))
    columns = {
        "体检日期": dirt.day(pl.coalesce("since", on), chance, "seen", "pid"),
        "体检机构": pl.lit("示例体检中心（合成）"),
        "体检结论": pl.lit("（合成）"),
    }
    wrong = [BAD_ID, {"身份证号": dirt.NOBODY[2]}, {"体检日期": "2026-02-30"}]
    return listed("health/check_up", "参加体检成年居民", written(seen, world, columns), wrong, twice=True)
