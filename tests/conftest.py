"""Fixtures of every test: see ``postgres``. What a city sets for itself, the demonstration's city has set."""

import os

from mariadb import mariadb
from postgres import database, fresh_database, keyring, server, template

from hub import demo

os.environ["HUB_PARAMETERS"] = str(demo.PARAMETERS)

__all__ = ["database", "fresh_database", "keyring", "mariadb", "server", "template"]
