"""From mapped rows to rows of the target: keys computed, identities sealed, digests taken.

In charge of what makes a fact of canonical text: keyed pseudonyms of persons and employers, sealed and masked
identities, the digest that tells whether a row changed, and whom a row introduces. Whole columns; the only work a row
at a time is the sealing. Keys and digests are bytes. Touches no database itself: other numbers of an employer are
looked up by ``Employers``.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import md5
from itertools import compress
from threading import Lock
from typing import Any
from uuid import UUID

import polars as pl
import polars_hash as plh

from hub.intake import binary
from hub.intake.connector import Connector
from hub.intake.known import Known
from hub.intake.map import ID, Mapped
from hub.sealing import Keyring
from hub.store import LINEAGE, NO_EMPLOYER

from .validate import constant

NOBODY = UUID(NO_EMPLOYER).bytes
Lookup = Callable[[list[tuple[str, str]]], dict[tuple[str, str], UUID]]
"""Aliases (kind, number) to the employers they stand for, as far as known."""

#: What an employer is, by the first characters of its USCC. Source: GB 32100.
_KINDS = {
    "91": "enterprise", "92": "individual_business", "93": "cooperative", "31": "law_firm", "12": "public_institution",
    "51": "social_organization", "52": "social_organization", "53": "social_organization",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Prepared:
    """Ready to be laid and staged.

    ``rows``: row_no, the target's columns, digest; what is to be sealed is still plain. ``known``: how many are current
    as they came. ``subjects``: of rejected rows.
    ``persons``: row_no, person_key, resident_id, name of those the rows speak of, once each; None where the target is
    the person itself. ``employers``: row_no, employer_key, uscc, registration_no, name, kind, likewise.
    ``bad``: row_no, reasons, subjects (keys of those the row speaks of); ``source``: their cells.
    ``ending``: row_no and the key of facts that end; None where the file does not say what its rows do.
    """

    rows: pl.DataFrame
    known: int
    persons: pl.DataFrame | None
    employers: pl.DataFrame | None
    subjects: pl.Series
    bad: pl.DataFrame
    source: pl.DataFrame
    ending: pl.DataFrame | None = None


@dataclass(slots=True)
class Employers:
    """The employers of one batch: number → key, each looked up once."""

    keyring: Keyring
    lookup: Lookup
    keys: dict[str, bytes] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def resolve(self, numbers: list[str]) -> None:
        """Make ``keys`` know these numbers: a USCC, or ``<kind>:<number>``. Chunks may ask at the same time."""
        with self.lock:
            self._resolve(numbers)

    def _resolve(self, numbers: list[str]) -> None:
        for number in numbers:
            if ":" not in number and number not in self.keys:
                self.keys[number] = self.keyring.employer_key(number).bytes
                # A row that has only the organization code means the employer whose USCC holds it.
                self.keys[f"organization_code:{number[8:17]}"] = self.keys[number]
        unknown = [number for number in numbers if number not in self.keys]
        asked = [number.partition(":")[::2] for number in unknown if not number.startswith("owner:")]
        aliases = self.lookup(asked) if asked else {}
        for number in unknown:
            found = aliases.get(number.partition(":")[::2]) or self.keyring.employer_key(number)
            self.keys[number] = found.bytes


def macs(purpose: str, texts: pl.Series, keyring: Keyring) -> pl.Series:
    """The first sixteen bytes of ``Keyring.mac`` of each text."""
    if keyring.suite == "aes":
        digest = plh.col(texts.name).chash.hmac_sha256(key=keyring.mac_key(purpose))
        return texts.to_frame().select(digest.str.slice(0, 32).str.decode("hex")).to_series()
    mac = keyring.mac(purpose)
    return pl.Series(texts.name, [mac(text.encode())[:16] for text in texts.to_list()], dtype=pl.Binary)


def uuids(macs: pl.Series) -> pl.Series:
    """As UUIDs of version 8: what ``hub.sealing.uuid8`` gives, by columns."""
    if not len(macs):
        return macs
    raw = binary.matrix(macs).copy()
    raw[:, 6] = raw[:, 6] & 0x0F | 0x80
    raw[:, 8] = raw[:, 8] & 0x3F | 0x80
    return binary.column(raw)


def _where(there: pl.Series, values: pl.Series) -> pl.Series:
    """As many values as rows are ``there``, each in its row; null elsewhere."""
    if len(values) == len(there):
        return values
    at = there.cast(pl.UInt32).cum_sum() - 1
    return values.gather(at.set(~there, None)) if len(values) else _nothing(len(there))


def _nothing(length: int) -> pl.Series:
    return pl.Series([None], dtype=pl.Binary).new_from_index(0, length)


def person_keys(documents: pl.Series, keyring: Keyring) -> pl.Series:
    """The keys of persons, by the value of a field of kind resident_id or document; null where there is none."""
    one = documents.drop_nulls().unique(maintain_order=True)
    if not len(one):
        return _nothing(len(documents))
    named = one.str.contains(":", literal=True)
    texts = one.zip_with(named, "CN:" + one) if named.any() else "CN:" + one
    keys = uuids(macs("person", texts, keyring))
    if len(one) == len(documents):  # no null and nobody twice: the order is that of the rows
        return keys
    return documents.replace_strict(one, keys, default=None, return_dtype=pl.Binary)


def identities(frame: pl.DataFrame) -> pl.Series:
    """Each row of ``frame`` as a JSON object: what is to be sealed."""
    return frame.select(pl.struct(pl.all()).struct.json_encode().cast(pl.Binary)).to_series()


def contexts(table: str, keys: pl.Series) -> list[bytes]:
    """What a sealed value of a row of ``table`` is bound to: the table and the row's key."""
    head = f"{table}:".encode()
    return [head + key for key in keys.cast(pl.Binary).to_list()]


