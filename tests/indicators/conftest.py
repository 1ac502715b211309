"""Fixtures of the indicators' tests: see ``indicator_city``."""

from indicator_city import city

__all__ = ["city"]
