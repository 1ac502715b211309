"""市场监督管理局: every market entity, those cancelled or revoked, annual reports, checks. No I/O."""

import polars as pl

from hub.demo import dirt
from hub.demo.delivery import Delivery, World, text
from hub.demo.files import Sheet
from hub.demo.listing import BAD_CODE, firms, listed, listed_employers, some
from hub.demo.months import YEAR, day_in

_KINDS = {
    "enterprise": "企业", "branch": "分公司", "individual_business": "个体工商户", "cooperative": "农民专业合作社",
}  # fmt: skip
_STATUS = {"operating": "存续（在营、开业、在册）", "cancelled": "注销", "revoked": "吊销，未注销"}


def deliveries(world: World) -> list[Delivery]:
    return [
        _registration(world),
        _cancellation(world),
        _annual_report(world),
        _conversion(world),
        _random_check(world),
    ]


def _registration(world: World) -> Delivery:
    chance = world.chance
    firms = (
        world.firms.filter(pl.col("kind").is_in(list(_KINDS)))
        .join(world.staff, on="eid", how="left", maintain_order="left")
        .join(
            world.people.select(pl.col("pid").alias("owner"), pl.col("name").alias("boss"), "resident_id"),
            on="owner", how="left", maintain_order="left",
        )
    )  # fmt: skip
    # Sole traders of old have only the registration number, and an industry code that may have lost its zero.
    industry = (
        pl.when(chance.happens(0.05, "lost zero", "eid"))
        .then(pl.col("industry").str.strip_chars_start("0"))
        .when(chance.happens(0.1, "glued industry", "eid") & (pl.col("industry") != "6020"))
        .then(pl.concat_str("industry", pl.lit(" "), "industry_name"))
        .otherwise("industry")
    )
    columns = {
        "主体身份代码": pl.lit(""),
        "登记机关": pl.lit("荣成市市场监督管理局（合成）"),
        "企业类型大类": pl.col("kind").replace_strict(_KINDS),
        "登记状态": pl.col("status").replace_strict(_STATUS),
        "统一社会信用代码": pl.when(pl.col("nameless"))
        .then(pl.lit("无"))
        .when(chance.happens(0.01, "blank in uscc", "eid"))
        .then(pl.concat_str(pl.col("uscc").str.slice(0, 8), pl.lit(" "), pl.col("uscc").str.slice(8)))
        .otherwise("uscc"),
        "企业名称": pl.col("name"),
        "住所": pl.col("address"),
        "法定代表人": pl.col("boss"),
        "经营者证件号": pl.col("resident_id"),
        "行业代码": industry,
        "注册资本（万元）": pl.format("{}", 1 + chance.below(500, "capital", "eid")),
        "币种": pl.lit("人民币"),
        "注册号": pl.col("registration"),
        "成立日期": dirt.day(pl.col("registered_on"), chance, "founded", "eid"),
        "核准日期": pl.col("registered_on").dt.strftime("%Y-%m-%d"),
        "经营截止": pl.lit("9999-9-9"),
        "住所所在行政区划": pl.col("area"),
        "是否个转企": pl.lit("否"),
        "从业人数": pl.coalesce("declared", "staff").fill_null(0),
    }
    rows = text(firms, **columns)
    wrong = dirt.wrong_rows(
        rows,
        [
            {"统一社会信用代码": "91371082MA0000000Z", "注册号": ""},
            {"登记状态": "待核实"},
            {"统一社会信用代码": "", "注册号": "/"},
        ],
    )
    wrong = pl.concat([wrong, dirt.doubles(rows)])
    return Delivery(
        "market_supervision/registration", "市场主体登记_202610_合成.csv", "2026-10", len(wrong), "gb18030",
        lambda: [rows, wrong],
    )  # fmt: skip


def _cancellation(world: World) -> Delivery:
    chance = world.chance
    gone = world.firms.filter((pl.col("status") != "operating") & pl.col("kind").is_in(list(_KINDS)))
    how = chance.pick(("注销", "简易注销", "普通注销"), "how closed", "eid")
    columns = {
        "统一社会信用代码": pl.col("uscc"),
        "注册号": pl.lit(""),
        "企业名称": pl.col("name"),
        "注销/吊销类别": pl.when(pl.col("status") == "revoked").then(pl.lit("吊销，未注销")).otherwise(how),
        "核准日期": dirt.day(pl.col("status_on"), chance, "closed", "eid"),
        "原因": pl.lit("决议解散"),
        "登记机关": pl.lit("荣成市市场监督管理局（合成）"),
    }
    rows = text(gone.filter(~pl.col("nameless")), **columns)
    sheet = Sheet("注销吊销", "市场主体注销、吊销名单", rows, total=["合计", "", f"{len(rows)}户"])
    return Delivery(
        "market_supervision/cancellation", "注销吊销_202501至202610_合成.xlsx", "2026-10", 0, None, sheets=[sheet]
    )