def seal(plain: pl.Series, contexts: list[bytes], keyring: Keyring) -> pl.Series:
    """Values sealed, each for its context; null where there is none."""
    there = plain.is_not_null()
    some = contexts if there.all() else list(compress(contexts, there.to_list()))
    sealed = pl.Series(keyring.seal_all(plain.drop_nulls().to_list(), some), dtype=pl.Binary)
    return _where(there, sealed)


def masked_names(names: pl.Series) -> pl.Series:
    """The first character, an asterisk for each further one; of a single character nothing."""
    lengths = names.str.len_chars()
    longest: Any = lengths.max() or 0
    stars = pl.Series(["*" * max(length - 1, 0) for length in range(longest + 1)], dtype=pl.String)
    shown = names.str.slice(0, 1) + stars.gather(lengths)
    return shown.zip_with(lengths > 1, constant("*", len(names))).fill_null("*")


def name_keys(names: pl.Series, keyring: Keyring) -> pl.Series:
    """Keyed digests that two spellings of one name share; null for a name that may have lost something."""
    plain = names.str.contains(r"^\p{Han}{2,}$").fill_null(value=False)
    bare = names
    if not plain.all():
        bare = names.zip_with(plain, names.str.to_lowercase().str.replace_all(r"[·\s.'’-]", ""))
        plain = bare.str.contains(r"^[\p{Han}a-z]{2,}$").fill_null(value=False)
    return _where(plain, uuids(macs("name", bare.filter(plain), keyring)))


def _are_ids(documents: pl.Series) -> pl.Series:
    return (documents.str.len_bytes() == 18) & ~documents.str.contains(":", literal=True)


def masked_ids(documents: pl.Series) -> pl.Series:
    """As ``hub.terms.mask_resident_id``: fourteen asterisks and the last four characters of a resident ID."""
    return ("*" * 14 + documents.str.slice(14, 4)).zip_with(_are_ids(documents), constant("*" * 18, len(documents)))


def born(documents: pl.Series) -> pl.Series:
    """The birth date that a resident ID holds; null for other documents."""
    return documents.set(~_are_ids(documents), None).str.slice(6, 8).str.to_date("%Y%m%d")


def sexes(documents: pl.Series) -> pl.Series:
    digit = documents.set(~_are_ids(documents), None).str.slice(16, 1).cast(pl.Int8, strict=False)
    words = pl.Series(["female", "male"])
    return words.gather((digit % 2).cast(pl.UInt32))


