"""See ``office``."""

from office import office

__all__ = ["office"]
