"""Rolls of persons and for whom they work, as those keep them who watch over their trade. No I/O."""

import polars as pl

from hub.demo import dirt
from hub.demo.delivery import Delivery, World
from hub.demo.departments.registers import chosen
from hub.demo.identity import with_uscc
from hub.demo.listing import BAD_CODE, BAD_ID, listed, owned_alone, people, rolled, some, workers, written
from hub.demo.months import LAST, day_in

_WRONG = [BAD_ID, BAD_CODE]


def deliveries(world: World) -> list[Delivery]:
    return [
        _lawyer(world),
        _staff(world, "transport/courier", "快递员", "express_outlet", "在岗", naming="企业名称"),
        _driver(world),
        _staff(world, "marine/fishing_crew", "渔船船员", "fishing_enterprise", "在船",
               since="上船日期", until="下船日期"),
        _staff(world, "nuclear_project/staff", "核电项目用工", "unit", "在岗", kinds=("劳动合同", "劳务派遣")),
        _staff(world, "state_assets/staff", "国企职工", "state_owned_enterprise", "在职", kinds=("合同制", "正式")),
        _shop_owner(world),
    ]  # fmt: skip


def _staff(
    world: World, delivery: str, title: str, register: str, state: str, *, naming: str = "单位名称",
    since: str = "入职日期", until: str = "离职日期", kinds: tuple[str, ...] = (),
) -> Delivery:  # fmt: skip
    """Everyone who works at the employers on another list of the same office."""
    chance, at = world.chance, chosen(world, f"{delivery.partition('/')[0]}/{register}")
    staff = workers(world).filter(pl.col("eid").is_in(at["eid"].implode()))
    staff = rolled(world, delivery, staff).unique(["pid", "eid"], keep="first", maintain_order=True)
    columns = {
        "统一社会信用代码": pl.col("uscc"),
        naming: pl.col("firm"),
        since: dirt.day(pl.col("since"), chance, delivery, "pid", "eid"),
        until: dirt.nothing(chance, delivery, "pid"),
        "状态": pl.lit(state),
    }
    if kinds:
        columns["用工形式"] = pl.coalesce("said", chance.pick(kinds, delivery))
    return listed(delivery, title, written(staff, world, columns), [*_WRONG, {since: "2026-02-30"}], twice=True)


def _lawyer(world: World) -> Delivery:
    """Partners, insured as self-employed. Their firms are registered with the bureau of justice and nowhere else."""
    chance = world.chance
    partners = people(world, (pl.col("role") == "flexible") & (pl.col("birth") < pl.date(2000, 1, 1)))
    drawn = some(world, partners, 0.01, "lawyer")
    lawyers = rolled(world, "justice/lawyer", drawn)
    count = max(1, len(lawyers) // 8)
    after = int(world.firms["eid"].max()) + 1  # type: ignore[arg-type]  # an integer column
    offices = with_uscc(
        pl.select(pl.int_range(after, after + count, dtype=pl.Int64).alias("eid"), pl.lit("31").alias("category"))
    ).with_columns(pl.format("山东示例{}律师事务所", pl.col("eid") - after + 1).alias("office"))
    place, called = pl.col("pid") % count, day_in(2014 * 12 + chance.below(140, "called"), 15)
    columns = {
        "执业证号": pl.format("137102026{}", pl.col("pid").cast(pl.String).str.zfill(8)),
        "统一社会信用代码": pl.lit(offices["uscc"]).gather(place),
        "律师事务所": pl.lit(offices["office"]).gather(place),
        "执业日期": dirt.day(pl.coalesce("since", called), chance, "called", "pid"),
        "执业状态": pl.lit("执业"),
    }
    return listed("justice/lawyer", "执业律师", written(lawyers, world, columns), _WRONG)


def _driver(world: World) -> Delivery:
    """Self-employed; the platform is an enterprise of another trade, or is not told."""
    chance = world.chance
    drawn = some(world, people(world, pl.col("role") == "flexible"), 0.05, "driver")
    drivers = rolled(world, "transport/ride_hailing_driver", drawn)
    platforms = chosen(world, "commerce/platform")
    place = pl.col("pid") % len(platforms)
    told = chance.happens(0.7, "platform told")
    columns = {
        "统一社会信用代码": pl.coalesce(
            "uscc", pl.when(told).then(pl.lit(platforms["uscc"]).gather(place)), pl.lit("暂无")
        ),
        "平台公司": pl.coalesce("firm", pl.when(told).then(pl.lit(platforms["name"]).gather(place))),
        "发证日期": dirt.day(
            pl.coalesce("since", day_in(LAST - 3 - chance.below(40, "licence"), 9)), chance, "licence", "pid"
        ),
        "有效期至": pl.lit("2030-12-31"),
        "状态": chance.pick(("有效", "正常"), "driver state"),
    }
    return listed("transport/ride_hailing_driver", "网约车驾驶员", written(drivers, world, columns), _WRONG)


def _shop_owner(world: World) -> Delivery:
    """Owners of businesses without employees who also sell on a platform."""
    chance = world.chance
    drawn = some(world, owned_alone(world), 0.2, "shop", "eid")
    owned = rolled(world, "commerce/shop_owner", drawn)
    early = pl.min_horizontal(pl.col("registered_on") + pl.duration(days=90), day_in(pl.lit(LAST), 9))
    opened = pl.coalesce("since", early)
    columns = {
        "统一社会信用代码": pl.col("uscc"),
        "店铺名称": pl.col("firm"),
        "开店日期": dirt.day(opened, chance, "shop", "pid"),
        "状态": pl.lit("在营"),
    }
    return listed("commerce/shop_owner", "电商从业人员", written(owned, world, columns), _WRONG)