def prepare(
    mapped: Mapped, connector: Connector, keyring: Keyring, employers: Employers, known: Known | None = None
) -> Prepared:
    """The rows of one chunk, ready to be copied; those that are ``known`` are left out."""
    good = mapped.good
    digests = _digests(good, connector, keyring, employers)
    if known is not None:
        new = known.say_again(digests, good.get_column("row_no"))
        good, digests = good.filter(new), digests.filter(new)
    columns = [c.name for c in connector.target_table.columns if c.name not in LINEAGE]
    values: dict[str, pl.Series] = {n: good.get_column(n) for n in connector.fields if n in columns}
    persons = introduced = None
    for name in connector.of_kind("number"):  # a person's number in the place of another is not kept in clear
        if name in values:
            values[name] = _without_owners(values[name], keyring)
    for name in connector.of_kind("employer"):
        numbers = good.get_column(name)
        values[f"{name}_key"] = _employer_keys(numbers, employers)
        if "uscc" in columns:
            values["uscc"] = numbers.set(numbers.str.contains(":", literal=True), None)
        introduced = _introduced(good, name, values[f"{name}_key"], connector)
    person = next(iter(connector.of_kind("resident_id", "document")), None)
    if person:
        documents = good.get_column(person)
        values["person_key"] = person_keys(documents, keyring)
        people = pl.DataFrame(
            {
                "row_no": good.get_column("row_no"),
                "person_key": values["person_key"],
                "resident_id": documents,
                "name": _first(good, connector.of_kind("name")),
            }
        )
        if connector.target == "person":
            values |= _identity(people, good, connector, keyring)
        else:
            persons = people.unique("person_key", keep="first", maintain_order=True)
    for name in connector.of_kind("sealed_person"):
        values |= _sealed_person(name, good, keyring)
    rows = pl.DataFrame(
        {
            "row_no": good.get_column("row_no"),
            **{column: values.get(column, constant(None, len(good))) for column in columns},
            "digest": digests,
        }
    )
    return Prepared(
        rows,
        len(mapped.good) - len(good),
        persons,
        introduced,
        _subjects(mapped.bad, connector, keyring, employers),
        mapped.bad.select("row_no", "reasons").with_columns(_spoken_of(mapped.bad, connector, keyring, employers)),
        mapped.source,
        _ending(mapped, connector, keyring, employers),
    )


def _digests(good: pl.DataFrame, connector: Connector, keyring: Keyring, employers: Employers) -> pl.Series:
    """What each row says, in short: every field, and which employer its numbers stand for today."""
    content = [good.get_column(name) for name in good.columns if name != "row_no"]
    content += [
        _employer_keys(good.get_column(name), employers).bin.encode("hex") for name in connector.of_kind("employer")
    ]
    said = pl.select(pl.concat_str(content, separator="\x1f", ignore_nulls=False).alias("t")).to_series()
    if said.null_count():
        said = pl.select(pl.concat_str([one.fill_null("\x1e") for one in content], separator="\x1f")).to_series()
    return uuids(macs("digest", said, keyring))


def _ending(mapped: Mapped, connector: Connector, keyring: Keyring, employers: Employers) -> pl.DataFrame | None:
    if mapped.ending is None:
        return None
    alone = Mapped(mapped.ending, mapped.bad.clear(), mapped.source.clear())
    key = [name for name in connector.target_table.info["key"] if name != "delivery_id"]
    return prepare(alone, connector, keyring, employers).rows.select("row_no", *key)


def _first(frame: pl.DataFrame, names: list[str]) -> pl.Series:
    return frame.get_column(names[0]) if names else constant(None, len(frame))


def _identity(people: pl.DataFrame, good: pl.DataFrame, connector: Connector, keyring: Keyring) -> dict[str, pl.Series]:
    """The columns of a person that come of who it is."""
    documents = people.get_column("resident_id")
    kept = {name: _first(good, [name] if name in good.columns else []) for name in ("phone", "address")}
    other = {name: good.get_column(name) for name in connector.of_kind("sealed") if name not in kept}
    identity = people.select("resident_id", "name").with_columns(**kept, **other)
    sex = good.get_column("sex") if "sex" in good.columns else constant(None, len(good))
    return {
        "resident_id_masked": masked_ids(documents),
        "name_masked": masked_names(people.get_column("name")),
        "name_key": name_keys(people.get_column("name"), keyring),
        "sealed": identities(identity),
        "birth_on": born(documents),
        "sex": sex.zip_with(sex.is_not_null(), sexes(documents)) if sex.null_count() else sex,
    }


def introductions(people: pl.DataFrame, keyring: Keyring) -> pl.DataFrame:
    """Rows of ``person`` for people whom a delivery other than the register speaks of first."""
    documents = people.get_column("resident_id")
    nothing = constant(None, len(people))
    identity = people.select("resident_id", "name").with_columns(phone=nothing, address=nothing)
    said = "introduced\x1f" + documents + "\x1f" + people.get_column("name").fill_null("\x1e")
    return people.select(
        "row_no",
        "person_key",
        resident_id_masked=masked_ids(documents),
        name_masked=masked_names(people.get_column("name")),
        sealed=seal(identities(identity), contexts("person", people.get_column("person_key")), keyring),
        sex=sexes(documents),
        birth_on=born(documents),
        status=pl.lit("introduced"),
        digest=uuids(macs("digest", said, keyring)),
    )


def _employer_keys(numbers: pl.Series, employers: Employers) -> pl.Series:
    found = [number for number in numbers.drop_nulls().unique().to_list() if number]
    employers.resolve(found)
    if not found:
        return pl.Series([NOBODY]).new_from_index(0, len(numbers))
    keys = [employers.keys[number] for number in found]
    return numbers.replace_strict(found, keys, default=NOBODY, return_dtype=pl.Binary)


