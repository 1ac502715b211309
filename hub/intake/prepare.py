"""From mapped rows to rows of the target: keys computed, identities sealed, digests taken.

In charge of what makes a fact of canonical text: keyed pseudonyms of persons and employers, sealed and masked
identities, the digest that tells whether a row changed, and whom a row introduces. Whole columns; the only work a row
at a time is the cryptography. Touches no database itself: other numbers of an employer are looked up by ``Employers``.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import md5
from threading import Lock
from typing import Any
from uuid import UUID

import polars as pl
import polars_hash as plh

from hub.intake.connector import Connector
from hub.intake.known import Known
from hub.intake.map import ID, Mapped
from hub.sealing import Keyring
from hub.store import LINEAGE, NO_EMPLOYER

from .validate import constant

Lookup = Callable[[list[tuple[str, str]]], dict[tuple[str, str], UUID]]
"""Aliases (kind, number) to the employers they stand for, as far as known."""

_VARIANT = dict(zip("0123456789abcdef", "89ab" * 4, strict=True))
#: What an employer is, by the first characters of its USCC. Source: GB 32100.
_KINDS = {
    "91": "enterprise", "92": "individual_business", "93": "cooperative", "31": "law_firm", "12": "public_institution",
    "51": "social_organization", "52": "social_organization", "53": "social_organization",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Prepared:
    """Ready to be copied. ``rows``: row_no, the target's columns, digest; ``known``: how many are current as they came.

    ``subjects``: of rejected rows.
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
    keys: dict[str, str] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def resolve(self, numbers: list[str]) -> None:
        """Make ``keys`` know these numbers: a USCC, or ``<kind>:<number>``. Chunks may ask at the same time."""
        with self.lock:
            self._resolve(numbers)

    def _resolve(self, numbers: list[str]) -> None:
        for number in numbers:
            if ":" not in number and number not in self.keys:
                self.keys[number] = self.keyring.employer_key(number).hex
                # A row that has only the organization code means the employer whose USCC holds it.
                self.keys[f"organization_code:{number[8:17]}"] = self.keys[number]
        unknown = [number for number in numbers if number not in self.keys]
        asked = [number.partition(":")[::2] for number in unknown if not number.startswith("owner:")]
        aliases = self.lookup(asked) if asked else {}
        for number in unknown:
            found = aliases.get(number.partition(":")[::2]) or self.keyring.employer_key(number)
            self.keys[number] = found.hex


def macs(purpose: str, texts: pl.Series, keyring: Keyring) -> pl.Series:
    """``Keyring.mac`` of each text, in hexadecimal; null where there is none."""
    if keyring.suite == "aes":
        digest = plh.col(texts.name).chash.hmac_sha256(key=keyring.mac_key(purpose))
        return texts.to_frame().select(digest).to_series()
    mac = keyring.mac(purpose)
    found = [None if text is None else mac(text.encode()).hex() for text in texts.to_list()]
    return pl.Series(texts.name, found, dtype=pl.String)


def uuids(macs: pl.Series) -> pl.Series:
    """Digests as UUIDs of version 8, in hexadecimal without hyphens: what ``hub.sealing.uuid8`` gives, by columns."""
    text = macs.str
    variant = text.slice(16, 1).replace_strict(list(_VARIANT), list(_VARIANT.values()), return_dtype=pl.String)
    parts = [text.slice(0, 12), "8", text.slice(13, 3), variant, text.slice(17, 15)]
    return pl.select(pl.concat_str([pl.lit(part) for part in parts])).to_series()


def person_keys(documents: pl.Series, keyring: Keyring) -> pl.Series:
    """The keys of persons, by the value of a field of kind resident_id or document; null where there is none."""
    one = documents.drop_nulls().unique(maintain_order=True)
    if not len(one):
        return constant(None, len(documents))
    named = one.str.contains(":", literal=True)
    texts = one.zip_with(named, "CN:" + one) if named.any() else "CN:" + one
    keys = uuids(macs("person", texts, keyring))
    if len(one) == len(documents):  # no null and nobody twice: the order is that of the rows
        return keys
    return documents.replace_strict(one, keys, default=None, return_dtype=pl.String)


def seal_identities(frame: pl.DataFrame, contexts: list[bytes], keyring: Keyring) -> pl.Series:
    """Each row of ``frame`` as a JSON object, sealed; in the text form of bytea."""
    plain = frame.select(pl.struct(pl.all()).struct.json_encode().cast(pl.Binary)).to_series()
    sealed = keyring.seal_all(plain.to_list(), contexts)
    return "\\x" + pl.Series(sealed, dtype=pl.Binary).bin.encode("hex")


def context(table: str, keys: pl.Series) -> list[bytes]:
    """What a sealed value of a row of ``table`` is bound to: the table and the row's key."""
    head = f"{table}:".encode()
    return [head + key for key in keys.str.decode("hex").to_list()]


def masked_names(names: pl.Series) -> pl.Series:
    """The first character, an asterisk for each further one; of a single character nothing."""
    lengths = names.str.len_chars()
    longest: Any = lengths.max() or 0
    stars = pl.Series(["*" * max(length - 1, 0) for length in range(longest + 1)], dtype=pl.String)
    shown = names.str.slice(0, 1) + stars.gather(lengths)
    return shown.zip_with(lengths > 1, constant("*", len(names))).fill_null("*")


