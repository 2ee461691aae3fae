"""The chains of the sandbox's world: ether on anvil, bitcoin and litecoin on nodes in regtest.

`LocalChains` is the world's part; it drives `Ether` and `Coins`, one of each chain.
"""

from bot.sandbox.chains.chain import Chain
from bot.sandbox.chains.coins import Coins
from bot.sandbox.chains.ether import Ether
from bot.sandbox.chains.local_chains import LocalChains

__all__ = ["Chain", "Coins", "Ether", "LocalChains"]