def _introduced(good: pl.DataFrame, name: str, keys: pl.Series, connector: Connector) -> pl.DataFrame:
    """The employers of the rows, once each, as rows of ``employer`` that know no more than number and name."""
    numbers = good.get_column(name)
    own = [f"{name}_name", "name"] if connector.target == "employer" else [f"{name}_name"]
    title = _first(good, [column for column in own if column in good.columns])
    known = numbers.is_not_null() & (numbers != "")
    plain = ~numbers.str.contains(":", literal=True)
    nothing = constant(None, len(numbers))
    uscc = numbers.zip_with(plain, nothing)
    bare = numbers.str.replace("^[a-z_]+:", "")
    registration = bare.zip_with(numbers.str.starts_with("registration:"), nothing)
    kind = uscc.str.slice(0, 2).replace_strict(
        list(_KINDS), list(_KINDS.values()), default="other", return_dtype=pl.String
    )
    kind = constant("individual_business", len(numbers)).zip_with(numbers.str.starts_with("owner:"), kind)
    shown = bare.zip_with(~numbers.str.starts_with("owner:"), constant("个体工商户", len(numbers)))
    frame = pl.DataFrame(
        {
            "row_no": good.get_column("row_no"),
            "employer_key": keys,
            "uscc": uscc,
            "registration_no": registration,
            "name": title.zip_with(title.is_not_null(), shown),
            "kind": kind,
        }
    )
    return frame.filter(known).unique("employer_key", keep="first", maintain_order=True)


def _without_owners(numbers: pl.Series, keyring: Keyring) -> pl.Series:
    owners = numbers.filter(numbers.str.starts_with("owner:")).unique().to_list()
    if not owners:
        return numbers
    return numbers.replace(owners, [f"owner:{keyring.employer_key(owner).hex[:12]}" for owner in owners])


def _sealed_person(name: str, good: pl.DataFrame, keyring: Keyring) -> dict[str, pl.Series]:
    names, documents = good.get_column(name), good.get_column(name + ID)
    given = names.is_not_null() | documents.is_not_null()
    nothing = constant(None, len(good))
    return {
        name: identities(pl.DataFrame({"name": names, "resident_id": documents})).zip_with(given, _nothing(len(good))),
        f"{name}_masked": masked_names(names).zip_with(names.is_not_null(), nothing),
        f"{name}_key": person_keys(documents, keyring),
    }


def _subjects(bad: pl.DataFrame, connector: Connector, keyring: Keyring, employers: Employers) -> pl.Series:
    """Of whom the rejected rows speak, as far as they say: a row that cannot be loaded does not end what it says."""
    key = connector.target_table.info["key"][0]
    for name in connector.key:
        kind = connector.fields[name].is_
        values = bad.get_column(name).drop_nulls()
        if key == "person_key" and kind in {"resident_id", "document"}:
            return person_keys(values, keyring).unique()
        if key == f"{name}_key":
            return _employer_keys(values, employers).unique()
        if key == name:
            return values.unique()
    return constant(None, 0)


def _spoken_of(bad: pl.DataFrame, connector: Connector, keyring: Keyring, employers: Employers) -> pl.Series:
    """For each rejected row the keys of its person, its employer and its project, as far as they can be read."""
    found = [person_keys(bad.get_column(name), keyring) for name in connector.of_kind("resident_id", "document")]
    found += [
        keys.zip_with(~keys.is_in([NOBODY]), _nothing(len(keys)))
        for keys in (_employer_keys(bad.get_column(name), employers) for name in connector.of_kind("employer"))
    ]
    if "project_code" in bad.columns:
        codes = bad.get_column("project_code").to_list()
        keys = [md5(code.encode(), usedforsecurity=False).digest() if code else None for code in codes]
        found.append(pl.Series(keys, dtype=pl.Binary))
    texts = [keys.bin.encode("hex").alias(str(place)) for place, keys in enumerate(found)]
    listed = pl.concat_list(texts).list.drop_nulls()
    return pl.select(listed.alias("subjects")).to_series()


def introduced_employers(frame: pl.DataFrame, keyring: Keyring) -> pl.DataFrame:
    """Rows of ``employer`` for those that a delivery other than a register speaks of first."""
    parts = (pl.lit("introduced"), pl.col("employer_key").bin.encode("hex"), pl.col("name"), pl.col("kind"))
    said = frame.select(said=pl.concat_str(parts, separator="\x1f")).to_series()
    return frame.with_columns(status=pl.lit("introduced"), digest=uuids(macs("digest", said, keyring)))
