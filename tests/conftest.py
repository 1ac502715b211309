"""Fixtures of every test: see ``postgres``."""

from mariadb import mariadb
from postgres import database, fresh_database, keyring, server, template

__all__ = ["database", "fresh_database", "keyring", "mariadb", "server", "template"]
