"""Lists of residents by those who look after them: schools, courts, towns, the city's platform, and others. No I/O."""

from datetime import date

import polars as pl

from hub.demo import dirt
from hub.demo.delivery import Delivery, World, text
from hub.demo.listing import BAD_ID, area, listed, listed_in_parts, people, rolled, some, written
from hub.demo.months import LAST, day_in, month_of, yyyymm
from hub.demo.names import address

_AGE = (LAST - month_of(pl.col("birth"))) // 12
_POOR = ("child", "resident", "elder")


def deliveries(world: World) -> list[Delivery]:
    return [
        _residence(world),
        _relay(world),
        _student(world),
        _sentence(world),
        _disability(world),
        _poverty_relief(world),
        _expropriation(world),
        _premium_subsidy(world),
        _survey(world),
    ]


def _residence(world: World) -> Delivery:
    """Those who are registered in another place and live here; registered long ago for a case, it has run out."""
    chance = world.chance
    drawn = people(world, (pl.col("origin") == "elsewhere") & (_AGE >= 16))
    newcomers = rolled(world, "public_security/residence", drawn)
    early = day_in(LAST - 1 - chance.below(50, "moved here"), 1 + chance.below(28, "moved here day"))
    begun = pl.coalesce("since", early)
    columns = {
        "居住登记日期": dirt.day(begun, chance, "moved here", "pid"),
        "有效期至": pl.when(pl.col("since") < date(2023, 1, 1))
        .then(pl.lit("2024-12-31"))
        .otherwise(pl.lit("2027-12-31")),
        "居住证号": pl.format("合成{}", pl.col("pid")),
        "现居住地行政区划": pl.concat_str("area", pl.lit("201")),
        "现居住地址": address(chance),
    }
    return listed(
        "public_security/residence", "居住登记", written(newcomers, world, columns).drop("序号"), [BAD_ID], twice=True
    )


def _relay(world: World) -> Delivery:
    """Everyone who lives here or did, as the platform has merged them, a part at a time."""
    chance = world.chance
    everyone = world.city.persons.filter(pl.col("registered") & pl.col("status").is_in(["normal", "moved_out"]))

    def page(piece: pl.DataFrame) -> pl.DataFrame:
        columns = {
            "居住地": address(chance, "household"),
            "登记日期": pl.max_horizontal("birth", pl.date(2020, 7, 1)).dt.strftime("%Y-%m-%d"),
            "离开日期": pl.when(pl.col("status") == "moved_out").then(pl.col("status_on").dt.strftime("%Y-%m-%d")),
            "数据来源": pl.lit("合成"),
        }
        return written(world.who(piece), world, columns).drop("序号")

    wrong = [BAD_ID, {"身份证号": dirt.NOBODY[2]}, {"登记日期": "不详"}]
    return listed_in_parts("big_data_center/relay", "常住人口汇聚", everyone, page, wrong)


def _student(world: World) -> Delivery:
    chance = world.chance
    state = {"in_school": ("在读", "在校", "注册学籍"), "graduated": ("毕业",) * 3, "left": ("退学",) * 3}
    said = pl.coalesce(
        pl.when(pl.col("state") == one).then(chance.pick(words, "at school")) for one, words in state.items()
    )
    columns = {
        "学校": chance.pick(("示例大学", "示例职业学院", "荣成市示例中学"), "school"),
        "入学年月": dirt.month(yyyymm(pl.col("first")), chance, "enrolled", "pid"),
        "预计毕业年月": dirt.month(yyyymm(pl.col("last")), chance, "graduates", "pid"),
        "学籍状态": said,
    }
    rows = written(world.who(world.city.students), world, columns)
    wrong = [BAD_ID, {"学籍状态": "不详"}, {"入学年月": "202609", "预计毕业年月": "202206"}]
    return listed("education/student", "在校学生", rows, wrong, twice=True)


def _sentence(world: World) -> Delivery:
    chance = world.chance
    columns = {
        "类别": pl.col("kind").replace_strict({"imprisoned": "服刑", "community": "社区矫正"}),
        "起始日期": dirt.day(pl.col("on"), chance, "sentence", "pid"),
        "截止日期": dirt.day(pl.col("until"), chance, "released", "pid"),
        "司法所": pl.lit("示例司法所"),
    }
    wrong = [{"类别": "其他"}, {"起始日期": "2026-05-06", "截止日期": "2026-04-06"}]
    rows = written(world.who(world.city.sentences), world, columns)
    return listed("justice/sentence", "服刑和社区矫正人员", rows, wrong)


