"""``employment_month``: the months that payroll and contributions make up together, kept as they are loaded.

In charge of that one table, which is rebuilt at will from what is current. Runs inside the transaction of a batch.
"""

import sys
from datetime import datetime

from psycopg.sql import SQL, Identifier

from hub.intake import store
from hub.intake.connector import Connector
from hub.store import NO_EMPLOYER

#: Tables whose facts it is made of.
SOURCES = frozenset({"payroll", "contribution"})

FRESH = SQL("""
insert into employment_month (employer_key, month, person_key, wage, labor_service, pension_base)
select employer_key, month, person_key, sum(wage), sum(labor_service), max(pension_base)
from (
    select p.employer_key, p.month, p.person_key,
        case when p.income = 'wage' then p.yuan end as wage,
        case when p.income = 'labor_service' then p.yuan end as labor_service,
        null::numeric as pension_base
    from payroll p join touched t on t.person_key = p.person_key and t.month = p.month
            and t.employer_key = p.employer_key
    where p.known_until = timestamptz '9999-12-31 00:00:00+00' and p.income in ('wage', 'labor_service')
        and p.month between %(first)s and %(last)s
    union all
    select c.employer_key, c.month, c.person_key, null, null, c.contribution_base
    from contribution c join touched t on t.person_key = c.person_key and t.month = c.month
            and t.employer_key = c.employer_key
    where c.known_until = timestamptz '9999-12-31 00:00:00+00' and c.insurance = 'employee_pension'
        and c.kind in ('regular', 'back_payment') and c.month between %(first)s and %(last)s
) said
group by employer_key, month, person_key
""")


_TOUCHED = SQL("""
create temp table touched on commit drop as
select distinct s.employer_key, s.month, s.person_key from staging s join {table} t on {same} and t.known_from = %(at)s
where s.employer_key <> %(nobody)s {ended}
""")
#: What rows name as ended.
_NAMED = SQL("""
union select s.employer_key, s.month, s.person_key from ending s join {table} t on {same} and t.known_until = %(at)s
where s.employer_key <> %(nobody)s
""")
#: What a snapshot ended is not staged: it has to be looked for.
_GONE = SQL(
    "select employer_key, month, person_key from {table} where known_until = %(at)s and employer_key <> %(nobody)s"
)
_REJOINED = """
create temp table touched on commit drop as
select e.employer_key, e.month, e.person_key from employment_month e join rejoined r on e.employer_key = r.old
union select t.employer_key, t.month, t.person_key from payroll t join rejoined r on t.employer_key = r.new
where t.known_from = %(at)s
union select t.employer_key, t.month, t.person_key from contribution t join rejoined r on t.employer_key = r.new
where t.known_from = %(at)s
"""
_STALE = """
delete from employment_month e using touched t
where e.employer_key = t.employer_key and e.month = t.month and e.person_key = t.person_key
"""


def refresh(cursor: store.Cursor, connector: Connector, delivery: int, at: datetime, rows: int, *, whole: bool) -> None:
    """Make anew what the batch sealed at ``at`` changed anything of.

    ``rows``: how many it has staged. ``whole``: it may have ended what it does not say.
    """
    if connector.target not in SOURCES:
        return
    table = Identifier(connector.target)
    same = store.same_fact(connector, delivery)
    store.plan(cursor, sys.maxsize if whole else rows, connector.target)
    cursor.execute(
        _TOUCHED.format(
            table=table,
            same=same,
            ended=SQL("union ") + _GONE.format(table=table) if whole else _NAMED.format(table=table, same=same),
        ),
        {"at": at, "nobody": NO_EMPLOYER},
    )
    _renew(cursor)


def withdrawn(cursor: store.Cursor, target: str, at: datetime) -> None:
    """Make anew what facts ended at ``at`` had part in."""
    if target not in SOURCES:
        return
    gone = SQL("create temp table touched on commit drop as ") + _GONE.format(table=Identifier(target))
    cursor.execute(gone, {"at": at, "nobody": NO_EMPLOYER})
    _renew(cursor)


def rejoin(cursor: store.Cursor, at: datetime) -> None:
    """Make anew what facts had that joined another employer at ``at`` (``rejoined``: its key before and after)."""
    cursor.execute("drop table if exists touched")
    cursor.execute(_REJOINED, {"at": at})
    _renew(cursor)


def _renew(cursor: store.Cursor) -> None:
    cursor.execute("analyze touched")
    cursor.execute("select count(*), min(month), max(month) from touched")
    touched, first, last = cursor.fetchone() or (0, None, None)
    if touched:
        store.plan(cursor, touched, "employment_month")
        cursor.execute(_STALE)
        store.plan(cursor, touched, *sorted(SOURCES))
        cursor.execute(FRESH, {"first": first, "last": last})
    store.as_usual(cursor)
