"""The base city: persons of all ages, employers of all sizes, and what ties them, in good order. No I/O.

In good order means: no rule finds anything here. Everyone of working age is insured somewhere, whoever is taxed is
enrolled from the same month, bases follow from last year's wages. What is wrong is planted, see `plants`.
"""

from datetime import date
from itertools import pairwise

import polars as pl

from hub.demo import away
from hub.demo.chance import Chance
from hub.demo.model import City, city
from hub.demo.months import FIRST, LAST, OPEN, day_in, month_of
from hub.demo.names import AREA_DRAW, PROJECTS, SOCIAL_TRADES, TRADES

# Age in years by the share of people younger: an ageing coastal county.
_AGES = ((0.0, 0.0), (0.11, 16.0), (0.17, 23.0), (0.40, 40.0), (0.70, 60.0), (0.92, 78.0), (1.0, 97.0))
# Below the band whose payers are invited to the employee pension.
_TIERS = (300, 300, 300, 500, 500, 600, 800, 1000, 1000, 1500, 2000, 2500, 3000, 4000)
_YEARS_16, _YEARS_60 = 16 * 12, 60 * 12

_AGE = LAST - month_of(pl.col("birth"))
_FEMALE = pl.col("sex") == "female"


def base_city(persons: int, first_pid: int, first_eid: int, chance: Chance) -> City:
    """So many persons, numbered from `first_pid`, and their employers, numbered from `first_eid`."""
    people = _people(persons, first_pid, chance)
    employers = _employers(max(20, persons // 25), first_eid, chance)
    staffed = employers.filter(pl.col("role") == "staffed")
    organs = employers.filter(pl.col("role") == "organ")
    jobs = _jobs(people, staffed, organs, chance)
    spells, residents = _insured_otherwise(people, jobs, chance)
    anchors = jobs.filter(pl.col("anchor")).group_by("eid", maintain_order=True)
    owners = anchors.agg(pl.col("pid").first().alias("owner"))
    alone = people.filter(pl.col("role") == "flexible")["pid"]
    employers = employers.join(owners, on="eid", how="left", maintain_order="left").with_columns(
        pl.col("owner").fill_null(pl.lit(alone).gather(pl.col("eid") % len(alone)))
    )
    low_income, destitute = _assisted(people, chance)
    disabled, lifted = _helped(people, chance)
    projects = _projects(max(4, persons // 3000), staffed, chance)
    return city(
        persons=people,
        employers=employers,
        jobs=jobs,
        spells=spells,
        residents=_assisted_tiers(residents, low_income, lifted, disabled.filter(pl.col("level") <= 2)),
        benefits=_benefits(people, chance),
        events=_events(people, chance),
        low_income=low_income,
        destitute=destitute,
        disabled=disabled,
        lifted=lifted,
        projects=projects,
        policies=_policies(projects),
        workers=_workers(people, projects, chance),
        fund=_fund(jobs, chance),
        students=away.students(people, chance),
        sentences=away.sentences(people, chance),
        elsewhere=away.elsewhere(people, chance),
    )


def _people(count: int, first_pid: int, chance: Chance) -> pl.DataFrame:
    share = chance.unit("age")
    years: pl.Expr = pl.lit(0.0)
    for (low, young), (high, old) in pairwise(_AGES):
        years = pl.when(share >= low).then(young + (share - low) / (high - low) * (old - young)).otherwise(years)
    frame = pl.select(pl.int_range(first_pid, first_pid + count, dtype=pl.Int64).alias("pid"))
    born = frame.with_columns(
        (pl.lit(date(2026, 10, 30)) - pl.duration(days=(years * 365.2425).cast(pl.Int64))).alias("birth"),
        pl.when(chance.happens(0.5, "sex")).then(pl.lit("male")).otherwise(pl.lit("female")).alias("sex"),
        (first_pid + (pl.col("pid") - first_pid) // 3).alias("household"),
        chance.happens(0.02, "minority").alias("minority"),
    ).with_columns(chance.pick(AREA_DRAW, "area", "household").alias("area"))
    roled = born.with_columns(_role(chance).alias("role"))
    # A few employees live and are registered in another province: the police of this city do not know them.
    outside = (pl.col("role") == "employee") & chance.happens(0.05, "outside")
    status = (
        pl.when(pl.col("role").is_in(["pensioner", "elder"]) & chance.happens(0.03, "dies"))
        .then(pl.lit("dead"))
        .when((pl.col("role") == "resident") & _AGE.is_between(216, 540) & chance.happens(0.006, "moves"))
        .then(pl.lit("moved_out"))
        .otherwise(pl.lit("normal"))
    )
    month = FIRST + chance.below(LAST - FIRST + 1, "event month")
    return (
        roled.with_columns(
            pl.when(outside | chance.happens(0.08, "migrant"))
            .then(pl.lit("elsewhere"))
            .otherwise(pl.lit("local"))
            .alias("origin"),
            (~outside).alias("registered"),
            status.alias("status"),
        )
        .with_columns(pl.when(pl.col("status") != "normal").then(month).alias("ended"))
        .with_columns(day_in(pl.col("ended"), 1 + chance.below(26, "event day")).alias("status_on"))
    )


def _role(chance: Chance) -> pl.Expr:
    birth = month_of(pl.col("birth"))
    delay = pl.when(birth < 1965 * 12).then(0).otherwise(pl.min_horizontal(36, (birth - 1965 * 12) // 4 + 1))
    retired = pl.when(_FEMALE).then(_AGE > 58 * 12).otherwise(birth + 720 + delay < LAST)
    # Whose retirement fell before the months that are delivered; the others would show an unexplained start.
    long_retired = pl.when(_FEMALE).then(_AGE >= 50 * 12 + 24).otherwise(birth + 720 + delay < FIRST)
    draw = chance.unit("role")
    undetermined = _FEMALE & _AGE.is_between(50 * 12 - 1, 58 * 12)
    old = pl.when(_AGE > _YEARS_60).then(pl.lit("elder")).otherwise(pl.lit("resident"))
    return (
        pl.when(_AGE < _YEARS_16)
        .then(pl.lit("child"))
        .when((retired | undetermined) & long_retired & (draw < 0.4))
        .then(pl.lit("pensioner"))
        .when(retired)
        .then(old)
        .when(undetermined)
        .then(pl.when(draw > 0.85).then(pl.lit("employee")).otherwise(pl.lit("resident")))
        .when((_AGE >= 18 * 12) & (draw < 0.64))
        .then(pl.lit("employee"))
        .when((_AGE >= 20 * 12) & (draw < 0.66))
        .then(pl.lit("organ"))
        .when((_AGE >= 22 * 12) & (_AGE <= _YEARS_60) & (draw < 0.76))
        .then(pl.lit("flexible"))
        .otherwise(old)
    )


def _employers(count: int, first_eid: int, chance: Chance) -> pl.DataFrame:
    organs = max(2, count // 120)
    draw = (pl.col("rank") - organs) / (count - organs)  # by rank, so that every kind is there in the smallest city
    kind = (
        pl.when(pl.col("rank") < organs).then(pl.lit("public_institution"))
        .when(draw < 0.55).then(pl.lit("enterprise"))
        .when(draw < 0.65).then(pl.lit("individual_business"))
        .when(draw < 0.69).then(pl.lit("cooperative"))
        .when(draw < 0.73).then(pl.lit("social_organization"))
        .otherwise(pl.lit("individual_business"))
    )  # fmt: skip
    role = (
        pl.when(pl.col("rank") < organs).then(pl.lit("organ"))
        .when(draw < 0.73).then(pl.lit("staffed"))
        .otherwise(pl.lit("alone"))
    )  # fmt: skip
    frame = pl.select(pl.int_range(count, dtype=pl.Int64).alias("rank")).with_columns(
        (pl.col("rank") + first_eid).alias("eid"), kind.alias("kind"), role.alias("role")
    )
    closed = (pl.col("role") == "alone") & chance.happens(0.1, "closed", "eid")
    founded = 1996 * 12 + chance.below(28 * 12, "founded", "eid")
    closing = FIRST + chance.below(LAST - FIRST + 1, "closing", "eid")
    return with_trade(frame, chance).with_columns(
        chance.pick(AREA_DRAW, "employer area", "eid").alias("area"),
        day_in(founded, 1 + chance.below(28, "founded day", "eid")).alias("registered_on"),
        pl.when(closed).then(pl.lit("cancelled")).otherwise(pl.lit("operating")).alias("status"),
        pl.when(closed).then(day_in(closing, 1 + chance.below(28, "closing day", "eid"))).alias("status_on"),
        pl.when(pl.col("role") == "alone").then(0).cast(pl.Int64).alias("declared"),
    )


def with_trade(employers: pl.DataFrame, chance: Chance) -> pl.DataFrame:
    """Adds `trade`, `industry`, `industry_name` and `category` by `eid` and `kind`."""
    social = pl.col("kind").is_in(["social_organization", "public_institution"])

    def drawn(place: int) -> pl.Expr:
        among = chance.pick([trade[place] for trade in SOCIAL_TRADES], "trade", "eid")
        return pl.when(social).then(among).otherwise(chance.pick([trade[place] for trade in TRADES], "trade", "eid"))

    category = pl.col("kind").replace_strict(
        {"enterprise": "91", "individual_business": "92", "cooperative": "93", "public_institution": "12"},
        default=None,
    )
    civil = chance.pick(("51", "52", "52", "53"), "social kind", "eid")
    return employers.with_columns(
        drawn(0).alias("trade"),
        drawn(1).alias("industry"),
        drawn(2).alias("industry_name"),
        category.fill_null(civil).alias("category"),
    )


def _jobs(people: pl.DataFrame, staffed: pl.DataFrame, organs: pl.DataFrame, chance: Chance) -> pl.DataFrame:
    """Every employer has one anchor: grown up, hired before the window, staying, paid well above the floor.

    So no employer is without staff in any month, and none has all its staff at the floor.
    """
    columns = ("pid", "birth", "eid", "first", "last", "anchor")
    founded = pl.concat([staffed, organs]).select("eid", month_of(pl.col("registered_on")).alias("founded"))
    now = pl.concat([
        _placed(people.filter(pl.col("role") == "employee"), staffed["eid"], chance),
        _placed(people.filter(pl.col("role") == "organ"), organs["eid"], chance),
    ])  # fmt: skip
    adult = month_of(pl.col("birth")) + 18 * 12
    drawn = pl.when(chance.happens(0.75, "long hired")).then(2012 * 12 + chance.below(156, "hired"))
    hired = drawn.otherwise(FIRST + 1 + chance.below(LAST - FIRST, "hired"))
    now = now.join(founded, on="eid", how="left", maintain_order="left").with_columns(
        pl.when("anchor")
        .then(pl.max_horizontal("founded", adult))
        .otherwise(pl.max_horizontal(hired, pl.col("founded") + 1, adult))
        .clip(upper_bound=LAST)
        .alias("first"),
        pl.lit(OPEN, dtype=pl.Int64).alias("last"),
    )
    # Half of those hired in the window come from another employer, and a part of the self-employed too.
    moved = now.filter((pl.col("first") > FIRST + 1) & ~pl.col("anchor") & chance.happens(0.5, "had a job")).select(
        *columns, pl.col("first").alias("next")
    )
    freed = people.filter((pl.col("role") == "flexible") & chance.happens(0.4, "had a job")).select(
        "pid",
        "birth",
        pl.lit(-1, dtype=pl.Int64).alias("eid"),
        pl.lit(0, dtype=pl.Int64).alias("first"),
        pl.lit(0, dtype=pl.Int64).alias("last"),
        pl.lit(False).alias("anchor"),
        (FIRST + 3 + chance.below(18, "left")).alias("next"),
    )
    count = len(staffed)
    other = (count * chance.unit("former employer") ** 2).cast(pl.Int64)
    gap = pl.when(pl.col("eid") < 0).then(0).otherwise(chance.below(3, "gap"))
    former = (
        pl.concat([moved, freed])
        .with_columns(pl.lit(staffed["eid"]).gather(other).alias("former"), (pl.col("next") - 1 - gap).alias("last"))
        .filter(pl.col("former") != pl.col("eid"))
        .with_columns(pl.col("former").alias("eid"))
        .join(founded, on="eid", how="left", maintain_order="left")
        .with_columns(
            pl.max_horizontal(pl.col("last") - 6 - chance.below(60, "stayed"), pl.col("founded") + 1, adult).alias(
                "first"
            )
        )
        .filter(pl.col("first") <= pl.col("last"))
        .with_columns(pl.lit(False).alias("anchor"))
    )
    jobs = pl.concat([now.select(columns), former.select(columns)])
    earned = 4700 + 3400 * -(1 - chance.unit("wage")).log()
    # An organ's hired staff are in another insurance than its anchor: none of them is paid little either.
    organ = pl.col("eid").is_in(organs["eid"].implode())
    low = ~pl.col("anchor") & ~organ & chance.happens(0.08, "low wage")
    return jobs.with_columns(
        pl.when("anchor")
        .then(earned + 1500)
        .when(low)
        .then(3200 + 1000 * chance.unit("wage"))
        .otherwise(earned)
        .round(0)
        .alias("wage"),
        # organs hire some beside their establishment, who are in the insurance of employees
        pl.when(organ & (pl.col("anchor") | ~chance.happens(0.15, "hired")))
        .then(pl.lit("organ"))
        .otherwise(pl.lit("all"))
        .alias("types"),
        pl.lit("wage").alias("taxed"),
        pl.lit(None, dtype=pl.Float64).alias("base"),
        pl.lit(OPEN, dtype=pl.Int64).alias("paid_until"),
    )


def _placed(workers: pl.DataFrame, eids: pl.Series, chance: Chance) -> pl.DataFrame:
    """The workers with their employers: one each to begin with, the rest by a power law."""
    grown = workers.sort((_AGE < 24 * 12), "pid").with_row_index("rank")
    rank = pl.col("rank").cast(pl.Int64)
    drawn = (len(eids) * chance.unit("employer") ** 2.5).cast(pl.Int64)
    place = pl.when(rank < len(eids)).then(rank).otherwise(drawn)
    return grown.with_columns((rank < len(eids)).alias("anchor"), pl.lit(eids).gather(place).alias("eid")).select(
        "pid", "birth", "eid", "anchor"
    )


def _insured_otherwise(people: pl.DataFrame, jobs: pl.DataFrame, chance: Chance) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Spells that no job explains (self-employed, retired, residents' medical), and the resident pension."""
    bounds = jobs.group_by("pid", maintain_order=True).agg(
        pl.col("first").min().alias("job_first"), pl.col("last").max().alias("job_last")
    )
    everyone = people.join(bounds, on="pid", how="left", maintain_order="left").with_columns(
        pl.max_horizontal(2012 * 12, month_of(pl.col("birth")) + _YEARS_16).alias("grown"),
        pl.max_horizontal(2012 * 12, month_of(pl.col("birth"))).alias("alive"),
        pl.col("ended").fill_null(OPEN).alias("until"),
    )
    self_employed = everyone.filter(pl.col("role") == "flexible").with_columns(
        (pl.col("job_last") + 1).fill_null(2015 * 12 + chance.below(110, "self-employed since")).alias("first")
    ).with_columns(pl.max_horizontal("first", pl.col("grown") + 24).alias("first"))  # fmt: skip
    retired = everyone.filter(pl.col("role") == "pensioner").with_columns(pl.col("grown").alias("first"))
    # Whoever was hired in the window without a job before was a resident until then.
    newcomers = everyone.filter(
        pl.col("role").is_in(["employee", "organ"]) & (pl.col("job_first") >= FIRST) & pl.col("registered")
        & (pl.col("grown") < pl.col("job_first"))
    )  # fmt: skip
    residents = everyone.filter(pl.col("role").is_in(["resident", "elder"]))
    children = everyone.filter(pl.col("role") == "child")

    def spell(who: pl.DataFrame, first: str, last: str, state: str, contributor: str, *insurances: str) -> pl.DataFrame:
        ended = pl.col(last) < OPEN
        return who.select(
            "pid",
            pl.lit(-1, dtype=pl.Int64).alias("eid"),
            pl.lit(list(insurances)).alias("insurance"),
            pl.col(first).alias("first"),
            pl.col(last).alias("last"),
            pl.when(ended).then(pl.lit("ended")).otherwise(pl.lit(state)).alias("state"),
            pl.lit(contributor).alias("contributor"),
            pl.lit(None, dtype=pl.Float64).alias("base"),
            pl.lit(OPEN if contributor == "flexible" else 0, dtype=pl.Int64).alias("paid_until"),
        ).explode("insurance")

    before = newcomers.with_columns((pl.col("job_first") - 1).alias("until"))
    spells = pl.concat([
        spell(self_employed, "first", "until", "active", "flexible", "110", "310"),
        spell(retired, "first", "until", "retired", "employee", "110", "310"),
        spell(before, "grown", "until", "active", "resident", "390"),
        spell(residents, "alive", "until", "active", "resident", "390"),
        spell(children, "alive", "until", "active", "resident", "390"),
    ])  # fmt: skip
    pension = pl.concat([before, residents]).select(
        "pid",
        pl.col("grown").alias("first"),
        pl.col("until").alias("last"),
        pl.when(pl.col("until") < OPEN)
        .then(pl.lit("ended"))
        .when(pl.col("role") == "elder")
        .then(pl.lit("drawing"))
        .otherwise(pl.lit("active"))
        .alias("state"),
        pl.lit("011").alias("identity"),
        pl.lit(pl.Series(_TIERS)).gather(chance.below(len(_TIERS), "tier")).cast(pl.Int64).alias("tier"),
        pl.lit(False).alias("on_behalf"),
    )
    return spells, pension


def _assisted(people: pl.DataFrame, chance: Chance) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Low-income households of one to three, and destitute elders who live alone."""
    poor = people.filter(
        chance.happens(0.03, "poor", "household")
        & pl.col("registered")
        & (pl.col("status") == "normal")
        & pl.col("role").is_in(["child", "resident", "elder", "employee"])
    )
    low_income = poor.with_columns(pl.int_range(1, pl.len() + 1).over("household").alias("place")).select(
        pl.format("DB371082{}", pl.col("household").cast(pl.String).str.zfill(8)).alias("certificate"),
        "place",
        "pid",
        "area",
    )
    alone = people.filter(
        chance.happens(0.03, "destitute")
        & (pl.col("role") == "elder")
        & (pl.col("status") == "normal")
        & ~pl.col("pid").is_in(poor["pid"].implode())
    )
    certificate = pl.format("TK371082{}", pl.col("pid").cast(pl.String).str.zfill(8)).alias("certificate")
    return low_income, alone.select(certificate, "pid", "area")


def _helped(people: pl.DataFrame, chance: Chance) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Certificates of disability of every level, and those lifted out of poverty."""
    living = people.filter(pl.col("registered") & (pl.col("status") == "normal"))
    disabled = living.filter(chance.happens(0.04, "disabled")).select(
        "pid", (1 + chance.below(4, "disabled level")).alias("level")
    )
    poor = living.filter(pl.col("role").is_in(["child", "resident", "elder"]) & chance.happens(0.007, "lifted"))
    return disabled, poor.select("pid")


def _assisted_tiers(residents: pl.DataFrame, *hardship: pl.DataFrame) -> pl.DataFrame:
    """The government pays the lowest band for those in hardship who still contribute. The first cause names them."""
    poor: pl.Expr = pl.lit(False)
    identity: pl.Expr = pl.col("identity")
    for code, persons in reversed(list(zip(("061", "051", "021"), hardship, strict=True))):
        one = pl.col("pid").is_in(persons["pid"].implode()) & (pl.col("state") == "active")
        identity = pl.when(one).then(pl.lit(code)).otherwise(identity)
        poor = poor | one
    return residents.with_columns(
        identity.alias("identity"),
        pl.when(poor).then(100).otherwise("tier").alias("tier"),
        (poor | pl.col("on_behalf")).alias("on_behalf"),
    )


def _benefits(people: pl.DataFrame, chance: Chance) -> pl.DataFrame:
    birth = month_of(pl.col("birth"))
    drawing = people.filter(pl.col("role").is_in(["pensioner", "elder"]))
    employee = pl.col("role") == "pensioner"
    age = pl.when(employee & _FEMALE).then(50 * 12).otherwise(_YEARS_60)
    until = pl.col("ended").fill_null(OPEN)
    return drawing.select(
        "pid",
        pl.when(employee).then(pl.lit("110")).otherwise(pl.lit("170")).alias("kind"),
        pl.max_horizontal(birth + age + 1, 2010 * 12).clip(upper_bound=until).alias("first"),
        until.alias("last"),
        pl.when(employee)
        .then(2400 + 2600 * chance.unit("benefit"))
        .otherwise(215 + 140 * chance.unit("benefit"))
        .round(2)
        .alias("yuan"),
        pl.min_horizontal(until, LAST).alias("paid_until"),
    )


def _events(people: pl.DataFrame, chance: Chance) -> pl.DataFrame:
    gone = people.filter(pl.col("status") != "normal")
    late = pl.duration(days=3 + chance.below(20, "registered late"))
    return gone.select(
        "pid", pl.col("status").alias("kind"), pl.col("status_on").alias("on"),
        pl.min_horizontal(pl.col("status_on") + late, pl.lit(date(2026, 10, 31))).alias("registered_on"),
    )  # fmt: skip


def _projects(count: int, staffed: pl.DataFrame, chance: Chance) -> pl.DataFrame:
    builders = staffed.filter((pl.col("industry") == "4710") & (pl.col("kind") == "enterprise"))
    pool = (builders if len(builders) else staffed)["eid"]
    first_eid = int(staffed["eid"].min() or 0)  # type: ignore[arg-type]  # an integer column
    frame = pl.select(pl.int_range(count, dtype=pl.Int64).alias("pid"))
    starts = day_in(FIRST - 6 + chance.below(LAST - FIRST + 4, "starts"), 1 + chance.below(28, "starts day"))
    return frame.select(
        pl.format("371082{}", (pl.col("pid") + first_eid).cast(pl.String).str.zfill(10)).alias("code"),
        pl.format("荣成市第{}号{}", pl.col("pid") + 1, chance.pick(PROJECTS, "project")).alias("name"),
        pl.lit(pool).gather(pl.col("pid") % len(pool)).alias("eid"),
        (3_000_000 + 500_000 * chance.below(200, "cost")).alias("cost"),
        starts.alias("starts"),
        (starts + pl.duration(days=1080)).alias("ends"),
        pl.lit(None, dtype=pl.Date).alias("finished"),
        chance.pick(AREA_DRAW, "project area").alias("area"),
        chance.pick(("房建", "房建", "市政", "交通", "水利"), "sector").alias("sector"),
        pl.lit("是").alias("declared"),
    )


def _policies(projects: pl.DataFrame) -> pl.DataFrame:
    return projects.select(
        "code",
        pl.format("GS{}", pl.col("code")).alias("certificate"),
        (pl.col("starts") - pl.duration(days=12)).alias("insured"),
        (pl.col("starts") - pl.duration(days=11)).alias("starts"),
        (pl.col("ends") + pl.duration(days=60)).alias("ends"),
    )


def _workers(people: pl.DataFrame, projects: pl.DataFrame, chance: Chance) -> pl.DataFrame:
    strong = (pl.col("role") == "resident") & _AGE.is_between(240, 700) & (pl.col("status") == "normal")
    on_site = people.filter(strong & chance.happens(0.1, "on site"))
    place = chance.below(len(projects), "site")
    return (
        on_site.with_columns(
            pl.lit(projects["code"]).gather(place).alias("code"), pl.lit(projects["starts"]).gather(place).alias("s")
        )
        .with_columns((pl.col("s") + pl.duration(days=chance.below(60, "entered"))).alias("entered"))
        .select("pid", "code", "entered", pl.lit(None, dtype=pl.Date).alias("left"))
    )


def _fund(jobs: pl.DataFrame, chance: Chance) -> pl.DataFrame:
    """Six in ten employers pay into the provident fund, for everyone who works there now."""
    now = jobs.filter((pl.col("last") == OPEN) & chance.happens(0.6, "fund", "eid"))
    return now.select(
        "pid", "eid", pl.max_horizontal("wage", 2200.0).alias("base"), pl.lit(LAST, dtype=pl.Int64).alias("paid_until")
    )