def _disability(world: World) -> Delivery:
    """The certificate's number is the resident ID, the kind and the grade; some rows have it alone."""
    chance = world.chance
    kind = 1 + chance.below(7, "disabled kind")
    level = pl.col("level")
    issued = day_in(2012 * 12 + chance.below(160, "certified"), 1 + chance.below(28, "certified day"))
    columns = {
        "残疾人证号": pl.concat_str("resident_id", kind.cast(pl.String), level.cast(pl.String)),
        "姓名": dirt.name(chance, "pid"),
        "身份证号": pl.when(chance.happens(0.8, "told twice")).then("resident_id"),
        "残疾等级": chance.pick(("{}", "{}级"), "grade").str.replace("{}", level.cast(pl.String), literal=True),
        "发证日期": dirt.day(issued, chance, "certified", "pid"),
        "有效期至": pl.when(chance.happens(0.5, "for ever")).then(pl.lit("长期")).otherwise(pl.lit("2030-12-31")),
        "证件状态": pl.lit("正常"),
        "户籍区划": area(),
    }
    rows = text(people(world).join(world.city.disabled, on="pid", how="inner", maintain_order="left"), **columns)
    wrong = [{"残疾等级": "未评定"}, {"残疾人证号": "37108219850312002844", "身份证号": ""}]
    return listed("disabled_persons_federation/certificate", "残疾人证", rows, wrong)


def _poverty_relief(world: World) -> Delivery:
    chance = world.chance
    lifted = pl.col("pid").is_in(world.city.lifted["pid"].implode())
    at_risk = some(world, people(world, pl.col("role").is_in(_POOR) & ~lifted), 0.003, "at risk")
    poor = pl.concat([people(world, lifted), at_risk])
    columns = {
        "户编号": pl.format("371082{}", pl.col("household").cast(pl.String).str.zfill(9)),
        "人员类别": pl.when(lifted).then(pl.lit("脱贫户")).otherwise(pl.lit("边缘易致贫户")),
        "识别年月": dirt.month(pl.lit("201612"), chance, "lifted", "pid"),
        "乡镇": area(),
        "状态": pl.lit("正常"),
    }
    wrong = [BAD_ID, {"人员类别": "待核实"}]
    return listed("agriculture/poverty_relief", "脱贫和监测人口", written(poor, world, columns), wrong)


def _expropriation(world: World) -> Delivery:
    chance = world.chance
    drawn = some(world, people(world, pl.col("role").is_in(["resident", "elder"])), 0.01, "land")
    farmers = rolled(world, "natural_resources/land_expropriation", drawn)
    at = pl.int_range(pl.len()) // 40  # forty people a village and approval
    columns = {
        "征地项目": pl.format("示例征地项目{}", at + 1),
        "批准文号": pl.format("鲁政土字〔2025〕{}号", at + 101),
        "批准日期": pl.lit("2025-03-01"),
        "安置方案日期": dirt.day(pl.coalesce("since", pl.date(2025, 6, 1)), chance, "land", "pid"),
        "补贴年限": pl.lit("15"),
        "补贴金额": dirt.money(24000.0 + 100 * chance.below(90, "land").cast(pl.Float64), chance, "land", "pid"),
        "乡镇": area(),
        "村组": area() + pl.lit("第一村"),
    }
    wrong = [BAD_ID, {"批准文号": "暂无"}, {"补贴金额": "待定"}]
    return listed("natural_resources/land_expropriation", "被征地农民", written(farmers, world, columns), wrong)


