"""Where a delivery says otherwise of a person than the population register does: another name, sex or birth date.

In charge of the table ``disagreement``: found as whole sets in the batch that says so, against the register's current
row; cleared by a batch of the same delivery that agrees or no longer speaks of the person, and when the register says
another name, sex or birth date itself, until the next batch is held against that. Who is right, nobody here knows.
Refuses nothing. Runs inside the transaction of the batch.

Names are compared by a keyed digest of what two spellings of one name share: widths, blanks, dots, hyphens and case do
not count. A name that may have lost something says nothing here and has no digest: one with an asterisk (masked), with
a question mark, a box or a private character (an encoding without the character), or of a single character.
A connector has its delivery compared by taking fields ``sex`` or ``birth_on``, though its table has no such columns.
"""

from datetime import datetime

import polars as pl
from psycopg.sql import SQL, Identifier

from hub.intake import store
from hub.intake.connector import COMPARED, Connector
from hub.intake.prepare import name_keys
from hub.sealing import Keyring

_HELD = SQL("""
create temp table held on commit drop as
select distinct on (s.person_key, v.item) s.person_key, v.item, s.row_no, p.batch_id as register_batch,
    v.said <> v.known as differs, md5(v.said || ' ' || v.known)::uuid as digest
from said s
join person p on p.person_key = s.person_key and p.known_until = {forever} and p.status <> 'introduced'
cross join lateral (values
    ('name', s.name::text, p.name_key::text), ('sex', s.sex, p.sex), ('birth_on', s.birth_on::text, p.birth_on::text)
) as v (item, said, known)
where v.said is not null and v.known is not null
order by s.person_key, v.item, s.row_no
""")

#: Rows that were taken out of the staging say nothing.
_ONLY_STAGED = "delete from said s where not exists (select from staging t where t.row_no = s.row_no)"

_SETTLED = SQL("""
update disagreement d set known_until = %(at)s from held h
where d.known_until = {forever} and d.delivery_id = %(delivery)s
    and d.person_key = h.person_key and d.item = h.item and (not h.differs or d.digest <> h.digest)
""")

_SILENT = SQL("""
update disagreement d set known_until = %(at)s
where d.known_until = {forever} and d.delivery_id = %(delivery)s and not exists (
    select from {table} f
    where f.person_key = d.person_key and f.delivery_id = %(delivery)s and f.known_until = {forever}
)
""")

_FOUND = SQL("""
insert into disagreement (person_key, item, register_batch, delivery_id, batch_id, row_no, digest, known_from)
select h.person_key, h.item, h.register_batch, %(delivery)s, %(batch)s, h.row_no, h.digest, %(at)s
from held h
left join disagreement d on d.person_key = h.person_key and d.item = h.item and d.delivery_id = %(delivery)s
    and d.known_until = {forever}
where h.differs and d.person_key is null
""")

_REGISTER = SQL("""
update disagreement d set known_until = %(at)s
from person old join person new on new.person_key = old.person_key and new.known_from = old.known_until
where d.known_until = {forever} and old.person_key = d.person_key and old.known_until = %(at)s
    and (d.item = 'name' and old.name_key is distinct from new.name_key
        or d.item = 'sex' and old.sex is distinct from new.sex
        or d.item = 'birth_on' and old.birth_on is distinct from new.birth_on)
""")


def compared(connector: Connector) -> bool:
    """Whether a delivery says something of persons that can be held against the register."""
    if connector.target == "person" or not connector.of_kind("resident_id", "document"):
        return False
    return bool(connector.of_kind("name") or COMPARED & connector.fields.keys())


def said(persons: pl.DataFrame, good: pl.DataFrame, keyring: Keyring) -> pl.DataFrame:
    """What the rows say of their persons, once each. ``persons``: row_no, person_key, name; ``good``: mapped rows."""
    nothing = pl.lit(None, pl.String)
    asked = [pl.col(one) if one in good.columns else nothing.alias(one) for one in ("sex", "birth_on")]
    more = good.select("row_no", *asked)
    keyed = persons.select("row_no", "person_key", name=name_keys(persons.get_column("name"), keyring))
    return keyed.join(more, on="row_no", how="left", maintain_order="left")


def find(cursor: store.Cursor, connector: Connector, delivery: int, batch: int, at: datetime) -> None:
    """Hold what the batch says against the register, and what the register says against what was said before."""
    values = {"at": at, "delivery": delivery, "batch": batch}
    if connector.target == "person":
        cursor.execute(_REGISTER.format(forever=store.FOREVER), values)
        return
    if not compared(connector):
        return
    cursor.execute("analyze said")
    cursor.execute(_ONLY_STAGED)
    row = cursor.execute("select count(*) from said").fetchone()
    store.plan(cursor, int(row[0] if row else 0), "person")
    cursor.execute(_HELD.format(forever=store.FOREVER))
    store.as_usual(cursor)
    cursor.execute("analyze held")
    cursor.execute(_SETTLED.format(forever=store.FOREVER), values)
    if connector.delivery == "snapshot" and "person_key" in connector.target_table.c:
        cursor.execute(_SILENT.format(table=Identifier(connector.target), forever=store.FOREVER), values)
    cursor.execute(_FOUND.format(forever=store.FOREVER), values)
