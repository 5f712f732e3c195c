"""The three businesses, one module each, as a `Grammar`.

Add here: a module with a `GRAMMAR`, and its line in `GRAMMARS`. Keep out: how a grammar becomes events.
"""

from sample_data.businesses import repair, shop, travel
from sample_data.grammar import Grammar

GRAMMARS: dict[str, Grammar] = {
    "repair": repair.GRAMMAR,
    "travel": travel.GRAMMAR,
    "shop": shop.GRAMMAR,
}
