"""A city of any size written straight into the store, for the serving benchmark: no deliveries, no intake.

Persons are sealed by the hub's own keyring, row by row; spells and employers follow set-wise, in SQL. Everything is
made up, and the same size gives the same city (but for the nonces).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import orjson
import psycopg
from measure import Databases, libpq, tell

from hub.sealing import Keyring, new_keyring, read_keyring, write_keyring
from hub.terms import canonical_document, check_character, uscc_check

PERSONS_AN_EMPLOYER = 25
DAYS = 20_000  # birthdays from 1950 on
FIRST_DAY = date(1950, 1, 1)
CHUNK = 20_000
KNOWN = "2026-11-05 00:00:00+00"
FOREVER = "9999-12-31 00:00:00+00"
DELIVERIES = (
    ("public_security/population", "person"),
    ("market_supervision/registration", "employer"),
    ("human_resources/enrollment", "enrollment"),
)


@dataclass(frozen=True, slots=True)
class BigCity:
    """Where it is, and whom one can ask about."""

    url: str
    persons: int
    keyring: Keyring
    key_file: Path


def resident_id(number: int) -> str:
    """The made-up resident ID of the person ``number``."""
    day = FIRST_DAY + timedelta(days=number % DAYS)
    first = f"371082{day:%Y%m%d}{number // DAYS + 101:03d}"
    return first + check_character(first)


def uscc(number: int) -> str:
    """The made-up code of the employer ``number``."""
    first = f"91371082MA{number:07d}"
    return first + uscc_check(first)


def big_city(databases: Databases, folder: Path, persons: int) -> BigCity:
    """The city of ``persons``, made unless it is there."""
    key_file = folder / "keys.json"
    if not key_file.exists():
        write_keyring(new_keyring(), key_file)
    keyring = read_keyring(key_file)
    name = databases.kept(f"serving_{persons}")
    city = BigCity(databases.url(name), persons, keyring, key_file)
    if databases.exists(name):
        with psycopg.connect(libpq(city.url)) as connection:
            if connection.execute("select to_regclass('benchmark_complete')").fetchone() != (None,):
                return city
    tell(f"writing a city of {persons:,} persons")
    databases.make(name)
    with psycopg.connect(libpq(city.url)) as connection:
        _write(connection, city)
        connection.execute("create table benchmark_complete ()")
        connection.commit()
        connection.autocommit = True
        connection.execute("vacuum analyze")
        connection.execute("checkpoint")
    return city


def _write(connection: psycopg.Connection, city: BigCity) -> None:
    for number, (name, target) in enumerate(DELIVERIES, 1):
        connection.execute(
            "insert into delivery (id, name, title, owner, cadence, target) overriding system value "
            "values (%s, %s, %s, 'office', 'monthly', %s)",
            (number, name, name, target),
        )
        connection.execute(
            "insert into batch (id, delivery_id, period, digest, files, status, declared, loaded, rejected, started_at, "
            "sealed_at, loaded_by) overriding system value "
            "values (%s, %s, '2026-10-01', '', '[]', 'loaded', 1, 1, 0, %s, %s, 'benchmark')",
            (number, number, KNOWN, KNOWN),
        )
    with connection.cursor().copy(
        "copy person (person_key, resident_id_masked, name_masked, sealed, sex, birth_on, ethnicity, region, area, status,"
        " delivery_id, batch_id, row_no, digest, known_from, known_until) from stdin"
    ) as copy:
        for block in _persons(city):
            copy.write(block)
    with connection.cursor().copy(
        "copy employer (employer_key, uscc, name, kind, industry, region, area, address, staff_declared, registered_on,"
        " status, delivery_id, batch_id, row_no, digest, known_from, known_until) from stdin"
    ) as copy:
        copy.write(_employers(city))
    connection.execute("analyze person, employer")
    # Six in ten work, most at their second place; the others take part as residents.
    connection.execute(
        f"""
        insert into enrollment (person_key, insurance, employer_key, starts_on, ends_on, state, contributor,
                                contribution_base, region, delivery_id, batch_id, row_no, digest, known_from, known_until)
        select p.person_key, s.insurance, coalesce(e.employer_key, '00000000-0000-0000-0000-000000000000'), s.starts_on,
               s.ends_on, s.state, s.contributor, s.base, '371082', 3, 3, row_number() over (order by p.row_no), p.digest,
               p.known_from, p.known_until
          from person p
          cross join lateral (values
               ('employee_pension', date '2022-01-01' + p.row_no % 900, date '9999-12-31', 'active', 'employee', 4000 + p.row_no % 9000, 1, 0),
               ('employee_medical', date '2022-01-01' + p.row_no % 900, date '9999-12-31', 'active', 'employee', 4000 + p.row_no % 9000, 1, 0),
               ('employee_pension', date '2015-03-01' + p.row_no % 900, date '2021-06-01', 'ended', 'employee', 3000 + p.row_no % 5000, 2, 7),
               ('resident_medical', date '2020-01-01', date '9999-12-31', 'active', 'resident', null, 3, 0)
          ) s (insurance, starts_on, ends_on, state, contributor, base, who, shift)
          left join employer e on s.who < 3 and e.row_no = (p.row_no * 7 + s.shift) % {city.persons // PERSONS_AN_EMPLOYER}
         where s.who = 1 and p.row_no % 10 < 6 or s.who = 2 and p.row_no % 10 < 4 or s.who = 3 and p.row_no % 10 >= 6
        """.encode()
    )


def _persons(city: BigCity) -> Iterator[bytes]:
    keyring = city.keyring
    for start in range(0, city.persons, CHUNK):
        numbers = range(start, min(start + CHUNK, city.persons))
        ids = [resident_id(number) for number in numbers]
        keys = [keyring.person_key(canonical_document("resident_id", one)) for one in ids]
        content = [
            orjson.dumps({"resident_id": one, "name": f"王合成{n}", "phone": "13900000000", "address": f"某村{n}号"})
            for n, one in zip(numbers, ids, strict=True)
        ]
        sealed = keyring.seal_all(content, (b"person:" + key.bytes for key in keys))
        lines = [
            f"{key}\t{'*' * 14}{one[-4:]}\t王**\t\\\\x{box.hex()}\t{'male' if n % 2 else 'female'}\t"
            f"{one[6:10]}-{one[10:12]}-{one[12:14]}\t01\t3710821{n % 12:02d}\t3710821{n % 12:02d}\tnormal\t"
            f"1\t1\t{n}\t{key}\t{KNOWN}\t{FOREVER}\n"
            for n, one, key, box in zip(numbers, ids, keys, sealed, strict=True)
        ]
        yield "".join(lines).encode()


def _employers(city: BigCity) -> bytes:
    first = date(2000, 1, 1)
    lines = []
    for n in range(city.persons // PERSONS_AN_EMPLOYER):
        code = uscc(n)
        key = city.keyring.employer_key(code)
        lines.append(
            f"{key}\t{code}\t荣成市合成{n}有限公司\tenterprise\t{'6110' if n % 2 else '0610'}\t371082\t3710820{n % 10:02d}\t"
            f"合成路{n}号\t{n % 90}\t{first + timedelta(days=n % 9000)}\toperating\t2\t2\t{n}\t{key}\t{KNOWN}\t{FOREVER}\n"
        )
    return "".join(lines).encode()
