"""公安局: the population register, twice, and the list of deaths and moves. GB18030, as its system exports. No I/O."""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial

import polars as pl

from hub.demo import dirt
from hub.demo.delivery import Delivery, World, text
from hub.demo.names import address

_SLICE = 200_000
_ETHNICITIES = ("汉", "汉族", "汉族", "01")
_STATUS = {"normal": "正常", "dead": "死亡", "moved_out": "迁出", "cancelled": "注销", "enlisted": "服现役"}
_KINDS = {
    "dead": "死亡注销", "moved_out": "迁出", "emigrated": "出国定居", "enlisted": "入伍注销", "cancelled": "重号注销",
}  # fmt: skip


def deliveries(world: World) -> list[Delivery]:
    september, october = date(2026, 9, 30), date(2026, 10, 31)
    return [
        _population(world, september, "人口基本信息_202609_合成.csv", "2026-09"),
        _population(world, october, "人口基本信息_202610_合成.csv", "2026-10"),
        *_changes(world),
    ]


def _population(world: World, on: date, file: str, period: str) -> Delivery:
    """Everyone registered who was born by then, in the state of that day."""
    people = world.city.persons.filter(pl.col("registered") & (pl.col("birth") <= on))
    some = _register(world, people.tail(1000), on)
    numbers = [{"公民身份号码": number} for number in dirt.NOBODY]
    wrong = dirt.wrong_rows(some, [*numbers, {"管理状态": "待定"}], len(people))
    wrong = pl.concat([wrong, dirt.doubles(some)])

    def parts() -> Iterator[pl.DataFrame]:
        for piece in people.iter_slices(_SLICE):
            yield _register(world, piece, on)
        yield wrong

    return Delivery("public_security/population", file, period, len(wrong), "gb18030", parts)


def _register(world: World, people: pl.DataFrame, on: date) -> pl.DataFrame:
    chance = world.chance
    known = pl.col("status_on") <= on
    people = world.who(people).with_columns(
        pl.when(known).then("status").otherwise(pl.lit("normal")).alias("status"),
        pl.when(known).then("status_on").alias("status_on"),
    )
    village = (200 + chance.below(18, "village", "household")).cast(pl.String)
    minority = pl.when(pl.col("minority")).then(chance.pick(("05", "蒙古族", "藏"), "ethnicity"))
    head = pl.int_range(pl.len()).over("household") == 0
    return text(
        people,
        公民身份号码=dirt.resident_id(chance, "pid"),
        姓名=dirt.name(chance, "pid"),
        曾用名=dirt.nothing(chance, "former name", "pid"),
        性别=pl.col("sex").replace_strict({"male": "1", "female": "2"}),
        民族=minority.otherwise(chance.pick(_ETHNICITIES, "ethnicity")),
        出生日期=pl.col("birth").dt.strftime("%Y%m%d"),
        户籍所在行政区划=pl.concat_str("area", village),
        户籍详细地址=address(chance, "household"),
        现居住地址=dirt.nothing(chance, "address", "pid"),
        户号=pl.format("371082{}", pl.col("household").cast(pl.String).str.zfill(8)),
        与户主关系=pl.when(head).then(pl.lit("户主")).otherwise(pl.lit("家庭成员")),
        管理状态=pl.col("status").replace_strict(_STATUS),
        状态变动日期=dirt.day(pl.col("status_on"), chance, "status", "pid"),
        迁往地=pl.when(pl.col("status") == "moved_out").then(pl.lit("山东省威海市环翠区")),
        数据更新时间=pl.lit(on.isoformat()),
        数据提供单位=pl.lit("荣成市公安局（合成）"),
    )


def _changes(world: World) -> list[Delivery]:
    events = world.city.events.filter(pl.col("kind") != "cremation").sort("on", "pid")
    # No month is without any: an empty delivery says nothing. In a small city the last one comes a month late.
    newest: date = events.get_column("registered_on").max()  # type: ignore[assignment]  # a column of dates
    until = min(date(2026, 9, 30), newest - timedelta(days=1))
    found = []
    for file, period, chosen in (
        ("死亡迁出注销_202501至202609_合成.csv", "2026-09", pl.col("registered_on") <= until),
        ("死亡迁出注销_202610_合成.csv", "2026-10", pl.col("registered_on") > until),
    ):
        rows = _change_rows(world, events.filter(chosen))
        wrong = dirt.wrong_rows(rows, [{"变动日期": "", "死亡日期": ""}, {"变动类别": "其他"}, {"公民身份号码": ""}])
        parts = pl.concat([rows, wrong])
        found.append(Delivery("public_security/change", file, period, len(wrong), "gb18030", partial(iter, [parts])))
    return found


def _change_rows(world: World, events: pl.DataFrame) -> pl.DataFrame:
    chance = world.chance
    died = pl.col("kind") == "dead"
    return text(
        world.who(events),
        公民身份号码=dirt.resident_id(chance, "pid"),
        姓名="name",
        变动类别=pl.col("kind").replace_strict(_KINDS),
        变动日期=dirt.day(pl.when(died).then("registered_on").otherwise("on"), chance, "change", "pid"),
        死亡日期=pl.when(died).then(dirt.day(pl.col("on"), chance, "death", "pid")),
        迁往地区划=pl.when(pl.col("kind") == "moved_out").then(pl.lit("371002")),
        登记单位=pl.lit("荣成市公安局（合成）"),
        登记日期=pl.col("registered_on").dt.strftime("%Y-%m-%d"),
    )
