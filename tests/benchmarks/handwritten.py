"""The second baseline: an endpoint a question, written by hand on Starlette, asyncpg and orjson; one SQL each.

As little as can be done and still answer with the same facts: no GraphQL, no token, no policy, no record. The SQL gives
plain rows, which become dictionaries and then JSON: what one writes first with these libraries, and writes well.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from typing import Any

import asyncpg
import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.sealing import read_keyring
from hub.settings import settings
from hub.store.engine import asyncpg_dsn
from hub.terms import canonical_document

NOW = "timestamptz '9999-12-31 00:00:00+00'"

PERSON = f"""
select p.resident_id_masked, p.name_masked, p.sex, p.birth_on, p.area, p.status, i.insurance, i.starts_on,
       nullif(i.ends_on, date '9999-12-31') as ends_on, i.state, i.contribution_base::text as base, e.name as employer
  from person p
  left join enrollment i on i.person_key = p.person_key and i.known_until = {NOW}
  left join employer e on e.employer_key = i.employer_key and e.known_until = {NOW}
 where p.person_key = $1 and p.known_until = {NOW}
 order by i.starts_on, i.insurance, i.employer_key, i.delivery_id
"""

EMPLOYERS = f"""
select uscc, name, kind, industry, area, status, registered_on as "registeredOn", staff_declared as "staffDeclared"
  from employer where known_until = {NOW} and registered_on >= $2 order by employer_key limit $1
"""

INSURED = f"""
select e.name as employer, p.resident_id_masked as "residentId", p.name_masked as name, p.sex, p.birth_on as "birthOn", p.area
  from (select employer_key, name from employer where known_until = {NOW} and registered_on >= $3
         order by employer_key limit $1) e
  left join lateral (
       select p.* from (select distinct i.person_key from enrollment i
                         where i.employer_key = e.employer_key and i.known_until = {NOW} and i.state = 'active'
                           and i.ends_on > current_date
                         order by i.person_key limit $2) i
         join person p on p.person_key = i.person_key and p.known_until = {NOW}) p on true
 order by e.employer_key, p.person_key
"""


def application() -> Starlette:
    """The ASGI application, for uvicorn."""
    keyring = read_keyring(settings().keys_path)
    pool: Any = None

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        nonlocal pool
        size = settings().connections
        pool = await asyncpg.create_pool(**asyncpg_dsn("reader"), min_size=size, max_size=size)
        yield
        await pool.close()

    async def person(request: Request) -> Response:
        asked = orjson.loads(await request.body())
        key = keyring.person_key(canonical_document("resident_id", asked["id"]))
        rows = await pool.fetch(PERSON, key)
        if not rows:
            return _json({"person": None})
        first = rows[0]
        spells = [
            {
                "insurance": row["insurance"],
                "startsOn": row["starts_on"],
                "endsOn": row["ends_on"],
                "state": row["state"],
                "contributionBase": row["base"],
                "employer": None if row["employer"] is None else {"name": row["employer"]},
            }
            for row in rows
            if row["insurance"] is not None
        ]
        shown = {
            "residentId": first["resident_id_masked"],
            "name": first["name_masked"],
            "sex": first["sex"],
            "birthOn": first["birth_on"],
            "area": first["area"],
            "status": first["status"],
            "enrollments": spells,
        }
        return _json({"person": shown})

    async def employers(request: Request) -> Response:
        asked = orjson.loads(await request.body())
        rows = await pool.fetch(EMPLOYERS, 500, date.fromisoformat(asked["since"]))
        return _json({"employers": {"nodes": [dict(row) for row in rows]}})

    async def insured(request: Request) -> Response:
        asked = orjson.loads(await request.body())
        rows = await pool.fetch(INSURED, 100, 10, date.fromisoformat(asked["since"]))
        nodes: list[dict[str, Any]] = []
        last = None
        for row in rows:
            name, *values = row
            if name != last:
                last = name
                nodes.append({"name": name, "insuredPersons": []})
            if values[0] is not None:
                nodes[-1]["insuredPersons"].append(
                    {
                        "residentId": values[0],
                        "name": values[1],
                        "sex": values[2],
                        "birthOn": values[3],
                        "area": values[4],
                    }
                )
        return _json({"employers": {"nodes": nodes}})

    return Starlette(
        routes=[
            Route("/person", person, methods=["POST"]),
            Route("/employers", employers, methods=["POST"]),
            Route("/insured", insured, methods=["POST"]),
        ],
        lifespan=lifespan,
    )


def _json(data: Any) -> Response:
    return Response(orjson.dumps({"data": data}), media_type="application/json")
