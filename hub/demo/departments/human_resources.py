"""人力资源和社会保障局: who is enrolled in what, what came in for which month, what is drawn. No I/O."""

from collections.abc import Iterator
from functools import partial

import polars as pl

from hub.demo import dirt, work
from hub.demo.delivery import Delivery, World, bundled, text
from hub.demo.departments.tax import SPANS, span_name
from hub.demo.files import Sheet
from hub.demo.model import UNTOLD
from hub.demo.months import FIRST, LAST, OPEN, period, yyyymm

_TITLES = {
    "110": "企业职工基本养老保险", "120": "机关事业单位基本养老保险", "210": "失业保险", "310": "职工基本医疗保险",
    "390": "城乡居民基本医疗保险", "410": "工伤保险", "510": "生育保险",
}  # fmt: skip
_STATES = {"active": "1", "suspended": "2", "ended": "3", "retired": "退休"}
_CONTRIBUTORS = {"employee": "101", "flexible": "102", "resident": "居民", "assisted": "困难群体"}
_BENEFITS = {"110": "企业养老", "120": "机关事业养老", "170": "居民养老", "210": "失业", "410": "工伤"}
_SLICE = 200_000


def deliveries(world: World) -> list[Delivery]:
    return [
        _employer_enrollment(world),
        _enrollment(world),
        _resident_pension(world),
        _benefit(world),
        _project_insurance(world),
        *_contribution(world),
    ]


def _employer_enrollment(world: World) -> Delivery:
    """Every insurance an employer has ever enrolled somebody in; code and name glued at times."""
    chance = world.chance
    now = (pl.col("first") <= LAST) & (pl.col("last") >= LAST) & (pl.col("state") == "active")
    accounts = (
        world.enrolled.filter(pl.col("eid") >= 0)
        .group_by("eid", "insurance", maintain_order=True)
        .agg(now.sum().alias("count"), pl.col("first").min())
        .sort("eid", "insurance")
    )
    title = pl.concat_str("insurance", pl.lit(" "), pl.col("insurance").replace_strict(_TITLES))
    accounts = world.firm(accounts).with_columns(pl.col("insurance").cast(pl.Int64).alias("code"))
    columns = {
        "单位编号": pl.col("account"),
        "单位名称": pl.col("firm"),
        "统一社会信用代码": pl.col("uscc"),
        "险种": pl.when(chance.happens(0.1, "glued", "eid", "code")).then(title).otherwise("insurance"),
        "参保日期": pl.concat_str(yyyymm(pl.col("first")), pl.lit("01")),
        "参保状态": pl.when(pl.col("eid").is_in(world.city.closed["eid"].implode()))
        .then(pl.lit("终止参保"))
        .when(pl.col("count") > 0)
        .then(pl.lit("1"))
        .otherwise(pl.lit("暂停缴费")),
        "在职人数": pl.col("count"),
        "征收方式": pl.lit("税务征收"),
        "经办机构": pl.lit("荣成市社会保险服务中心（合成）"),
    }
    rows = text(accounts, **columns)
    wrong = dirt.wrong_rows(rows, [{"险种": "999"}, {"参保状态": "8"}])
    return Delivery(
        "human_resources/employer_enrollment", "单位参保登记_202610_合成.csv", "2026-10", len(wrong), "utf-8-sig",
        lambda: [rows, wrong],
    )  # fmt: skip


def _enrollment(world: World) -> Delivery:
    numbers = [{"社会保障号": number} for number in dirt.NOBODY[:4]]
    some = _enrollment_rows(world, world.enrolled.tail(200))
    wrong = dirt.wrong_rows(
        some, [*numbers, {"险种类型": "999"}, {"开始年月": "202610", "终止年月": "202501"}, {"参保状态": ""}]
    )
    wrong = pl.concat([wrong, dirt.doubles(some)])

    def parts() -> Iterator[pl.DataFrame]:
        for piece in world.enrolled.iter_slices(_SLICE):
            yield _enrollment_rows(world, piece)
        yield wrong

    return Delivery("human_resources/enrollment", "个人参保_202610_合成.csv", "2026-10", len(wrong), "utf-8-sig", parts)


