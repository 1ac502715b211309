"""What a delivery said last: rows that it says again, unchanged, need not be prepared again.

A snapshot repeats most of its rows from month to month. Each fact keeps a keyed digest of what its row says, so a row
whose digest is current is known, before anything of it is keyed, sealed or copied. In charge of that comparison and of
its two consequences: what was *not* said again may have ended, and a known row that does not stand alone is staged
after all. Reads the database within the batch's transaction; refuses nothing.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from psycopg.sql import SQL, Composed, Identifier

from hub.intake import binary, store, tables
from hub.intake.binary import Array
from hub.intake.connector import Connector
from hub.store import NO_EMPLOYER


@dataclass(slots=True)
class Known:
    """The current digests of one delivery, in order: ``high`` and ``low`` are their halves. Sixteen bytes a fact.

    ``seen``: pairs of (position in that order, row number), a frame a chunk; chunks may be compared at the same time.
    """

    high: Array
    low: Array
    seen: list[pl.DataFrame] = field(default_factory=list)

    def positions(self, digests: pl.Series) -> pl.Series:
        """Where each digest stands; null where it is not current."""
        high, low = _halves(digests)
        at = np.minimum(np.searchsorted(self.high, high), len(self.high) - 1)
        here = (self.high[at] == high) & (self.low[at] == low)
        return pl.Series(at.astype(np.uint32)).set(pl.Series(~here), None)

    def say_again(self, digests: pl.Series, row_no: pl.Series) -> pl.Series:
        """Note which rows are said again; true for each of the others."""
        frame = pl.DataFrame({"at": self.positions(digests), "row_no": row_no})
        self.seen.append(frame.drop_nulls())
        return frame.get_column("at").is_null()

    def all_seen(self) -> pl.DataFrame:
        return pl.concat(self.seen) if self.seen else pl.DataFrame(schema={"at": pl.UInt32, "row_no": pl.Int32})

    def take_back(self, row_no: list[int]) -> None:
        """These rows are staged after all."""
        self.seen = [self.all_seen().filter(~pl.col("row_no").is_in(row_no))]

    def unsaid(self) -> pl.DataFrame:
        """The digests that no row said again."""
        mask = np.ones(len(self.high), np.bool_)
        mask[self.all_seen().get_column("at").to_numpy()] = False
        halves = np.stack([self.high[mask], self.low[mask]], axis=1).astype(">u8")
        return pl.DataFrame({"digest": binary.column(halves.view(np.uint8))})


def _halves(digests: pl.Series) -> tuple[Array, Array]:
    """Digests as two numbers each."""
    return _numbers(binary.matrix(digests).view("V16"))


def _numbers(digests: Array) -> tuple[Array, Array]:
    halves = np.ascontiguousarray(digests).view(">u8").reshape(-1, 2).astype(np.uint64)
    return halves[:, 0], halves[:, 1]


def recall(cursor: store.Cursor, connector: Connector, delivery: int) -> Known | None:
    """What is current of this delivery; None where it says nothing yet, or where it is no snapshot."""
    if connector.delivery != "snapshot":
        return None
    current = SQL("select digest from {} where known_until = {} and delivery_id = {}").format(
        Identifier(connector.target), store.FOREVER, delivery
    )
    digests = tables.packed(cursor, "uuid_send(digest)", "V16", current)
    if not len(digests):
        return None
    high, low = _numbers(digests)
    order = high.argsort()
    return Known(high[order], low[order])


def not_alone(cursor: store.Cursor, connector: Connector, delivery: int, staged: int, known: Known) -> list[int]:
    """The row numbers of known rows that must be staged after all, so that they are treated as any other row.

    That is a row which the delivery says twice, or also says differently (``staged``: how many rows may), and a row of
    somebody whom the registers have meanwhile ended, and who is to be introduced again, or of whom the register says
    something else since, against which the row is to be held.
    """
    seen = known.all_seen()
    again = seen.get_column("at").is_duplicated()
    store.plan(cursor, staged, connector.target)
    found = [row[0].bytes for row in cursor.execute(_said_otherwise(connector, delivery)).fetchall()]
    store.plan(cursor, sys.maxsize, connector.target)
    for statement in _moved_on(connector, delivery):
        found += [row[0].bytes for row in cursor.execute(statement).fetchall()]
    store.as_usual(cursor)
    if found:
        at = known.positions(pl.Series(found, dtype=pl.Binary)).drop_nulls()
        again |= seen.get_column("at").is_in(at.to_list())
    return seen.filter(again).get_column("row_no").to_list()


def _said_otherwise(connector: Connector, delivery: int) -> Composed:
    """The digests of current facts of which another row says something else, or that they have ended."""
    return SQL("""
        select t.digest from staging s join {table} t on {same} where t.known_until = {forever}
        union all select t.digest from ending s join {table} t on {same} where t.known_until = {forever}
    """).format(table=Identifier(connector.target), same=store.same_fact(connector, delivery), forever=store.FOREVER)


def _moved_on(connector: Connector, delivery: int) -> Iterator[Composed]:
    """The digests of current facts whose person or employer is not current, or not as when the delivery last came."""
    columns = tables.columns_of(connector)
    links = [("employer", f"{name}_key") for name in connector.of_kind("employer") if connector.target != "employer"]
    if "person_key" in columns and connector.target != "person":
        links.append(("person", "person_key"))
    for table, column in links:
        yield SQL("""
            select t.digest from {target} t left join {table} known on known.{key} = t.{column}
                and known.known_until = {forever}
            where t.known_until = {forever} and t.delivery_id = {delivery} and known.{key} is null
                and t.{column} is not null and t.{column} <> {nobody}
        """).format(
            target=Identifier(connector.target), table=Identifier(table), key=Identifier(f"{table}_key"),
            column=Identifier(column), forever=store.FOREVER, delivery=delivery, nobody=NO_EMPLOYER,
        )  # fmt: skip
    if ("person", "person_key") in links:
        yield SQL("""
            select t.digest from {target} t join person p on p.person_key = t.person_key and p.known_until = {forever}
            where t.known_until = {forever} and t.delivery_id = {delivery} and p.status <> 'introduced'
                and p.known_from > (
                    select max(sealed_at) from batch where delivery_id = {delivery} and status = 'loaded'
                )
        """).format(target=Identifier(connector.target), forever=store.FOREVER, delivery=delivery)