def _premium_subsidy(world: World) -> Delivery:
    """Residents' pension: the lowest band, once for whoever is in hardship and contributes. Medical: the poorest."""
    chance, city = world.chance, world.city
    causes = (
        (city.low_income, "低保对象"), (city.destitute, "特困人员"), (city.lifted, "脱贫人口"),
        (city.disabled.filter(pl.col("level") <= 2), "重度残疾"),
    )  # fmt: skip
    kinds = [persons.select("pid", pl.lit(kind).alias("kind")) for persons, kind in causes]
    poor = pl.concat(kinds[:2]).unique("pid", keep="first", maintain_order=True)
    helped = pl.concat(kinds).unique("pid", keep="first", maintain_order=True)
    behalf = city.residents.filter(pl.col("on_behalf") & (pl.col("state") == "active"))
    medical = world.enrolled.filter((pl.col("insurance") == "390") & (pl.col("state") == "active")).select("pid")
    paid = pl.concat([
        whom.join(of, on="pid", how="semi", maintain_order="left").with_columns(
            pl.lit(code).alias("code"), pl.lit(yuan).alias("yuan"), pl.lit(place).alias("insurance")
        )
        for place, whom, of, code, yuan in ((1, helped, behalf, "150", 100.0), (2, poor, medical, "340", 400.0))
    ])  # fmt: skip
    keys = ("pid", "insurance")
    columns = {
        "险种": pl.col("code"),
        "代缴年度": pl.lit("2026"),
        "代缴身份": pl.col("kind"),
        "代缴金额": dirt.money(pl.col("yuan"), chance, "subsidy", *keys),
        "拨付日期": dirt.day(pl.lit(date(2026, 3, 20)), chance, "subsidy", *keys),
    }
    wrong = [BAD_ID, {"险种": "999"}, {"代缴身份": "其他"}]
    return listed("finance/premium_subsidy", "困难群体代缴保费", written(world.who(paid), world, columns), wrong)


def _survey(world: World) -> Delivery:
    """Everyone who is insured nowhere is visited, a few of the others, and whom cases say; the answers are true."""
    chance = world.chance
    insured = pl.concat([world.enrolled.select("pid"), world.city.residents.select("pid")])["pid"]
    away = world.city.elsewhere["pid"]
    grown = people(world, _AGE.is_between(16, 75))
    named = world.city.visits.join(world.city.persons, on="pid", how="left", maintain_order="left")
    usual = grown.filter(
        (pl.col("role") == "none") & ~pl.col("pid").is_in(world.city.sentences["pid"].implode())
        | pl.col("pid").is_in(some(world, grown, 0.02, "visited")["pid"].implode())
    ).filter(~pl.col("pid").is_in(named["pid"].implode()))
    asked = pl.concat([world.who(named), usual], how="diagonal").with_columns(
        pl.col("pid").is_in(insured.implode()).alias("here"),
        pl.col("pid").is_in(away.implode()).alias("there"),
        pl.col("pid").is_in(world.city.students["pid"].implode()).alias("studies"),
    )
    work = pl.col("role").replace_strict(
        {"employee": "已就业", "organ": "已就业", "flexible": "灵活就业", "resident": "务农", "none": "未就业"},
        default="退休",
    )
    nowhere = ~pl.col("here") & ~pl.col("there")
    columns = {
        "证件类型": pl.lit("居民身份证"),
        "调查日期": dirt.day(
            pl.coalesce("on", pl.lit(date(2026, 10, 9)) + pl.duration(days=chance.below(20, "visit"))),
            chance,
            "visit",
            "pid",
        ),
        "居住情况": pl.coalesce("residence", pl.when("there").then(pl.lit("外出务工")).otherwise(pl.lit("在本地"))),
        "就业情况": pl.when("studies").then(pl.lit("在校")).when("there").then(pl.lit("已就业")).otherwise(work),
        "参保情况": pl.when("here")
        .then(pl.lit("已参保"))
        .when("there")
        .then(pl.lit("县外参保"))
        .otherwise(pl.lit("未参保")),
        "未参保原因": pl.when(nowhere & pl.col("studies"))
        .then(pl.lit("203"))
        .when(nowhere)
        .then(chance.pick(("拒参", "2,011", "无法联系", "其他"), "reason")),
        "镇街": area(),
        "行政区划": pl.concat_str("area", pl.lit("201")),
    }
    wrong = [{"身份证号": dirt.NUMERIC + "371082198503120000"}, {"未参保原因": "没有钱"}, {"参保情况": "不一定"}]
    return listed("town/household_survey", "入户调查", written(asked, world, columns), wrong)
