"""人力资源和社会保障局 beyond the insurances: cards, who works where, whom it placed, cases, who is insured elsewhere.

No I/O.
"""

from collections.abc import Iterator

import polars as pl

from hub.demo import dirt
from hub.demo.delivery import Delivery, World, text
from hub.demo.listing import (
    BAD_CODE,
    BAD_ID,
    OPERATING,
    firms,
    listed,
    listed_in_parts,
    owned_alone,
    people,
    rolled,
    serial,
    some,
    workers,
    written,
)
from hub.demo.months import FIRST, LAST, YEAR, day_in, month_of, yyyymm

_AGE = (LAST - month_of(pl.col("birth"))) // 12


def deliveries(world: World) -> list[Delivery]:
    return [
        _insured_elsewhere(world),
        _social_card(world),
        _registered(world),
        _recruited(world),
        _founders(world),
        _talents(world),
        _graduates(world),
        *_cases(world),
    ]


def _insured_elsewhere(world: World) -> Delivery:
    chance = world.chance
    spells = world.who(world.city.elsewhere).with_columns(pl.col("insurance").cast(pl.Int64).alias("code"))
    columns = {
        "社会保障号码": dirt.resident_id(chance, "pid", "code"),
        "姓名": pl.col("name"),
        "险种类型": pl.col("insurance"),
        "参保开始年月": yyyymm(pl.col("first")),
        "参保终止年月": dirt.nothing(chance, "elsewhere", "pid"),
        "参保状态": chance.pick(("1", "正常参保"), "elsewhere", "pid", "code"),
        "参保地行政区划": pl.col("region"),
    }
    wrong = [{"险种类型": "999"}, {"参保状态": "8"}]
    return listed("human_resources/insured_elsewhere", "异地参保", text(spells, **columns), wrong)


def _social_card(world: World) -> Delivery:
    """Of the living whoever is insured, and most of the others. The old card system's columns have short names."""
    chance = world.chance
    insured = pl.concat([world.enrolled.select("pid"), world.city.residents.select("pid")])["pid"]
    told = world.city.persons.select("pid", "status").join(
        world.city.cards.with_columns(pl.lit(True).alias("told")), on="pid", how="left", maintain_order="left"
    )
    usual = (pl.col("status") != "dead") & (pl.col("pid").is_in(insured.implode()) | chance.happens(0.94, "card"))
    holders = told.filter(pl.when("told").then(pl.col("state").is_not_null()).otherwise(usual))
    lost = pl.when(chance.happens(0.02, "card lost")).then(pl.lit("挂失")).otherwise(pl.lit("正常"))

    def page(piece: pl.DataFrame) -> pl.DataFrame:
        issued = day_in(2012 * 12 + chance.below(165, "card"), 1 + chance.below(28, "card day"))
        columns = {
            "证件号码": dirt.resident_id(chance, "pid"),
            "姓名": dirt.name(chance, "pid"),
            "卡号": pl.format("合成{}", pl.col("pid").cast(pl.String).str.zfill(7)),
            "卡状态": pl.coalesce("state", lost),
            "发卡日期": issued.dt.strftime("%Y%m%d"),
        }
        return text(world.who(piece), **columns)

    wrong = [{"证件号码": number} for number in dirt.NOBODY[:4]] + [{"卡状态": "不详"}]
    return listed_in_parts("human_resources/social_card", "社会保障卡持卡人", holders, page, wrong)


def _registered(world: World) -> Delivery:
    chance = world.chance
    drawn = workers(world).filter(chance.happens(0.9, "registered job", "pid", "eid"))
    jobs = rolled(world, "human_resources/employment_registration", drawn)
    columns = {
        "统一社会信用代码": pl.col("uscc"),
        "单位名称": pl.col("firm"),
        "就业类型": pl.coalesce("said", chance.pick(("单位就业", "劳动合同"), "job kind", "pid", "eid")),
        "就业日期": dirt.day(pl.col("since"), chance, "registered job", "pid", "eid"),
        "合同终止日期": pl.when(chance.happens(0.3, "contract", "pid")).then(pl.lit("2028-12-31")),
        "状态": pl.lit("在岗"),
    }

    def page(piece: pl.DataFrame) -> pl.DataFrame:
        return written(piece, world, columns).drop("序号")

    wrong = [BAD_ID, BAD_CODE, {"就业类型": "其他"}]
    return listed_in_parts("human_resources/employment_registration", "就业登记", jobs, page, wrong)


def _recruited(world: World) -> Delivery:
    chance = world.chance
    hired = workers(world).filter(pl.col("first") >= YEAR)
    columns = {
        "统一社会信用代码": pl.col("uscc"),
        "单位名称": pl.col("firm"),
        "录用结果": pl.lit("录用"),
        "录用日期": dirt.day(pl.col("since"), chance, "recruited", "pid", "eid"),
        "招聘会名称": pl.lit("示例招聘会（合成）"),
    }
    taken = rolled(world, "human_resources/recruitment", some(world, hired, 0.4, "recruited"))
    rows = written(taken, world, columns).drop("序号")
    return listed("human_resources/recruitment", "用工招聘登记", rows, [BAD_ID, {"录用结果": "待定"}])


