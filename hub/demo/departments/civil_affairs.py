"""民政局: households in hardship, the destitute, social organizations, cremations: all XLSX. No I/O."""

import polars as pl

from hub.demo import dirt
from hub.demo.delivery import Delivery, World, text
from hub.demo.files import Sheet
from hub.demo.listing import BAD_ID, area, listed, people, some, written
from hub.demo.names import address

_CAUSES = ("心血管疾病", "呼吸系统疾病", "年老", "其他")


def deliveries(world: World) -> list[Delivery]:
    return [
        _low_income(world),
        _low_income_person(world),
        _hardship(world, "low_income_margin", "低保边缘家庭", "BY"),
        _hardship(world, "rigid_expenditure", "刚性支出困难家庭", "GX"),
        _destitute(world),
        _social_organization(world),
        *_cremation(world),
    ]


def _low_income(world: World) -> Delivery:
    """Up to six pairs a household; the hub counts each pair that is filled."""
    chance = world.chance
    persons = world.who(world.city.low_income).with_columns(dirt.resident_id(chance, "pid").alias("written"))
    households = persons.filter(pl.col("place") == 1).select("certificate", "area", pl.col("pid").alias("head"))
    sizes = persons.group_by("certificate", maintain_order=True).agg(pl.len().alias("size"))
    households = households.join(sizes, on="certificate", how="left", maintain_order="left").sort("certificate")
    for place in range(1, 7):
        member = persons.filter(pl.col("place") == place).select(
            "certificate", pl.col("name").alias(f"name {place}"), pl.col("written").alias(f"id {place}")
        )
        households = households.join(member, on="certificate", how="left", maintain_order="left")
    columns = {
        "低保证号": pl.col("certificate"),
        "乡镇": area(),
        "村": pl.lit("第一村"),
        "户主姓名": pl.col("name 1"),
        "户主证件号": pl.col("id 1"),
    }
    for place in range(1, 6):
        columns[f"成员姓名{place}"] = pl.col(f"name {place + 1}")
        columns[f"证件号{place}"] = pl.col(f"id {place + 1}").fill_null(dirt.nothing(chance, f"id {place}", "head"))
    columns |= {
        "保障类别": pl.lit("全额"),
        "保障人数": pl.col("size"),
        "月保障金额（元）": pl.col("size") * 810,
        "起始年月": dirt.month(pl.lit("202401"), chance, "poor", "head"),
        "终止年月": dirt.open_end(pl.lit(None, dtype=pl.String), chance, "poor", "head"),
        "状态": chance.pick(("正常", "在保", "1"), "poor state", "head"),
    }
    rows = text(households, **columns)
    blank = {f"{kind}{place}": "" for place in range(1, 6) for kind in ("成员姓名", "证件号")}
    wrong = dirt.wrong_rows(
        rows, [{"户主证件号": "", **blank}, {"户主证件号": dirt.NUMERIC + "371082198503120000", **blank}]
    )
    sheet = Sheet(
        "低保对象",
        "荣成市最低生活保障对象花名册 2026年10月",
        pl.concat([rows, wrong]),
        groups=[*([("", 1)] * 3), ("户主", 2), *([("", 1)] * 16)],
        total=["合计", "", "", f"{len(rows)}户"],
        notes=["填表说明：一户一行，户主在前。"],
    )
    return Delivery(
        "civil_affairs/low_income", "低保对象_202610_合成.xlsx", "2026-10", len(wrong), None, sheets=[sheet],
        declared=len(persons) + len(wrong),
    )  # fmt: skip


def _low_income_person(world: World) -> Delivery:
    """The same households as `_low_income`, a row a person, as the newer system has them."""
    chance = world.chance
    persons = world.who(world.city.low_income).sort("certificate", "place")
    columns = {
        "低保证号": pl.col("certificate"),
        "救助类型": chance.pick(("全额", "差额", "农村低保"), "level", "pid"),
        "起始年月": dirt.month(pl.lit("202401"), chance, "poor person", "pid"),
        "终止年月": dirt.open_end(pl.lit(None, dtype=pl.String), chance, "poor person", "pid"),
        "状态": chance.pick(("正常", "在保"), "poor person"),
        "乡镇": area(),
    }
    rows = written(persons, world, columns).drop("序号")
    return listed("civil_affairs/low_income_person", "低保人员", rows, [BAD_ID, {"状态": "待核"}], twice=True)


def _hardship(world: World, name: str, title: str, mark: str) -> Delivery:
    """Households of the base city that are not on the minimum living allowance."""
    chance = world.chance
    others = people(world, pl.col("role").is_in(["child", "resident", "elder"])).filter(
        ~pl.col("pid").is_in(world.city.low_income["pid"].implode())
    )
    columns = {
        "认定证号": pl.format("{}371082{}", pl.lit(mark), pl.col("household").cast(pl.String).str.zfill(8)),
        "起始年月": dirt.month(pl.lit("202507"), chance, name, "pid"),
        "终止年月": pl.lit("202712"),
        "状态": pl.lit("正常"),
        "乡镇": area(),
    }
    rows = written(some(world, others, 0.008, name, "household"), world, columns).drop("序号")
    return listed(f"civil_affairs/{name}", title, rows, [BAD_ID, {"起始年月": "不详"}])