def _enrollment_rows(world: World, spells: pl.DataFrame) -> pl.DataFrame:
    chance = world.chance
    spells = world.firm(world.who(spells)).with_columns(pl.col("insurance").cast(pl.Int64).alias("code"))
    keys = ("pid", "code")
    title = pl.col("insurance").replace_strict(_TITLES)
    flexible = pl.col("contributor") == "flexible"
    told = pl.col("state").is_in(["active", "suspended"]) & (pl.col("base_2026") != UNTOLD)
    base = dirt.money(pl.col("base_2026"), chance, "base", *keys)
    columns = {
        "社会保障号": dirt.resident_id(chance, *keys),
        "姓名": dirt.name(chance, *keys),
        "险种类型": pl.when(chance.happens(0.02, "glued", *keys))
        .then(pl.concat_str("insurance", pl.lit(" "), title))
        .otherwise("insurance"),
        "人员类型": pl.when(flexible & chance.happens(0.2, "flexible text"))
        .then(pl.lit("灵活就业人员"))
        .otherwise(pl.col("contributor").replace_strict(_CONTRIBUTORS)),
        "单位编号": pl.col("account"),
        "开始年月": dirt.month(yyyymm(pl.col("first")), chance, "first", *keys),
        "终止年月": dirt.open_end(yyyymm(pl.col("last")), chance, "last", *keys),
        "参保状态": pl.col("state").replace_strict(_STATES),
        "缴费基数": pl.when(told).then(base),
        "行政区划": pl.lit("371082"),
    }
    return text(spells, **columns)


def _resident_pension(world: World) -> Delivery:
    """Two encodings of one system: this one exports GB18030, with codes whose leading zero a spreadsheet ate."""
    chance = world.chance
    state = {"active": "1", "drawing": "1", "suspended": "2", "ended": "4"}

    def rows(piece: pl.DataFrame) -> pl.DataFrame:
        areas = world.people.select("pid", "area")
        identity = pl.col("identity")
        columns = {
            "姓名": dirt.name(chance, "pid"),
            "身份证": dirt.resident_id(chance, "pid"),
            "村组": pl.concat_str("area", pl.lit("201")),
            "参保身份": pl.when(chance.happens(0.1, "lost zero"))
            .then(identity.str.strip_chars_start("0"))
            .otherwise(identity),
            "参保状态": pl.col("state").replace_strict(state),
            "缴费状态": pl.when(pl.col("state") == "active").then(pl.lit("1")).otherwise(pl.lit("3")),
            "参保日期": dirt.month(yyyymm(pl.col("first")), chance, "resident", "pid"),
            "终止年月": yyyymm(pl.col("last")),
            "缴费年度": pl.lit("2026"),
            "缴费档次金额（元）": dirt.money(pl.col("tier").cast(pl.Float64), chance, "tier", "pid"),
            "是否代缴": pl.when("on_behalf").then(pl.lit("是")).otherwise(pl.lit("否")),
        }
        return text(world.who(piece).join(areas, on="pid", how="left", maintain_order="left"), **columns)

    residents = world.city.residents
    wrong = dirt.wrong_rows(
        rows(residents.tail(200)), [{"参保状态": "0"}, {"身份证": dirt.NOBODY[2]}, {"身份证": ""}, {"参保日期": "无"}]
    )

    def parts() -> Iterator[pl.DataFrame]:
        for piece in residents.iter_slices(_SLICE):
            yield rows(piece)
        yield wrong

    return Delivery(
        "human_resources/resident_pension", "城乡居民养老_202610_合成.csv", "2026-10", len(wrong), "gb18030", parts
    )


def _benefit(world: World) -> Delivery:
    chance = world.chance
    benefits = world.who(world.city.benefits)
    ended = pl.col("last") < OPEN
    columns = {
        "身份证号": dirt.resident_id(chance, "pid"),
        "姓名": dirt.name(chance, "pid"),
        "待遇类别": pl.col("kind").replace_strict(_BENEFITS),
        "起始年月": dirt.month(yyyymm(pl.col("first")), chance, "benefit", "pid"),
        "终止年月": dirt.open_end(yyyymm(pl.col("last")), chance, "benefit", "pid"),
        "月待遇金额": dirt.money(pl.col("yuan"), chance, "benefit", "pid"),
        "末次发放年月": yyyymm(pl.col("paid_until")),
        "状态": pl.when(ended).then(pl.lit("终止")).otherwise(chance.pick(("1", "正常待遇"), "benefit state", "pid")),
    }
    rows = text(benefits, **columns)
    wrong = dirt.wrong_rows(
        rows, [{"待遇类别": "其他待遇"}, {"起始年月": "202608", "终止年月": "202603"}, {"身份证号": dirt.NOBODY[3]}]
    )
    return Delivery(
        "human_resources/benefit", "待遇领取_202610_合成.csv", "2026-10", len(wrong), "utf-8", lambda: [rows, wrong]
    )


