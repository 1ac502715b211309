"""Fixtures of every test: see ``postgres``."""

from postgres import database, fresh_database, keyring, server, template

__all__ = ["database", "fresh_database", "keyring", "server", "template"]