def _destitute(world: World) -> Delivery:
    """Three sheets: in institutions, at home, and how the table was made."""
    chance = world.chance
    people = world.city.persons.select("pid", "sex")
    persons = world.who(world.city.destitute).join(people, on="pid", how="left", maintain_order="left")
    columns = {
        "特困证号": pl.col("certificate"),
        "姓名": dirt.name(chance, "pid"),
        # a disability certificate's number, which begins with the resident ID, stands in some places
        "身份证号": pl.when(chance.happens(0.05, "disability"))
        .then(pl.concat_str("resident_id", pl.lit("44")))
        .otherwise("resident_id"),
        "性别": pl.col("sex").replace_strict({"male": "男", "female": "女"}),
        "供养方式": pl.when(pl.col("pid") % 2 == 0).then(pl.lit("集中")).otherwise(pl.lit("分散")),
        "起始年月": dirt.month(pl.lit("202006"), chance, "destitute", "pid"),
        "终止年月": dirt.open_end(pl.lit(None, dtype=pl.String), chance, "destitute", "pid"),
        "乡镇": area(),
        "村": pl.lit("第二村"),
        "状态": pl.lit("正常"),
    }
    rows = text(persons.sort("certificate"), **columns)
    numbers = [{"身份证号": dirt.NUMERIC + "371082195503120000"}, {"身份证号": dirt.NOBODY[0]}]
    wrong = dirt.wrong_rows(rows, numbers)
    homes = rows.filter(pl.col("供养方式") == "集中")
    alone = pl.concat([rows.filter(pl.col("供养方式") == "分散"), wrong])
    title = "荣成市特困人员名册 2026年10月"
    sheets = [Sheet("集中供养", title, homes), Sheet("分散供养", title, alone)]
    return Delivery("civil_affairs/destitute", "特困人员_202610_合成.xlsx", "2026-10", len(wrong), None, sheets=sheets)


def _social_organization(world: World) -> Delivery:
    chance = world.chance
    owners = world.people.select(pl.col("pid").alias("owner"), pl.col("name").alias("boss"), "resident_id")
    firms = (
        world.firms.filter(pl.col("kind") == "social_organization")
        .join(world.staff, on="eid", how="left", maintain_order="left")
        .join(owners, on="owner", how="left", maintain_order="left")
    )
    columns = {
        "统一社会信用代码": pl.col("uscc"),
        "名称": pl.col("name"),
        "类型": pl.col("category").replace_strict({"51": "社会团体", "52": "民办非企业单位", "53": "基金会"}),
        "法定代表人": pl.col("boss"),
        "证件号": pl.col("resident_id"),
        "业务主管单位": pl.lit("荣成市民政局（合成）"),
        # Excel's own day numbers, as cells that were dates come out
        "成立登记日期": pl.format(dirt.NUMERIC + "{}", pl.col("registered_on").to_physical() + 25569),
        "注册资金（万元）": pl.format("{}", 3 + chance.below(50, "funds", "eid")),
        "住所": pl.col("address"),
        "从业人数": pl.coalesce("declared", "staff").fill_null(0),
        "状态": pl.when(pl.col("status") == "operating").then(pl.lit("正常")).otherwise(pl.lit("注销")),
        "注销日期": pl.col("status_on").dt.strftime("%Y-%m-%d"),
    }
    rows = text(firms, **columns)
    wrong = dirt.wrong_rows(rows, [{"成立登记日期": "2018年5月"}, {"统一社会信用代码": "52371082500000015"}])
    sheet = Sheet("社会组织", "荣成市社会组织登记名册", pl.concat([rows, wrong]), total=["合计", f"{len(rows)}家"])
    return Delivery(
        "civil_affairs/social_organization", "社会组织_202610_合成.xlsx", "2026-10", len(wrong), None, sheets=[sheet]
    )


def _cremation(world: World) -> list[Delivery]:
    """Nine deaths in ten; the cause and the family's telephone stand there and must never be taken."""
    chance = world.chance
    died = world.city.events.filter((pl.col("kind") == "dead") & chance.happens(0.9, "cremated")).with_columns(
        pl.min_horizontal(pl.col("on") + pl.duration(days=2), pl.col("on").dt.month_end()).alias("burnt")
    )
    listed = world.city.events.filter(pl.col("kind") == "cremation").with_columns(pl.col("on").alias("burnt"))
    persons = world.city.persons.select("pid", "sex", "area", "birth")
    rows = pl.concat([died, listed]).sort("burnt", "pid").join(persons, on="pid", how="left", maintain_order="left")
    found = []
    for file, period, chosen in (
        ("殡葬火化_202501至202609_合成.xlsx", "2026-09", pl.col("burnt") < pl.date(2026, 10, 1)),
        ("殡葬火化_202610_合成.xlsx", "2026-10", pl.col("burnt") >= pl.date(2026, 10, 1)),
    ):
        page = _cremated(world, rows.filter(chosen))
        wrong = dirt.wrong_rows(
            page, [{"姓名": "无名", "身份证号": ""}, {"死亡日期": "2026-10-31", "火化日期": "2026-01-03"}]
        )
        sheet = Sheet("火化登记", "荣成市殡仪馆火化登记表", pl.concat([page, wrong]), notes=["制表：殡仪馆（合成）"])
        found.append(Delivery("civil_affairs/cremation", file, period, len(wrong), None, sheets=[sheet]))
    return found


def _cremated(world: World, rows: pl.DataFrame) -> pl.DataFrame:
    chance = world.chance
    columns = {
        "序号": pl.int_range(1, pl.len() + 1),
        "姓名": pl.col("name"),
        "性别": pl.col("sex").replace_strict({"male": "男", "female": "女"}),
        "年龄": pl.lit("80"),
        "身份证号": dirt.resident_id(chance, "pid"),
        "住址": address(chance),
        "死亡日期": pl.min_horizontal("on", "burnt").dt.strftime("%Y.%-m.%-d"),
        "火化日期": pl.col("burnt").dt.strftime("%Y.%m.%d"),
        "死亡原因": chance.pick(_CAUSES, "cause"),
        "家属电话": pl.lit("（合成）"),
        "发票号": pl.lit(""),
    }
    return text(world.who(rows), **columns)
