"""What the world asks of one chain, whatever its node is."""

from dataclasses import dataclass
from typing import Protocol

from bot.sandbox.anvil import AnvilAbsentError, AnvilError
from bot.sandbox.coin_node import CoinNodeAbsentError, CoinNodeError

#: What a chain's calls raise when its node refuses, and when it does not answer (which are among the former).
REFUSALS = (AnvilError, CoinNodeError)
ABSENCES = (AnvilAbsentError, CoinNodeAbsentError)
#: `Lying.confirmations` goes no further than this.
CONFIRMATIONS_MAX = 30


@dataclass(frozen=True)
class Lying:
    """What lies at an address, in minor units: in the newest block, and what comes with the next.

    Confirmations count the blocks since the newest of it came, that one included, 30 at most; 0 without money.
    """

    minor: int
    confirmations: int
    pending_minor: int


class Chain(Protocol):
    """One chain and its faucet. Amounts are minor units; every call may raise one of `REFUSALS`."""

    name: str
    asset: str
    decimals: int
    #: The node's name among the processes.
    process: str

    async def height(self) -> int:
        """The number of the newest block."""

    async def pending_count(self) -> int:
        """How many transactions wait for the next block."""

    async def mine(self, blocks: int) -> int:
        """Mines blocks and returns the new height."""

    async def reorganise(self, depth: int) -> int:
        """Replaces the newest `depth` blocks by empty ones and returns the new height.

        What they paid is in no block and no pool any more.
        """

    async def pay(self, address: str, minor: int) -> str:
        """Pays out of the faucet and returns the txid; raises `HookError` for what is no address."""

    async def lying_at(self, address: str) -> Lying:
        """Looks at an address; raises `HookError` for what is no address."""

    async def close(self) -> None:
        """Closes the connections to the node."""
