"""Lists as offices keep them: which delivery, whose rows, what is wrong in it. One form for all of them. No I/O.

In charge of the format each office exports (`FORMATS`, the one place) and of choosing who is on a list.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

import polars as pl

from hub.demo import dirt
from hub.demo.delivery import Delivery, World, text
from hub.demo.files import Format, Sheet, suffix
from hub.demo.months import LAST, OPEN, day_in
from hub.demo.names import AREAS

#: What an office exports; a delivery's own line goes before its office's.
FORMATS: dict[str, Format] = {
    "administrative_approval": "utf-8-sig", "agriculture": "xlsx", "auditing_firm": "xlsx",
    "civil_affairs": "xlsx", "commerce": "xlsx", "community": "xlsx",
    "credit_center": "xlsx", "culture_tourism": "xlsx", "development_reform": "xlsx",
    "disabled_persons_federation": "gb18030", "education": "utf-8-sig", "education/supervised_units": "xlsx",
    "establishment_office": "xlsx", "finance": "gb18030", "financial_office": "xlsx", "health": "utf-8",
    "health/death_certificate": "xlsx", "health/dust_hazard": "xlsx", "health/supervised_units": "xlsx",
    "human_resources": "utf-8-sig", "human_resources/arbitration": "xlsx", "human_resources/labor_inspection": "xlsx",
    "human_resources/startup_subsidy": "xlsx",
    "human_resources/unemployed_graduates": "xlsx", "industry": "xlsx", "justice": "xlsx", "marine": "xlsx",
    "market_supervision": "gb18030", "market_supervision/conversion": "xlsx",
    "market_supervision/random_check": "xlsx", "medical_insurance/employee_enrollment": "utf-8",
    "medical_insurance/employer_enrollment": "utf-8-sig",
    "natural_resources": "xlsx", "nuclear_project": "xlsx", "postal": "utf-8-sig", "public_security": "gb18030",
    "state_assets": "xlsx", "tax": "gb18030", "tax/tax_refund": "xlsx", "town": "xlsx",
    "transport": "gb18030",
    "big_data_center/relay": "parquet",
    "human_resources/social_card": "dbf",
    "medical_insurance/resident_enrollment": "jsonl",
    "tax/payroll_total": "zip",
}  # fmt: skip

_SLICE = 200_000
BAD_CODE = {"统一社会信用代码": "91371082MA0000000Z"}
BAD_ID = {"身份证号": dirt.NOBODY[0]}
OPERATING = (pl.col("status") == "operating") & ~pl.col("nameless")


def form_of(delivery: str) -> Format:
    return FORMATS.get(delivery) or FORMATS[delivery.partition("/")[0]]


def file_name(delivery: str, title: str, span: str = "202610") -> str:
    return f"{title}_{span}_合成.{suffix(form_of(delivery))}"


def listed(
    delivery: str, title: str, rows: pl.DataFrame, wrong: Sequence[dict[str, str]] = (), *, twice: bool = False,
    declared: int | None = None,
) -> Delivery:  # fmt: skip
    """A list of October: `rows`, all text, then what is `wrong` (see `dirt.wrong_rows`) and, if `twice`, said twice."""
    bad = dirt.wrong_rows(rows, wrong) if wrong else rows.clear()
    if twice:
        bad = pl.concat([bad, dirt.doubles(rows)])
    form, file = form_of(delivery), file_name(delivery, title)
    if form == "xlsx":
        page = pl.concat([rows, bad])
        sheet = Sheet(title, f"荣成市{title} 2026年10月", page, notes=["填报说明：本表数据为合成。"])
        return Delivery(delivery, file, "2026-10", len(bad), None, sheets=[sheet], declared=declared)
    return Delivery(delivery, file, "2026-10", len(bad), form, lambda: [rows, bad], declared=declared)


def listed_in_parts(
    delivery: str, title: str, of: pl.DataFrame, page: Callable[[pl.DataFrame], pl.DataFrame],
    wrong: Sequence[dict[str, str]],
) -> Delivery:  # fmt: skip
    """A large list: `page` makes the rows `of` some at a time, when they are written. A few are said twice."""
    last = page(of.tail(200))
    bad = pl.concat([dirt.wrong_rows(last, wrong, len(of)), dirt.doubles(last)])

    def parts() -> Iterator[pl.DataFrame]:
        yield from map(page, of.iter_slices(_SLICE))
        yield bad

    return Delivery(delivery, file_name(delivery, title), "2026-10", len(bad), form_of(delivery), parts)


def some(world: World, frame: pl.DataFrame, share: float, purpose: str, key: str = "pid") -> pl.DataFrame:
    """A share of the rows, by chance and in their order, at least three: no list of a small city is empty.

    Never of the planted: they are on a list where their case puts them there, and nowhere else.
    """
    drawn = frame.filter(pl.col(key) >= world.planted[key])
    count = max(3, round(share * len(drawn)))
    return drawn.sort(world.chance.unit(purpose, key), maintain_order=True).head(count).sort(key, maintain_order=True)


def rolled(world: World, delivery: str, drawn: pl.DataFrame) -> pl.DataFrame:
    """Whom cases put on a roll: number, name, area, for whom they work, `since`; then those `drawn` by chance."""
    areas = world.people.select("pid", "area")
    rolls = world.city.rolls.filter(pl.col("delivery") == delivery)
    named = world.firm(world.who(rolls.join(areas, on="pid", how="left", maintain_order="left")))
    return pl.concat([named, drawn], how="diagonal")


def people(world: World, who: pl.Expr | None = None) -> pl.DataFrame:
    """Those of the register who live here and whom `who` admits, with number and name."""
    living = world.city.persons.filter(pl.col("registered") & (pl.col("status") == "normal"))
    return world.who(living if who is None else living.filter(who))


def firms(world: World, which: pl.Expr = OPERATING) -> pl.DataFrame:
    """Employers in operation that have a credit code, with `count`: how many they say work there.

    `hired`: how many of a public institution's staff are beside its establishment.
    """
    counted = world.firms.filter(which).join(world.staff, on="eid", how="left", maintain_order="left")
    return counted.with_columns(
        pl.coalesce("declared", "staff").fill_null(0).alias("count"), pl.col("hired").fill_null(0)
    )


def listed_employers(world: World, delivery: str) -> pl.DataFrame:
    """The employers that a planted case puts on this list, as `firms` gives them."""
    return firms(world).filter(
        pl.col("eid").is_in(world.city.listings.filter(pl.col("delivery") == delivery)["eid"].implode())
    )


def owned_alone(world: World) -> pl.DataFrame:
    """Individual businesses without employees, and who owns each (`pid`)."""
    alone = firms(world).filter((pl.col("kind") == "individual_business") & (pl.col("count") == 0))
    owners = world.people.select(pl.col("pid").alias("owner"), "resident_id", pl.col("name").alias("owned by"))
    return alone.join(owners, on="owner", how="inner", maintain_order="left").rename(
        {"name": "firm", "owned by": "name", "owner": "pid"}
    )


def workers(world: World) -> pl.DataFrame:
    """Everyone with a job now, with numbers and names of both and `since`, the day the job began."""
    now = world.jobs.filter((pl.col("first") <= LAST) & (pl.col("last") == OPEN) & (pl.col("types") != "none"))
    begun = day_in(pl.col("first"), 1 + world.chance.below(20, "begun", "pid", "eid"))
    return world.firm(world.who(now)).with_columns(begun.alias("since")).filter(pl.col("uscc").is_not_null())


def area(column: str = "area") -> pl.Expr:
    """The town's name."""
    return pl.col(column).replace_strict(AREAS)


def serial() -> pl.Expr:
    return pl.int_range(1, pl.len() + 1)


def written(rows: pl.DataFrame, world: World, columns: Mapping[str, pl.Expr], key: str = "pid") -> pl.DataFrame:
    """A roster's page: who, written as such rolls write it, then `columns`."""
    who = {"序号": serial(), "姓名": dirt.name(world.chance, key), "身份证号": dirt.resident_id(world.chance, key)}
    return text(rows, **who, **columns)
