"""Runs migrations as the owner, in one transaction a revision."""

from alembic import context
from sqlalchemy import create_engine, make_url
from sqlalchemy.schema import SchemaItem

from hub.store import metadata, owner_url, queue, roles, views

#: Harmless on a plain PostgreSQL; on Citus they let one migration touch distributed and reference tables.
OPTIONS = (
    "-c timezone=UTC -c citus.multi_shard_modify_mode=sequential -c citus.enable_local_reference_table_foreign_keys=off"
)


def include(_item: SchemaItem, name: str | None, kind: str, reflected: bool, _compared: SchemaItem | None) -> bool:
    """Leave out partitions: they come with their parent."""
    return not (kind == "table" and reflected and name is not None and "_in_" in name)


def run() -> None:
    url = context.config.get_main_option("sqlalchemy.url") or owner_url()
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"), connect_args={"options": OPTIONS})
    with engine.begin() as connection:
        views.drop(connection)
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=metadata,
            include_object=include,
            compare_type=True,
            compare_server_default=False,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()
    with engine.begin() as connection:
        roles.grant(connection)
        views.create(connection)
        queue.make(connection)
    engine.dispose()


run()
