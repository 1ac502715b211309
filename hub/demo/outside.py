"""Where departments keep what the hub fetches: a table of a front-end database, and a service over HTTP.

In charge of standing in for the departments' own systems in the demonstration: rows of the files they also wrote, and
what such systems put beside them (a write time, what a row does, the exchange switch). Knows databases only as a
department does, by an address; nothing of the hub's store.
"""

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import polars as pl
from sqlalchemy import Column, Integer, MetaData, Table, Text, create_engine, func, insert, select, text

#: Columns of a front-end table beside the data.
KEY: Final = "id"
WRITTEN: Final = "写入前置库时间"
OPERATION: Final = "增删改标志"
SWITCH: Final = "交换开关"
STATE: Final = "处理状态"


def rows_of(file: Path) -> pl.DataFrame:
    """The rows of a CSV that a department wrote, all text."""
    content = file.read_bytes()
    try:
        decoded = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        decoded = content.decode("gb18030")
    return pl.read_csv(decoded.replace("\r\n", "\n").encode(), infer_schema=False)


def put(url: str, name: str, file: Path) -> None:
    """Put the rows of a file into a new table of a front-end database, unless it is there."""
    rows = rows_of(file)
    engine = create_engine(url)
    table = Table(
        name,
        MetaData(),
        Column(KEY, Integer, primary_key=True, autoincrement=False),
        *(Column(column, Text) for column in (*rows.columns, WRITTEN, OPERATION, SWITCH, STATE)),
        mysql_charset="utf8mb4",
    )
    with engine.begin() as connection:
        table.create(connection, checkfirst=True)
        if not connection.execute(select(func.count()).select_from(table)).scalar_one():
            beside = {WRITTEN: "2026-10-31 20:00:00", OPERATION: "i", SWITCH: "0", STATE: "0"}
            numbered = enumerate(rows.iter_rows(named=True), 1)
            connection.execute(insert(table), [{KEY: number, **row, **beside} for number, row in numbered])
    engine.dispose()


def make_database(url: str, name: str) -> None:
    """Make an empty database on a PostgreSQL, unless it is there."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        known = connection.execute(text("select 1 from pg_database where datname = :name"), {"name": name})
        if known.first() is None:
            connection.execute(text(f'create database "{name}"'))
    engine.dispose()


def from_table(url: str, name: str) -> dict[str, Any]:
    """How the hub fetches such a table, as the file of sources says it."""
    return {
        "kind": "database",
        "url": url,
        "table": name,
        "mode": "incremental",
        "key": [KEY],
        "written": WRITTEN,
        "written_format": "%Y-%m-%d %H:%M:%S",
        "overlap_hours": 0,
        "operation": {"from": OPERATION, "write": ["i", "u"], "delete": ["d"]},
        "switch": {"column": SWITCH, "on": ["0"]},
        "processed": {"column": STATE, "loaded": "1", "rejected": "2"},
    }


@contextmanager
def service(file: Path) -> Iterator[dict[str, Any]]:
    """A service on the loopback that answers with the rows of a file, a page at a time; how the hub fetches it."""
    rows, token = rows_of(file).to_dicts(), secrets.token_urlsafe(16)

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.headers.get("Authorization") != f"Bearer {token}":
                return self._say(401, {"code": "-1"})
            asked = {name: values[-1] for name, values in parse_qs(urlsplit(self.path).query).items()}
            size = int(asked["pageSize"])
            first = (int(asked["pageNum"]) - 1) * size
            return self._say(200, {"code": "0", "data": {"total": len(rows), "list": rows[first : first + size]}})

        def _say(self, status: int, answer: dict[str, Any]) -> None:
            body = json.dumps(answer, ensure_ascii=False).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:  # the department's own log is not the demonstration's matter
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield {
            "kind": "http",
            "url": f"http://127.0.0.1:{server.server_port}/couriers",
            "records": "data.list",
            "total": "data.total",
            "unique": False,  # some of its rows stand twice, as in the file
            "success": {"path": "code", "values": ["0"]},
            "paging": {"kind": "pages", "rows": 200},
            "auth": {"kind": "bearer", "token": token},
        }
    finally:
        server.shutdown()
        server.server_close()
