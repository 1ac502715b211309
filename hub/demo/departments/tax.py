"""税务局: who is registered, who was paid how much by whom, what premiums came in, tax refunds. No I/O."""

from collections.abc import Iterator
from functools import partial

import polars as pl

from hub.demo import dirt, work
from hub.demo.delivery import Delivery, World, bundled, text
from hub.demo.files import Sheet
from hub.demo.listing import BAD_CODE, file_name, firms, form_of, listed, listed_employers, some
from hub.demo.months import FIRST, LAST, YEAR, period, yyyymm

_INCOMES = {"wage": "正常工资薪金", "bonus": "全年一次性奖金", "labor_service": "劳务报酬"}
#: Files of consecutive months: a year, half a year, then every month.
SPANS = ((FIRST, YEAR - 1), (YEAR, YEAR + 5), *((month, month) for month in range(YEAR + 6, LAST + 1)))


def deliveries(world: World) -> list[Delivery]:
    return [
        _registration(world),
        *_payroll(world),
        _payroll_total(world),
        *_collection(world),
        _collection_wide(world),
        _tax_refund(world),
    ]


def span_name(first: int, last: int) -> str:
    start, end = period(first).replace("-", ""), period(last).replace("-", "")
    return start if first == last else f"{start}至{end}"


def _registration(world: World) -> Delivery:
    chance = world.chance
    firms = world.firms.filter(~pl.col("nameless"))
    closed = pl.col("status") != "operating"
    rows = text(
        firms.join(world.staff, on="eid", how="left", maintain_order="left"),
        统一社会信用代码=pl.when(chance.happens(0.02, "small uscc", "eid"))
        .then(pl.col("uscc").str.to_lowercase())
        .otherwise("uscc"),
        纳税人识别号="uscc",
        纳税人名称="name",
        登记注册类型=pl.lit("170"),
        行业代码="industry",
        纳税人状态=pl.when(closed)
        .then(pl.lit("注销"))
        .otherwise(chance.pick(("正常", "正常", "正常", "03"), "tax state", "eid")),
        税务登记日期=dirt.day(pl.col("registered_on"), chance, "tax", "eid"),
        注销日期=pl.when(closed).then(dirt.day(pl.col("status_on"), chance, "tax end", "eid")),
        从业人数=pl.coalesce("declared", "staff").fill_null(0),
        主管税务所=pl.lit("荣成市税务局第一税务所"),
        数据更新时间=pl.lit("2026-10-31"),
    )
    wrong = dirt.wrong_rows(rows, [{"统一社会信用代码": "无", "纳税人识别号": "/"}, {"纳税人状态": "未知"}])
    return Delivery(
        "tax/registration", "纳税人登记_202610_合成.csv", "2026-10", len(wrong), "utf-8-sig", lambda: [rows, wrong]
    )


def _payroll(world: World) -> list[Delivery]:
    """Every month once, and a correction of September: twenty wages a hundred yuan higher."""
    wrong = _wrong_payroll(world)
    higher = _corrected(next(work.payroll(world.jobs, world.city.incomes, range(LAST - 1, LAST), world.chance)))
    correction = Delivery(
        "tax/payroll",
        "个税扣缴明细_202609_更正_合成.csv",
        period(LAST - 1),
        form="utf-8",
        parts=lambda: [_payroll_rows(world, higher)],
    )
    return [
        *(
        Delivery(
            "tax/payroll", f"个税扣缴明细_{span_name(first, last)}_合成.csv", period(last), len(wrong), "utf-8",
            partial(_payroll_parts, world, range(first, last + 1), wrong),
        )
        for first, last in SPANS
        ),
        correction,
    ]  # fmt: skip


def _corrected(september: pl.DataFrame) -> pl.DataFrame:
    return september.filter(pl.col("income") == "wage").head(20).with_columns(pl.col("yuan") + 100)


def _wrong_payroll(world: World) -> pl.DataFrame:
    """A few rows that no month may load."""
    some = (
        world.jobs.filter(pl.col("taxed") == "wage")
        .head(200)
        .with_columns(
            pl.lit(FIRST, dtype=pl.Int64).alias("month"), pl.lit("wage").alias("income"), pl.lit(5000.0).alias("yuan")
        )
    )
    return dirt.wrong_rows(
        _payroll_rows(world, some),
        [{"*证件号码": dirt.NOBODY[0]}, {"*证件号码": dirt.NOBODY[2]}, {"所得项目": "其他"}, {"本期收入": "见附件"}],
    )


def _payroll_parts(world: World, months: range, wrong: pl.DataFrame) -> Iterator[pl.DataFrame]:
    for rows in bundled(work.payroll(world.jobs, world.city.incomes, months, world.chance)):
        yield _payroll_rows(world, rows)
    yield wrong.with_columns(pl.lit(period(months[-1]) + "-01").alias("税款所属期起"))


