"""行政审批服务局: employers newly registered, their accounts opened at the same time, and cancellations. No I/O."""

import polars as pl

from hub.demo import dirt
from hub.demo.delivery import Delivery, World, text
from hub.demo.listing import BAD_CODE, OPERATING, firms, listed
from hub.demo.names import AREAS

_KINDS = {
    "enterprise": "内资企业", "branch": "分公司", "individual_business": "个体工商户", "cooperative": "农民专业合作社",
}  # fmt: skip


def deliveries(world: World) -> list[Delivery]:
    return [_registration(world), _auto_opened_account(world), _cancellation(world)]


def _new(world: World) -> pl.DataFrame:
    """Registered this year."""
    new = OPERATING & (pl.col("registered_on") >= pl.date(2026, 1, 1)) & pl.col("kind").is_in(list(_KINDS))
    owners = world.people.select(pl.col("pid").alias("owner"), pl.col("name").alias("boss"), "resident_id")
    return firms(world, new).join(owners, on="owner", how="left", maintain_order="left")


def _registration(world: World) -> Delivery:
    """What the register of market supervision says too."""
    chance = world.chance
    columns = {
        "统一社会信用代码": pl.col("uscc"),
        "企业名称": pl.col("name"),
        "企业类型": pl.col("kind").replace_strict(_KINDS),
        "行业代码": pl.col("industry"),
        "住所所在行政区划": pl.col("area"),
        "住所": pl.col("address"),
        "法定代表人": pl.col("boss"),
        "法定代表人证件号": pl.col("resident_id"),
        "注册资本（万元）": pl.format("{}", 1 + chance.below(500, "capital", "eid")),
        "从业人数": pl.col("count"),
        "成立日期": dirt.day(pl.col("registered_on"), chance, "approved", "eid"),
        "登记状态": pl.lit("存续"),
        "社保登记标志": pl.lit("是"),
    }
    wrong = [BAD_CODE, {"成立日期": "不详"}]
    return listed("administrative_approval/registration", "新办市场主体", text(_new(world), **columns), wrong)


def _auto_opened_account(world: World) -> Delivery:
    columns = {
        "统一社会信用代码": pl.col("uscc"),
        "企业名称": pl.col("name"),
        "社保单位编号": pl.col("account"),
        "开户状态": pl.lit("开户成功"),
        "开户日期": pl.col("registered_on").dt.strftime("%Y%m%d"),
        "经办机构": pl.col("area").replace_strict(AREAS),
    }
    wrong = [{"社保单位编号": ""}, BAD_CODE]
    return listed("administrative_approval/auto_opened_account", "自动社保开户", text(_new(world), **columns), wrong)


def _cancellation(world: World) -> Delivery:
    gone = world.firms.filter(
        (pl.col("status") == "cancelled") & pl.col("kind").is_in(list(_KINDS)) & ~pl.col("nameless")
    )
    columns = {
        "统一社会信用代码": pl.col("uscc"),
        "企业名称": pl.col("name"),
        "注销类别": world.chance.pick(("普通注销", "注销"), "approved end", "eid"),
        "核准日期": pl.col("status_on").dt.strftime("%Y-%m-%d"),
        "注销原因": pl.lit("决议解散"),
    }
    wrong = [BAD_CODE, {"注销类别": "其他"}]
    return listed("administrative_approval/cancellation", "市场主体注销", text(gone, **columns), wrong)