def name_keys(names: pl.Series, keyring: Keyring) -> pl.Series:
    """Keyed digests that two spellings of one name share; null for a name that may have lost something."""
    bare = names.str.to_lowercase().str.replace_all(r"[·\s.'’-]", "")
    whole = bare.set(~bare.str.contains(r"^[\p{Han}a-z]{2,}$").fill_null(value=False), None)
    found = whole.drop_nulls().unique()
    if not len(found):
        return constant(None, len(names))
    keys = uuids(macs("name", found, keyring))
    return whole.replace_strict(found, keys, default=None, return_dtype=pl.String)


def masked_ids(documents: pl.Series) -> pl.Series:
    """As ``hub.terms.mask_resident_id``: fourteen asterisks and the last four characters of a resident ID."""
    is_id = (documents.str.len_bytes() == 18) & ~documents.str.contains(":", literal=True)
    return ("*" * 14 + documents.str.slice(14, 4)).zip_with(is_id, constant("*" * 18, len(documents)))


def born(documents: pl.Series) -> pl.Series:
    """The birth date that a resident ID holds, as ISO text; null for other documents."""
    is_id = documents.str.len_bytes() == 18
    day = documents.str.slice(6, 4) + "-" + documents.str.slice(10, 2) + "-" + documents.str.slice(12, 2)
    return day.zip_with(is_id & ~documents.str.contains(":", literal=True), constant(None, len(documents)))


def sexes(documents: pl.Series) -> pl.Series:
    digit = documents.str.slice(16, 1).cast(pl.Int8, strict=False)
    text = constant("male", len(documents)).zip_with(digit % 2 == 1, constant("female", len(documents)))
    return text.zip_with(born(documents).is_not_null(), constant(None, len(documents)))


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
    key = connector.target_table.info["key"][0]
    for name in connector.of_kind("sealed_person"):
        values |= _sealed_person(name, good, values[key], connector, keyring)
    rows = pl.DataFrame(
        {
            "row_no": good.get_column("row_no"),
            **{column: values.get(column, constant(None, len(good))) for column in columns},
            "digest": uuids(digests),
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
    content += [_employer_keys(good.get_column(name), employers) for name in connector.of_kind("employer")]
    said = pl.select(pl.concat_str(content, separator="\x1f", ignore_nulls=False).alias("t")).to_series()
    if said.null_count():
        said = pl.select(pl.concat_str([one.fill_null("\x1e") for one in content], separator="\x1f")).to_series()
    return macs("digest", said, keyring)


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
        "sealed": seal_identities(identity, context("person", people.get_column("person_key")), keyring),
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
        sealed=seal_identities(identity, context("person", people.get_column("person_key")), keyring),
        sex=sexes(documents),
        birth_on=born(documents),
        status=pl.lit("introduced"),
        digest=uuids(macs("digest", said, keyring)),
    )


def _employer_keys(numbers: pl.Series, employers: Employers) -> pl.Series:
    found = [number for number in numbers.drop_nulls().unique().to_list() if number]
    employers.resolve(found)
    nobody = UUID(NO_EMPLOYER).hex
    if not found:
        return constant(nobody, len(numbers))
    keys = [employers.keys[number] for number in found]
    return numbers.replace_strict(found, keys, default=nobody, return_dtype=pl.String)


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


def _sealed_person(
    name: str, good: pl.DataFrame, keys: pl.Series, connector: Connector, keyring: Keyring
) -> dict[str, pl.Series]:
    names, documents = good.get_column(name), good.get_column(name + ID)
    given = names.is_not_null() | documents.is_not_null()
    nothing = constant(None, len(good))
    identity = pl.DataFrame({"name": names, "resident_id": documents})
    sealed = seal_identities(identity, context(connector.target, keys), keyring)
    return {
        name: sealed.zip_with(given, nothing),
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
    nobody = UUID(NO_EMPLOYER).hex
    found = [person_keys(bad.get_column(name), keyring) for name in connector.of_kind("resident_id", "document")]
    found += [
        keys.set(keys == nobody, None)
        for keys in (_employer_keys(bad.get_column(name), employers) for name in connector.of_kind("employer"))
    ]
    if "project_code" in bad.columns:
        codes = bad.get_column("project_code").to_list()
        keys = [md5(code.encode(), usedforsecurity=False).hexdigest() if code else None for code in codes]
        found.append(pl.Series(keys, dtype=pl.String))
    listed = pl.concat_list([keys.alias(str(place)) for place, keys in enumerate(found)]).list.drop_nulls()
    return pl.select(listed.alias("subjects")).to_series()


def introduced_employers(frame: pl.DataFrame, keyring: Keyring) -> pl.DataFrame:
    """Rows of ``employer`` for those that a delivery other than a register speaks of first."""
    parts = (pl.lit("introduced"), pl.col("employer_key"), pl.col("name"), pl.col("kind"))
    said = frame.select(said=pl.concat_str(parts, separator="\x1f")).to_series()
    return frame.with_columns(status=pl.lit("introduced"), digest=uuids(macs("digest", said, keyring)))