def _payroll_rows(world: World, rows: pl.DataFrame) -> pl.DataFrame:
    chance = world.chance
    day = pl.concat_str(yyyymm(pl.col("month")).str.slice(0, 4), pl.lit("-"), yyyymm(pl.col("month")).str.slice(4))
    columns = {
        "扣缴义务人识别号": pl.col("uscc"),
        "扣缴义务人名称": pl.col("firm"),
        "*姓名": pl.col("name"),
        "*证件类型": pl.lit("居民身份证"),
        "*证件号码": dirt.resident_id(chance, "pid", "month"),
        "税款所属期起": pl.concat_str(day, pl.lit("-01")),
        "所得项目": pl.col("income").replace_strict(_INCOMES),
        "本期收入": dirt.money(pl.col("yuan"), chance, "pay", "pid", "month"),
        "备注": pl.lit(""),
    }
    return text(world.firm(world.who(rows)), **columns)


def _collection(world: World) -> list[Delivery]:
    """What the agency assessed, and of it what arrived; a voucher for each month settled."""
    called = pl.col("eid").is_in(world.city.collected["eid"].implode())
    totals = pl.concat([
        part.filter((pl.col("eid") >= 0) & (pl.col("insurance") == "110"))
        .group_by("eid", "month", "settled", maintain_order=True)
        .agg(
            pl.len().alias("count"),
            pl.col("base").clip(lower_bound=0).sum(),
            pl.col("base").filter(pl.col("arrived") | called).clip(lower_bound=0).sum().alias("arrived"),
        )
        for part in work.contributions(world.enrolled, world.city.paid, range(FIRST, LAST + 1), world.chance)
    ])  # fmt: skip
    totals = totals.sort("settled", "month", "eid")
    older = _collection_rows(world, totals.filter(pl.col("settled") < LAST))
    newest = _collection_rows(world, totals.filter(pl.col("settled") == LAST))
    wrong = dirt.wrong_rows(older, [{"征收项目": "10299"}, {"实缴费额（元）": "详见明细"}])
    sheet = Sheet(
        "征缴明细",
        "荣成市社会保险费征缴明细表 2026年10月",
        newest,
        notes=["注：本表由税务部门提供，金额单位为元。"],
    )
    return [
        Delivery(
            "tax/collection", "社会保险费征缴_202501至202609_合成.csv", "2026-09", len(wrong), "gb18030",
            lambda: [older, wrong],
        ),
        Delivery("tax/collection", "社会保险费征缴_202610_合成.xlsx", "2026-10", 0, None, sheets=[sheet]),
    ]  # fmt: skip


def _collection_rows(world: World, totals: pl.DataFrame) -> pl.DataFrame:
    month, settled = yyyymm(pl.col("month")), yyyymm(pl.col("settled"))
    late = (pl.col("settled") - pl.col("month")).cast(pl.String).str.zfill(2)
    columns = {
        "序列号": pl.int_range(1, pl.len() + 1),
        "纳税人识别号": pl.col("uscc"),
        "企业名称": pl.col("firm"),
        "征收项目": pl.lit("10201企业职工基本养老保险费"),
        "费款所属期起": month,
        "费款所属期止": month,
        "电子税票号": pl.concat_str(pl.lit("3371082"), month, pl.col("eid").cast(pl.String).str.zfill(7), late),
        "缴费人数": pl.col("count"),
        "缴费工资总额\n（元）": dirt.money(pl.col("base"), world.chance, "total", "eid", "month"),
        "应缴费额（元）": dirt.cents(pl.col("base") * 0.24),
        "实缴费额（元）": dirt.cents(pl.col("arrived") * 0.24),
        "入库日期": pl.concat_str(settled, pl.lit("28")),
    }
    return text(world.firm(totals), **columns)


def _payroll_total(world: World) -> Delivery:
    """The wages of this year by employer, a part a month: sums of what `_payroll` says, corrections and all."""
    name = "tax/payroll_total"
    wage, service = pl.col("income") == "wage", pl.col("income") == "labor_service"

    def rows(declared: pl.DataFrame) -> pl.DataFrame:
        sums = declared.group_by("eid", "month", maintain_order=True).agg(
            pl.col("pid").n_unique().alias("persons"),
            pl.col("pid").filter(wage).n_unique().alias("employees"),
            pl.col("pid").filter(service).n_unique().alias("helpers"),
            (pl.col("yuan").filter(wage) * 100).round().cast(pl.Int64).sum().alias("fen"),
        )
        columns = {
            "统一社会信用代码": pl.col("uscc"),
            "名称": pl.col("firm"),
            "税款所属期": dirt.month(yyyymm(pl.col("month")), world.chance, "total", "eid", "month"),
            "申报人数": pl.col("persons"),
            "其中正常工资薪金人数": pl.col("employees"),
            "劳务报酬人数": pl.col("helpers"),
            "工资薪金收入合计": dirt.cents(pl.col("fen") / 100),
        }
        return text(world.firm(sums.sort("eid")), **columns)

    def parts() -> Iterator[pl.DataFrame]:
        for month, declared in enumerate(work.payroll(world.jobs, world.city.incomes, earlier, world.chance), YEAR):
            higher = _corrected(declared) if month == LAST - 1 else declared.clear()
            others = declared.join(higher, on=["pid", "eid", "income"], how="anti", maintain_order="left")
            yield rows(pl.concat([others, higher]))
        yield pl.concat([newest, wrong])

    earlier = range(YEAR, LAST)
    newest = rows(next(work.payroll(world.jobs, world.city.incomes, range(LAST, LAST + 1), world.chance)))
    wrong = dirt.wrong_rows(newest, [BAD_CODE, {"税款所属期": "202612"}, {"申报人数": "若干"}])
    file = file_name(name, "个税扣缴单位月汇总", "202601至202610")
    return Delivery(name, file, period(LAST), len(wrong), form_of(name), parts)


