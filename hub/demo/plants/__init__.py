"""What is planted: for every rule cases to find, near misses not to, and what it can only call unknown. No I/O.

One module a rule file, by the file's name. Its `plant(pad, turn)` is called `times` over with `turn` counting up, so
that places, months and sizes vary; the cases name the rule's id. A case that other rules see too says so in each rule's
name.
"""

from importlib import import_module
from pkgutil import iter_modules

from hub.demo.chance import Chance
from hub.demo.planting import Planting

#: The rule files for which something is planted, by name.
PLANTED = tuple(sorted(module.name for module in iter_modules(__path__)))


def plant(persons: int, chance: Chance) -> Planting:
    """Two of every kind, one more for each ten thousand persons above twenty thousand."""
    pad = Planting(chance)
    modules = [import_module(f"{__name__}.{name}").plant for name in PLANTED]
    for turn in range(max(2, persons // 10_000)):
        for each in modules:
            each(pad, turn)
    return pad
