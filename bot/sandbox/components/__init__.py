"""The outside programs that the sandbox and the tests run against, found or fetched.

`python -m bot.sandbox.components ensure` gets all of them; `ensure(COMPONENTS["anvil"], say)` one.
"""

from bot.sandbox.components.anvil import ANVIL
from bot.sandbox.components.cache import cache_dir, ensure
from bot.sandbox.components.chromium import CHROMIUM
from bot.sandbox.components.coin_nodes import BITCOIND, LITECOIND
from bot.sandbox.components.component import Component, MissingComponentError, Say
from bot.sandbox.components.mongod import MONGOD
from bot.sandbox.components.npm import NPM
from bot.sandbox.components.solc import SOLC

#: Every component by its name, in the order in which they are fetched.
COMPONENTS = {component.name: component for component in (MONGOD, ANVIL, BITCOIND, LITECOIND, CHROMIUM, NPM, SOLC)}
#: npm is only a means, and solc is for one test: they are fetched when something else needs them.
WANTED_BY_DEFAULT = (MONGOD.name, ANVIL.name, BITCOIND.name, LITECOIND.name, CHROMIUM.name)

__all__ = ["COMPONENTS", "WANTED_BY_DEFAULT", "Component", "MissingComponentError", "Say", "cache_dir", "ensure"]