def _project_insurance(world: World) -> Delivery:
    policies = world.city.policies.join(
        world.city.projects.select("code", "name", "eid", "cost"), on="code", how="left", maintain_order="left"
    )
    columns = {
        "项目编码": pl.col("code"),
        "项目名称": pl.col("name"),
        "参保单位": pl.col("firm"),
        "参保凭证号": pl.col("certificate"),
        "参保日期": pl.col("insured").dt.strftime("%Y-%m-%d"),
        "缴费额（元）": pl.format("{}", pl.col("cost") // 1000),
        "保险起始日期": pl.col("starts").dt.strftime("%Y-%m-%d"),
        "保险终止日期": pl.col("ends").dt.strftime("%Y.%m.%d"),
    }
    rows = text(world.firm(policies), **columns)
    wrong = dirt.wrong_rows(rows, [{"参保日期": "2026-02-30"}])
    sheet = Sheet(
        "项目参保",
        "荣成市工程项目工伤保险参保台账",
        pl.concat([rows, wrong]),
        groups=[("", 1)] * 6 + [("保险", 2)],
        total=["合计", f"{len(rows)}项"],
    )
    return Delivery(
        "human_resources/project_insurance", "工程项目工伤保险_202610_合成.xlsx", "2026-10", len(wrong), None,
        sheets=[sheet],
    )  # fmt: skip


def _contribution(world: World) -> list[Delivery]:
    wrong = _wrong_contribution(world)
    return [
        Delivery(
            "human_resources/contribution", f"缴费到账_{span_name(first, last)}_合成.csv", period(last), len(wrong),
            "utf-8", partial(_contribution_parts, world, range(first, last + 1), wrong),
        )
        for first, last in SPANS
    ]  # fmt: skip


def _contribution_parts(world: World, months: range, wrong: pl.DataFrame) -> Iterator[pl.DataFrame]:
    for rows in bundled(work.contributions(world.enrolled, world.city.paid, months, world.chance)):
        yield _contribution_rows(world, rows)
    last = pl.lit(period(months[-1]).replace("-", ""))
    yield wrong.with_columns(last.alias("费款所属期"), last.alias("对应费款所属期"))


def _wrong_contribution(world: World) -> pl.DataFrame:
    paying = (pl.col("insurance") == "110") & (pl.col("state") == "active")
    some = world.enrolled.filter(paying).tail(200)
    rows = some.select(
        "pid", "eid", "insurance", pl.lit(FIRST, dtype=pl.Int64).alias("month"),
        pl.lit(FIRST, dtype=pl.Int64).alias("settled"), pl.col("base_2025").alias("base"), pl.lit("10").alias("kind"),
        pl.lit(True).alias("arrived"),
    )  # fmt: skip
    return dirt.wrong_rows(
        _contribution_rows(world, rows),
        [{"社会保障号": dirt.NOBODY[0]}, {"足额到账标志": "不详"}, {"险种类型": "999"}, {"社会保障号": dirt.NOBODY[4]}],
    )


def _contribution_rows(world: World, rows: pl.DataFrame) -> pl.DataFrame:
    chance = world.chance
    keys = ("pid", "month")
    base = pl.col("base")
    alone = pl.col("eid") < 0
    known = base.clip(lower_bound=0)
    columns = {
        "社会保障号": dirt.resident_id(chance, *keys),
        "姓名": pl.col("name"),
        "单位编号": pl.col("account"),
        "险种类型": pl.col("insurance"),
        "费款所属期": yyyymm(pl.col("settled")),
        "对应费款所属期": yyyymm(pl.col("month")),
        "应缴类型": pl.col("kind"),
        "人员缴费基数": pl.when(base != UNTOLD).then(dirt.money(base, chance, "contribution", *keys)),
        "单位应缴": dirt.cents(pl.when(alone).then(0.0).otherwise(known * 0.16)),
        "个人应缴": dirt.cents(known * pl.when(alone).then(0.2).otherwise(0.08)),
        "足额到账标志": pl.when("arrived").then(pl.lit("1")).otherwise(pl.lit("0")),
    }
    return text(world.firm(world.who(rows)), **columns)