def _annual_report(world: World) -> Delivery:
    """Of 2025, in the employers' own words: near the truth; some publish nothing, some write zero."""
    chance = world.chance
    then = (pl.col("first") < YEAR) & (pl.col("last") >= YEAR - 1) & (pl.col("eid") >= 0)
    insured = world.enrolled.filter(then).group_by("eid", maintain_order=True).agg(
        *((pl.col("insurance") == code).sum().alias(code) for code in ("110", "210", "310", "410")),
        pl.col("base_2025").filter(pl.col("insurance") == "110").clip(0).sum().alias("base"),
    )  # fmt: skip
    reporting = (
        firms(world, (pl.col("status") == "operating") & (pl.col("registered_on") < pl.date(2026, 1, 1)))
        .filter(pl.col("kind").is_in(list(_KINDS)))
        .join(insured, on="eid", how="left", maintain_order="left")
        .with_columns(pl.col("110", "210", "310", "410", "base").fill_null(0))
    )
    silent, zero = chance.happens(0.4, "publishes nothing", "eid"), chance.happens(0.05, "writes zero", "eid")

    def told(figure: pl.Expr, none: str = "0") -> pl.Expr:
        words = pl.when(zero).then(pl.lit(none)).otherwise(figure.cast(pl.String))
        return pl.when(silent).then(pl.lit("企业选择不公示")).otherwise(words)

    def wan(yuan: pl.Expr) -> pl.Expr:
        return told(dirt.cents(yuan / 10_000), "0.00")

    columns = {
        "统一社会信用代码": pl.when("nameless").then(pl.lit("无")).otherwise("uscc"),
        "注册号": pl.col("registration"),
        "企业名称": pl.col("name"),
        "年报年度": pl.lit("2025"),
        "营运状况": pl.when(silent).then(pl.lit("企业选择不公示")).otherwise(pl.lit("开业")),
        "从业人数": told(pl.col("count") + chance.below(2, "one more", "eid")),
        "城镇职工基本养老保险": told(pl.col("110")),
        "失业保险": told(pl.col("210")),
        "职工基本医疗保险": told(pl.col("310")),
        "工伤保险": told(pl.col("410")),
        "生育保险": told(pl.col("310")),
        "城镇职工基本养老保险缴费基数（万元）": wan(pl.col("base") * 12),
        "城镇职工基本养老保险本期实际缴费金额（万元）": wan(pl.col("base") * 12 * 0.24),
        "城镇职工基本养老保险累计欠缴金额（万元）": wan(pl.lit(0.0)),
    }
    wrong = [BAD_CODE | {"注册号": ""}, {"从业人数": "十余人"}, {"年报年度": "上年"}]
    return listed("market_supervision/annual_report", "企业年报", text(reporting, **columns), wrong, twice=True)


def _conversion(world: World) -> Delivery:
    chance = world.chance
    drawn = some(world, firms(world).filter(pl.col("kind") == "enterprise"), 0.02, "converted", "eid")
    grown = pl.concat([listed_employers(world, "market_supervision/conversion"), drawn])
    on = pl.max_horizontal("registered_on", day_in(YEAR + chance.below(9, "converted", "eid"), 15))
    columns = {
        "原名称": pl.format("{}（个体）", pl.col("name")),
        "转型后统一社会信用代码": pl.col("uscc"),
        "转型后企业名称": pl.col("name"),
        "转型日期": dirt.day(on, chance, "converted", "eid"),
        "从业人数": pl.col("count"),
    }
    wrong = [{"转型后统一社会信用代码": "91371082MA0000000Z"}, {"转型日期": "2026-02-30"}]
    return listed("market_supervision/conversion", "个转企名单", text(grown, **columns), wrong)


def _random_check(world: World) -> Delivery:
    chance = world.chance
    trading = firms(world, pl.col("status") == "operating").filter(pl.col("kind").is_in(list(_KINDS)))
    on = day_in(YEAR + 6 + chance.below(3, "checked", "eid"), 1 + chance.below(28, "checked day", "eid"))
    columns = {
        "抽查任务编号": pl.format("SSJ2026{}", pl.col("eid").cast(pl.String).str.zfill(7)),
        "抽查任务名称": pl.lit("用工和参保双随机抽查"),
        "统一社会信用代码": pl.when("nameless").then(pl.lit("无")).otherwise("uscc"),
        "注册号": pl.col("registration"),
        "企业名称": pl.col("name"),
        "检查日期": dirt.day(on, chance, "checked", "eid"),
        "抽查结果": chance.pick(
            ("未发现问题", "未发现问题", "已责令改正", "通过登记的住所（经营场所）无法联系"), "check", "eid"
        ),
    }
    wrong = [BAD_CODE | {"注册号": ""}, {"抽查结果": "详见附件"}]
    rows = text(some(world, trading, 0.05, "random check", "eid"), **columns)
    return listed("market_supervision/random_check", "双随机抽查结果", rows, wrong)
