"""What the sandbox needs of the world outside the chat, as protocols; a part that is None is not shown.

Amounts are decimal strings in coins ("0.015"), never floats. Everything answered is JSON for the page.
"""

from dataclasses import dataclass, field
from typing import Any, Protocol

from bot.sandbox.ticker import PriceBoard

Json = dict[str, Any]


class HookError(Exception):
    """The part cannot do what was asked; the message is shown to the person."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


class Chains(Protocol):
    """The local chains, by their short names "btc", "ltc", "eth"."""

    async def state(self) -> list[Json]:
        """One object a chain: `chain`, `height`, `running`, and what else is worth showing."""

    async def mine(self, chain: str, blocks: int) -> Json:
        """Mines blocks and answers the new `height`."""

    async def send(self, chain: str, address: str, amount: str) -> Json:
        """Pays an address out of the faucet and answers the `txid`."""

    async def received(self, chain: str, address: str) -> Json:
        """What an address got: `amount`, `confirmations`, …"""

    async def reorg(self, chain: str, depth: int) -> Json:
        """Replaces the newest blocks by empty ones."""


class Ticker(Protocol):
    """The rates that the wallet reads, of several sources."""

    async def prices(self) -> list[Json]:
        """One object an asset: `asset`, `price` in USD as a decimal string."""

    async def sources(self) -> list[Json]:
        """One object a source: `source`, its own `prices` by asset, `age` in seconds, `off`."""

    async def set_price(self, asset: str, price: str, source: str | None = None) -> Json:
        """Sets the price of one coin in USD, of one source alone or of all."""

    async def set_source(self, source: str, age: int | None = None, off: bool | None = None) -> Json:
        """Makes a source's prices old, or the source silent; answers the source."""


class Processes(Protocol):
    """The sandbox's processes."""

    async def state(self) -> list[Json]:
        """One object a process: `name`, `state`, `pid`, …"""

    async def act(self, name: str, action: str) -> Json:
        """Sends SIGTERM, SIGINT, SIGUSR2 or SIGKILL, or does `start`; answers the process."""


class Admins(Protocol):
    """Who may use the admin commands."""

    async def make_admin(self, user: int, role: str) -> Json:
        """Gives a person a role: "support", "finance" or "owner"."""


class Cards(Protocol):
    """The stand-in for the card company."""

    async def sessions(self) -> list[Json]:
        """The checkout sessions, the newest first: `id`, `state`, `amount`, `url`, `actions`, …"""

    async def act(self, session: str, action: str, body: Json) -> Json:
        """Does one of the session's `actions`, such as `pay`, `decline` or `refund`; answers the session."""


class Overview(Protocol):
    """The books and the payout queue, for looking at."""

    async def totals(self) -> Json:
        """Any nested object; the page draws it as tables."""


@dataclass(frozen=True)
class World:
    """The parts that the control API hands its calls to."""

    chains: Chains | None = None
    ticker: Ticker | None = field(default_factory=PriceBoard)
    processes: Processes | None = None
    admins: Admins | None = None
    cards: Cards | None = None
    overview: Overview | None = None
