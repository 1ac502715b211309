"""``employment_month``: the months that payroll and contributions make up together, kept as they are loaded.

In charge of that one table, which is rebuilt at will from what is current. Runs inside the transaction of a batch.
"""

from typing import Any

import psycopg
from psycopg.sql import SQL, Identifier

from hub.store import NO_EMPLOYER

#: Tables whose facts it is made of.
SOURCES = frozenset({"payroll", "contribution"})

_FRESH = SQL("""
insert into employment_month (employer_key, month, person_key, wage, labor_service, pension_base)
select employer_key, month, person_key, sum(wage), sum(labor_service), max(pension_base)
from (
    select p.employer_key, p.month, p.person_key,
        case when p.income = 'wage' then p.yuan end as wage,
        case when p.income = 'labor_service' then p.yuan end as labor_service,
        null::numeric as pension_base
    from payroll p join touched t on t.employer_key = p.employer_key and t.month = p.month
    where p.known_until = timestamptz '9999-12-31 00:00:00+00' and p.income in ('wage', 'labor_service')
        and p.month between %(first)s and %(last)s
    union all
    select c.employer_key, c.month, c.person_key, null, null, c.contribution_base
    from contribution c join touched t on t.employer_key = c.employer_key and t.month = c.month
    where c.known_until = timestamptz '9999-12-31 00:00:00+00' and c.insurance = 'employee_pension'
        and c.kind in ('regular', 'back_payment') and c.month between %(first)s and %(last)s
) said
group by employer_key, month, person_key
""")


def refresh(cursor: psycopg.Cursor[Any], target: str, at: Any) -> None:
    """Make anew the months in which the batch sealed at ``at`` changed anything of ``target``."""
    if target not in SOURCES:
        return
    cursor.execute(
        SQL("""
            create temp table touched on commit drop as
            select distinct employer_key, month from {table}
            where (known_from = %(at)s or known_until = %(at)s) and employer_key <> %(nobody)s
        """).format(table=Identifier(target)),
        {"at": at, "nobody": NO_EMPLOYER},
    )
    cursor.execute("analyze touched")
    cursor.execute("select min(month), max(month) from touched")
    first, last = cursor.fetchone() or (None, None)
    if first is None:
        return
    cursor.execute(
        "delete from employment_month e using touched t where e.employer_key = t.employer_key and e.month = t.month"
    )
    # Both sides are whole sets; without statistics of the facts just added the planner may think them small.
    cursor.execute("set local enable_nestloop = off")
    cursor.execute(_FRESH, {"first": first, "last": last})
    cursor.execute("set local enable_nestloop = default")
