"""住房和城乡建设局 and the provident fund: projects, workers on sites, fund accounts. No I/O."""

import polars as pl

from hub.demo import dirt
from hub.demo.delivery import Delivery, World, text
from hub.demo.files import Sheet
from hub.demo.months import yyyymm
from hub.demo.names import TRADES_ON_SITE


def deliveries(world: World) -> list[Delivery]:
    return [_project(world), _site_worker(world), _fund_employer(world), _fund_person(world)]


def _project(world: World) -> Delivery:
    """A two-level header; the contract sum in ten thousands of yuan; the dates as Excel's own day numbers at times."""
    chance = world.chance
    projects = world.firm(world.city.projects).with_columns(pl.col("code").str.slice(6).cast(pl.Int64).alias("pid"))
    serial = pl.format(dirt.NUMERIC + "{}", pl.col("starts").to_physical() + 25569)
    columns = {
        "项目编码": pl.col("code"),
        "项目名称": pl.col("name"),
        "总承包单位": pl.col("firm"),
        "总承包单位统一社会信用代码": pl.col("uscc"),
        "施工许可证编号": pl.concat_str("code", pl.lit("01")),
        "合同造价（万元）": pl.format("{}", pl.col("cost") // 10_000),
        "计划开工日期": pl.col("starts").dt.strftime("%Y-%m-%d"),
        "实际开工日期": pl.when(chance.happens(0.3, "serial"))
        .then(serial)
        .otherwise(dirt.day(pl.col("starts"), chance, "starts", "pid")),
        "竣工日期": pl.col("finished").dt.strftime("%Y-%m-%d"),
        "行政区划": pl.col("area"),
        "项目地址": pl.lit("山东省荣成市"),
        "行业": pl.col("sector"),
        "是否参加工伤": pl.col("declared"),
    }
    rows = text(projects, **columns)
    wrong = dirt.wrong_rows(rows, [{"项目编码": "暂无"}])
    sheet = Sheet(
        "项目",
        "荣成市在建工程项目一览表",
        pl.concat([rows, wrong]),
        groups=[("", 1), ("", 1), ("总承包单位", 2), *([("", 1)] * 9)],
        notes=["注：合同造价以万元计。"],
    )
    return Delivery("housing/project", "工程项目_202610_合成.xlsx", "2026-10", len(wrong), None, sheets=[sheet])


def _site_worker(world: World) -> Delivery:
    chance = world.chance
    workers = world.who(world.city.workers).sort("code", "pid")
    columns = {
        "项目编码": pl.col("code"),
        "姓名": dirt.name(chance, "pid"),
        "身份证号": dirt.resident_id(chance, "pid"),
        "班组": pl.lit("一组"),
        "工种": chance.pick(TRADES_ON_SITE, "trade"),
        "分包单位": pl.lit("示例劳务（合成）"),
        "进场日期": dirt.day(pl.col("entered"), chance, "entered", "pid"),
        "退场日期": pl.coalesce(pl.col("left").dt.strftime("%Y-%m-%d"), dirt.nothing(chance, "left", "pid")),
        "考勤天数\n(月)": pl.format("{}", 10 + chance.below(16, "days")),
    }
    rows = text(workers, **columns)
    wrong = dirt.wrong_rows(
        rows, [{"身份证号": dirt.NUMERIC + "371082198503120000"}, {"进场日期": "2026-05-06", "退场日期": "2026-04-06"}]
    )
    wrong = pl.concat([wrong, dirt.doubles(rows)])
    sheet = Sheet("实名制工人", "荣成市建筑工人实名制名册", pl.concat([rows, wrong]))
    return Delivery("housing/site_worker", "实名制工人_202610_合成.xlsx", "2026-10", len(wrong), None, sheets=[sheet])


def _fund_employer(world: World) -> Delivery:
    """Three in ten have their old organization code beside the new one."""
    chance = world.chance
    sizes = world.city.fund.group_by("eid", maintain_order=True).agg(pl.len().alias("count"))
    firms = sizes.join(world.firms, on="eid", how="left", maintain_order="left").sort("eid")
    inner = pl.col("uscc").str.slice(8, 9)
    organization = pl.concat_str(inner.str.slice(0, 8), pl.lit("-"), inner.str.slice(8))
    columns = {
        "单位名称": pl.col("name"),
        "公积金单位帐号": pl.col("fund_account"),
        "统一社会信用代码": pl.col("uscc"),
        "组织机构代码": pl.when(chance.happens(0.3, "organization", "eid")).then(organization),
        "单位缴存人数": pl.col("count"),
        "账户状态": chance.pick(("01", "正常", "1"), "fund state", "eid"),
        "开户日期": pl.lit("2019-01-01"),
        "机构号": pl.lit("01"),
    }
    rows = text(firms, **columns)
    wrong = dirt.wrong_rows(rows, [{"统一社会信用代码": "无", "组织机构代码": ""}, {"公积金单位帐号": ""}])
    return Delivery(
        "housing/provident_fund_employer", "公积金单位_202610_合成.csv", "2026-10", len(wrong), "gb18030",
        lambda: [rows, wrong],
    )  # fmt: skip


def _fund_person(world: World) -> Delivery:
    chance = world.chance
    persons = world.firm(world.who(world.city.fund)).sort("eid", "pid")
    columns = {
        "个人账号": pl.format("37108250{}", pl.col("pid").cast(pl.String).str.zfill(8)),
        "姓名": dirt.name(chance, "pid"),
        "证件号码": dirt.resident_id(chance, "pid"),
        "单位账号": pl.col("fund_account"),
        "缴存基数": dirt.money(pl.col("base"), chance, "fund", "pid"),
        "单位比例": pl.lit("12%"),
        "个人比例": pl.lit("12%"),
        "缴至年月": yyyymm(pl.col("paid_until")),
        "账户状态": chance.pick(("01", "正常", "01正常"), "fund person", "pid"),
    }
    rows = text(persons, **columns)
    wrong = dirt.wrong_rows(rows, [{"证件号码": dirt.NOBODY[2]}, {"单位账号": ""}, {"账户状态": "99"}])
    return Delivery(
        "housing/provident_fund_person", "公积金个人_202610_合成.csv", "2026-10", len(wrong), "gb18030",
        lambda: [rows, wrong],
    )  # fmt: skip
