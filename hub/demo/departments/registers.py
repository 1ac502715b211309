"""Lists of employers: what each bureau licenses, supervises, promotes, counts or warns of. One row of `REGISTERS` each.

No I/O.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import polars as pl

from hub.demo import dirt
from hub.demo.chance import Chance
from hub.demo.delivery import Delivery, World, text
from hub.demo.listing import BAD_CODE, OPERATING, firms, listed, listed_employers, serial, some
from hub.demo.months import LAST

Columns = dict[str, pl.Expr]
_OUTLET = ("网点名称", ("第一网点", "第二网点"))
_PARKS = ("荣成经济开发区", "石岛合作园区", "好运角园区")


@dataclass(frozen=True, slots=True)
class Register:
    """`share` of those employers whose industry begins so, or of those `among`; `since`: header of the first day."""

    delivery: str
    title: str
    since: str
    industries: tuple[str, ...] = ()
    share: float = 1.0
    label: tuple[str, tuple[str, ...]] | None = None
    count: str | None = "从业人数"
    more: Callable[[Chance], Columns] = lambda _: {}
    among: pl.Expr = pl.col("kind") == "enterprise"


def _licensed(chance: Chance) -> Columns:
    until = chance.pick(("2027-12-31", "2029-12-31", "2030年6月30日", "长期"), "licensed until", "eid")
    return {"许可有效期至": until, "状态": pl.lit("正常")}


def _year(chance: Chance) -> Columns:
    return {"年度": chance.pick(("2025", "2025年", "2025年度"), "year", "eid")}


REGISTERS = (
    Register("agriculture/leading_enterprise", "农业龙头企业", "认定日期", ("04", "1362"), 0.4,
             ("园区", ("现代农业园区", "", ""))),
    Register("commerce/park_enterprise", "园区企业", "入园日期", (), 0.06, ("园区名称", _PARKS)),
    Register("commerce/platform", "平台企业", "备案日期", ("65", "51"), 0.1,
             ("平台名称", ("示例优选", "示例到家", ""))),
    Register("commerce/supervised_units", "商贸流通企业", "备案日期", ("51", "62"), 0.4, more=_licensed),
    Register("culture_tourism/supervised_units", "文旅企业", "许可日期", ("61",), 0.8, more=_licensed),
    Register("culture_tourism/tourism_park", "旅游园区企业", "入园日期", ("61", "62"), 0.2,
             ("园区名称", ("滨海旅游园区", "好运角旅游度假区"))),
    Register("development_reform/service_cluster", "服务业集聚区企业", "入库日期", ("51", "65", "70"), 0.2,
             ("集聚区名称", ("崖头商贸集聚区", "石岛物流集聚区"))),
    Register("education/supervised_units", "学校和培训机构", "办学许可日期", ("83",), more=_licensed,
             among=pl.col("kind") == "social_organization"),
    Register("health/supervised_units", "医疗卫生机构", "执业登记日期", ("85",), 0.5, more=_licensed,
             among=pl.col("kind") == "social_organization"),
    Register("transport/supervised_units", "道路运输企业", "经营许可日期", ("54",), more=_licensed),
    Register("establishment_office/public_institution", "机关事业单位", "成立日期", count=None,
             among=pl.col("kind") == "public_institution",
             more=lambda _: {"实有人数": pl.col("count") - pl.col("hired"), "聘用人员数": pl.col("hired")}),
    Register("financial_office/institution", "金融机构", "批准设立日期", ("51",), 0.02),
    Register("health/dust_hazard", "粉尘危害单位", "申报日期", ("06", "30", "34", "37"), 0.5,
             more=lambda _: {"接尘人数": pl.col("count") // 3}),
    Register("industry/above_scale", "规上专精特新企业", "", ("13", "30", "34", "37"), 0.3,
             more=lambda chance: _year(chance) | {"类别": chance.pick(("规上工业", "专精特新"), "scale", "eid")}),
    Register("industry/preferential_policy", "惠企政策企业", "", (), 0.08,
             ("政策名称", ("技改补助", "稳岗扩岗", "首台套奖补")),
             more=lambda chance: _year(chance) | {"资金（万元）": pl.format("{}.5", chance.below(90, "aid", "eid"))}),
    Register("marine/fishing_enterprise", "渔业企业", "捕捞许可日期", ("04",), more=_licensed),
    Register("nuclear_project/unit", "核电项目单位", "进场日期", ("47", "50", "34"), 0.2,
             ("标段", ("一标段", "二标段"))),
    Register("state_assets/state_owned_enterprise", "国有企业", "纳入日期", ("70", "54", "61"), 0.1),
    Register("credit_center/untrustworthy", "严重失信企业", "列入日期", (), 0.01,
             ("列入事由", ("拖欠农民工工资", "虚假登记")), None),
    Register("transport/express_outlet", "快递网点", "备案日期", ("6020",), label=_OUTLET),
    Register("postal/express_outlet", "快递末端网点", "许可日期", ("6020",), label=_OUTLET),
)  # fmt: skip


def deliveries(world: World) -> list[Delivery]:
    return [
        *(_listed(world, register) for register in REGISTERS),
        _key_project(world),
        _audit(world),
        _canvass(world),
    ]


def chosen(world: World, delivery: str) -> pl.DataFrame:
    """The employers on a list; where too few are of its industries, others of the kind."""
    register = next(one for one in REGISTERS if one.delivery == delivery)
    among = firms(world, OPERATING & register.among & (pl.col("eid") >= world.planted["eid"]))
    fits = among.filter(pl.any_horizontal(pl.col("industry").str.starts_with(code) for code in register.industries)) \
        if register.industries else among  # fmt: skip
    drawn = some(world, fits if len(fits) >= 3 else among, register.share, delivery, "eid")
    return pl.concat([listed_employers(world, delivery), drawn])


def _listed(world: World, register: Register) -> Delivery:
    chance, name = world.chance, register.delivery
    said = pl.col("registered_on") + pl.duration(days=chance.below(900, f"since {name}", "eid"))
    since = pl.min_horizontal(said, pl.date(2026, 10, 30))
    columns = {"序号": serial(), "统一社会信用代码": pl.col("uscc"), _naming(name): pl.col("name")}
    if register.since:
        columns[register.since] = dirt.day(since, chance, name, "eid")
    if register.label:
        columns[register.label[0]] = chance.pick(register.label[1], f"label {name}", "eid")
    if register.count:
        columns[register.count] = pl.col("count")
    if name not in {"credit_center/untrustworthy", "establishment_office/public_institution"}:
        columns["地址"] = pl.col("address")
    rows = text(chosen(world, name), **columns, **register.more(chance))
    wrong = [BAD_CODE, {register.since or "年度": "不详"}]
    return listed(name, register.title, rows, wrong)


def _naming(delivery: str) -> str:
    return "企业名称" if delivery.endswith("express_outlet") else "单位名称"


def _key_project(world: World) -> Delivery:
    projects = world.firm(world.city.projects)
    columns = {
        "序号": serial(),
        "项目名称": pl.col("name"),
        "项目代码": pl.col("code"),
        "项目单位": pl.col("firm"),
        "统一社会信用代码": pl.col("uscc"),
        "总投资（万元）": pl.format("{}", pl.col("cost") // 10_000 * 3),
        "开工日期": pl.col("starts").dt.strftime("%Y-%m-%d"),
        "竣工日期": pl.col("finished").dt.strftime("%Y-%m-%d"),
    }
    rows = text(projects, **columns)
    return listed("development_reform/key_project", "重大投资项目", rows, [BAD_CODE, {"总投资（万元）": "待定"}])


def _audit(world: World) -> Delivery:
    """What auditors counted is what is enrolled, and at times two more who are not."""
    chance = world.chance
    enrolled = world.enrolled.filter(
        (pl.col("insurance") == "110") & (pl.col("first") <= LAST) & (pl.col("last") >= LAST) & (pl.col("eid") >= 0)
    )
    insured = enrolled.group_by("eid", maintain_order=True).agg(
        pl.len().alias("insured"), pl.col("base_2025").clip(0).sum().alias("base")
    )
    audited = firms(world).join(insured, on="eid", how="inner", maintain_order="left")
    columns = {
        "序号": serial(),
        "统一社会信用代码": pl.col("uscc"),
        "单位名称": pl.col("name"),
        "审计年度": pl.lit("2025"),
        "审计报告文号": pl.format("荣审社字〔2026〕第{}号", serial()),
        "审计用工人数": pl.col("insured") + pl.when(chance.happens(0.2, "audit", "eid")).then(2).otherwise(0),
        "审计参保人数": pl.col("insured"),
        "审计缴费基数总额": dirt.cents(pl.col("base") * 12),
    }
    rows = text(some(world, audited, 0.05, "audited", "eid"), **columns)
    return listed("auditing_firm/employer_audit", "第三方审计结果", rows, [BAD_CODE, {"审计年度": "近三年"}])


def _canvass(world: World) -> Delivery:
    """Shops that have only their old registration number are found by it."""
    chance = world.chance
    open_ = firms(world, pl.col("status") == "operating").filter(pl.col("kind") != "public_institution")
    seen = pl.lit(date(2026, 10, 8)) + pl.duration(days=chance.below(20, "canvassed", "eid"))
    columns = {
        "序号": serial(),
        "单位名称": pl.col("name"),
        "统一社会信用代码": pl.when("nameless").then(pl.lit("无")).otherwise("uscc"),
        "注册号": pl.when("nameless").then("registration"),
        "网格": pl.format("{}第{}网格", pl.lit("社区"), 1 + chance.below(9, "grid", "eid")),
        "摸排日期": dirt.day(seen, chance, "canvassed", "eid"),
        "用工人数": pl.col("count"),
        "参保人数": pl.col("staff").fill_null(0),
        "地址": pl.col("address"),
    }
    rows = text(some(world, open_, 0.1, "canvass", "eid"), **columns)
    return listed("community/grid_employers", "网格摸排单位", rows, [BAD_CODE, {"用工人数": "十余人"}])
