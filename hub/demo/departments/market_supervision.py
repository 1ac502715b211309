"""市场监督管理局: every market entity, and those cancelled or revoked. No I/O."""

import polars as pl

from hub.demo import dirt
from hub.demo.delivery import Delivery, World, text
from hub.demo.files import Sheet

_KINDS = {"enterprise": "企业", "individual_business": "个体工商户", "cooperative": "农民专业合作社"}
_STATUS = {"operating": "存续（在营、开业、在册）", "cancelled": "注销", "revoked": "吊销，未注销"}


def deliveries(world: World) -> list[Delivery]:
    return [_registration(world), _cancellation(world)]


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