def _collection_wide(world: World) -> Delivery:
    """October's premiums with the insurances side by side; the hub counts each that an employer has."""
    kinds = {"110": ("企业职工基本养老保险", 0.24), "210": ("失业保险", 0.01), "410": ("工伤保险", 0.004)}
    now = (pl.col("first") <= LAST) & (pl.col("last") >= LAST) & (pl.col("eid") >= 0)
    fen = (pl.col("base_2026").clip(0) * 100).round().cast(pl.Int64)
    sums = world.enrolled.filter(now & pl.col("insurance").is_in(list(kinds))).group_by("eid").agg(
        *((pl.col("insurance") == code).sum().alias(code) for code in kinds),
        *(fen.filter(pl.col("insurance") == code).sum().alias(f"{code} fen") for code in kinds),
    ).sort("eid")  # fmt: skip
    # Of the pensions a part has not arrived yet, as in the other list; of the rest nobody waits for anything.
    settled = pl.concat(work.contributions(world.enrolled, world.city.paid, range(LAST, LAST + 1), world.chance))
    called = pl.col("eid").is_in(world.city.collected["eid"].implode())
    waiting = settled.filter((pl.col("month") == LAST) & (pl.col("insurance") == "110") & ~(pl.col("arrived") | called))
    short = waiting.group_by("eid").agg((pl.col("base").clip(0) * 100).round().cast(pl.Int64).sum().alias("110 short"))
    sums = sums.join(short, on="eid", how="left", maintain_order="left").with_columns(pl.col("110 short").fill_null(0))
    columns = {
        "序号": pl.int_range(1, pl.len() + 1),
        "纳税人识别号": pl.col("uscc"),
        "企业名称": pl.col("firm"),
        "费款所属期": yyyymm(pl.lit(LAST)),
        "电子税票号": pl.format("4371082202610{}", pl.col("eid").cast(pl.String).str.zfill(7)),
        "入库日期": pl.lit("20261028"),
    }
    for code, (title, rate) in kinds.items():
        fen = pl.col(f"{code} fen")
        due, paid = (
            pl.when(pl.col(code) > 0).then(dirt.cents(sum_ / 100 * rate))
            for sum_ in (fen, fen - pl.col("110 short") if code == "110" else fen)
        )
        columns |= {
            f"{title}/缴费人数": pl.when(pl.col(code) > 0).then(pl.col(code)),
            f"{title}/应缴费额（元）": due,
            f"{title}/实缴费额（元）": paid,
        }
    rows = text(world.firm(sums), **columns)
    wrong = dirt.wrong_rows(rows, [{"费款所属期": "202611"}, {"纳税人识别号": "91371082MA0000000Z"}])
    name = "tax/collection_wide"
    filled = [f"{title}/缴费人数" for title, _ in kinds.values()]
    held, refused = (sum(len(page) - page[column].null_count() for column in filled) for page in (rows, wrong))
    return Delivery(
        name, file_name(name, "社会保险费征缴并列表"), period(LAST), refused, form_of(name), lambda: [rows, wrong],
        declared=held + refused,
    )  # fmt: skip


def _tax_refund(world: World) -> Delivery:
    chance = world.chance
    drawn = some(world, firms(world).filter(pl.col("kind") == "enterprise"), 0.05, "refund", "eid")
    helped = pl.concat([listed_employers(world, "tax/tax_refund"), drawn])
    columns = {
        "统一社会信用代码": pl.col("uscc"),
        "纳税人名称": pl.col("name"),
        "政策名称": chance.pick(("增值税留抵退税", "研发费用加计扣除", "小微企业普惠减免"), "refund", "eid"),
        "年度": pl.lit("2025"),
        "从业人数": pl.col("count"),
        "返税金额": dirt.money(
            3000.0 + 100 * chance.below(900, "refund", "eid").cast(pl.Float64), chance, "refund", "eid"
        ),
    }
    wrong = [BAD_CODE, {"返税金额": "待定"}]
    return listed("tax/tax_refund", "返税政策享受企业", text(helped, **columns), wrong)