def _founders(world: World) -> Delivery:
    """Owners of businesses without employees."""
    chance = world.chance
    drawn = some(world, owned_alone(world), 0.05, "founder", "eid")
    owned = rolled(world, "human_resources/startup_subsidy", drawn)
    paid = pl.coalesce("since", day_in(YEAR + chance.below(9, "founded"), 12))
    columns = {
        "统一社会信用代码": pl.col("uscc"),
        "单位名称": pl.col("firm"),
        "发放日期": dirt.day(paid, chance, "founded", "pid"),
        "补贴金额": dirt.money(10_000.0 + 500 * chance.below(40, "aid").cast(pl.Float64), chance, "aid", "pid"),
    }
    rows = written(owned, world, columns).drop("序号")
    return listed("human_resources/startup_subsidy", "创业补贴", rows, [BAD_CODE, {"补贴金额": "待定"}])


def _talents(world: World) -> Delivery:
    chance = world.chance
    best = workers(world).filter(pl.col("wage") > 11_000)
    columns = {
        "统一社会信用代码": pl.col("uscc"),
        "单位名称": pl.col("firm"),
        "人才类别": chance.pick(("青年人才", "高层次人才"), "talent"),
        "享受起始年月": yyyymm(pl.max_horizontal(month_of(pl.col("since")), FIRST)),
        "享受终止年月": dirt.open_end(pl.lit(None, dtype=pl.String), chance, "talent", "pid"),
        "补贴金额": dirt.money(500.0 + 500 * chance.below(5, "talent").cast(pl.Float64), chance, "talent", "pid"),
    }
    under = rolled(world, "human_resources/talent_policy", some(world, best, 0.1, "talent"))
    rows = written(under, world, columns).drop("序号")
    return listed("human_resources/talent_policy", "人才政策享受人员", rows, [BAD_ID, {"补贴金额": "面议"}])


def _graduates(world: World) -> Delivery:
    """Young residents who are not at school."""
    chance = world.chance
    idle = people(world, (pl.col("role") == "resident") & _AGE.is_between(21, 26)).filter(
        ~pl.col("pid").is_in(world.city.students["pid"].implode())
    )
    columns = {
        "毕业院校": chance.pick(("示例大学", "示例职业学院"), "graduated from"),
        "毕业时间": pl.coalesce(
            yyyymm(month_of(pl.col("since"))), chance.pick(("202606", "2026-06", "2025年6月"), "graduated")
        ),
        "就业日期": dirt.nothing(chance, "graduate", "pid"),
        "就业状态": chance.pick(("未就业", "求职中", "见习"), "graduate"),
    }
    known = rolled(world, "human_resources/unemployed_graduates", some(world, idle, 0.5, "graduate"))
    rows = written(known, world, columns).drop("序号")
    return listed("human_resources/unemployed_graduates", "离校未就业毕业生", rows, [BAD_ID, {"就业状态": "不详"}])


def _cases(world: World) -> Iterator[Delivery]:
    """Disputes and injuries of employees, inspections of employers; some are not closed, some known by account only."""
    chance = world.chance
    staff = workers(world).filter(pl.col("first") < YEAR)
    places = firms(world, OPERATING & (pl.col("kind") != "public_institution")).rename({"name": "firm"})
    for name, title, form, closed, result, words, of in (
        ("arbitration", "劳动争议仲裁", ("案号", "荣劳人仲案字〔2026〕第{}号"), "结案日期", "结案方式",
         ("调解", "部分支持", "驳回", "审理中"), staff),
        ("injury_recognition", "工伤认定", ("认定编号", "GSRD2026{}"), "认定日期", "认定结论",
         ("认定工伤", "视同工伤", "不予认定", "在办"), staff),
        ("labor_inspection", "劳动保障监察案件", ("案件编号", "RLJC2026-{}"), "结案日期", "处理结果",
         ("责令改正", "行政处理", "未发现违法行为", "在办"), places),
    ):  # fmt: skip
        key = "pid" if of is staff else "eid"
        begun = day_in(YEAR + chance.below(8, name, key), 1 + chance.below(28, f"{name} day", key))
        drawn = some(world, of.filter(pl.col("account").is_not_null()), 0.02, name, key)
        cases = rolled(world, f"human_resources/{name}", drawn)
        said = pl.coalesce("said", chance.pick(words, f"{name} result", key))
        coded = pl.col("said").is_not_null() | chance.happens(0.8, f"{name} code", key)
        opened = "立案日期" if of is places else "受理日期"
        columns = {
            form[0]: pl.format(form[1], serial().cast(pl.String).str.zfill(4)),
            "统一社会信用代码": pl.when(coded).then("uscc").otherwise(pl.lit("无")),
            "单位编号": pl.col("account"),
            "单位名称": pl.col("firm"),
            opened: dirt.day(begun, chance, name, key),
            closed: pl.when(said != words[-1]).then((begun + pl.duration(days=40)).dt.strftime("%Y-%m-%d")),
            result: said,
        }
        rows = text(cases, **columns) if of is places else written(cases, world, columns).drop("序号")
        wrong = [BAD_CODE, {opened: "2026-05-06", closed: "2026-04-06"}]
        yield listed(f"human_resources/{name}", title, rows, wrong)
