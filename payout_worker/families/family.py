"""The protocol of a family of chains, and what it answers with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from payout_worker.ports import Order, WorkerPorts
from payout_worker.tenure import Tenure
from wallet_core.domain.chain import Heights, Inclusion
from wallet_core.domain.hot_wallet import Level
from wallet_core.domain.payout import Attempt, Batch, Withdrawal
from wallet_core.domain.purchase import Rail
from wallet_core.domain.record import Change


@dataclass(frozen=True, slots=True)
class Room:
    """What a batch that is formed now may use: coins that nobody has a claim to, what each payout costs on top."""

    available_minor: int
    cost_minor: int
    most_payouts: int
    #: What a unit of gas or a virtual byte is offered.
    price_minor: int = 0
    #: On Ethereum, the contract that pays many at once, if it may be used.
    contract: str = ""


@dataclass(frozen=True, slots=True)
class Allotted:
    """A batch that was given its nonce or its coins, and the changes that make it so."""

    batch: Batch
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Refusing:
    """Payouts whose addresses would take nothing, and the others must be asked for again.

    They are returned, unless they were asked ``in_company``: the contract lets code use less gas than a transfer of its
    own, and is another caller. Then each is to be asked by itself.
    """

    payouts: tuple[Withdrawal, ...]
    in_company: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """A transaction to be signed, and what it offers for a unit of gas, with the tip within it, or a virtual byte."""

    order: Order
    price_minor: int
    tip_minor: int = 0


class Family(Protocol):
    """How chains of one family are paid on. It signs nothing, sends nothing and posts nothing but alarms."""

    async def room(self, ports: WorkerPorts, tenure: Tenure) -> Room:
        """What there is. Raises ``Refused(RAIL_OFF)`` with ``waits_for`` while nothing at all can be formed."""

    async def allot(
        self, ports: WorkerPorts, tenure: Tenure, rail: Rail, room: Room, payouts: Sequence[Withdrawal]
    ) -> Allotted | Refusing:
        """A batch of payouts, unless some of them would not be taken: then nothing was given to any yet.

        Raises ``Refused`` RAIL_OFF, HOT_WALLET_SHORT or NODE_UNCLEAR.
        """

    async def sweeps(self, ports: WorkerPorts, tenure: Tenure) -> Sequence[Allotted]:
        """Sweeps of the deposits that are worth it at the fees of now, none of them formed yet.

        Raises ``Refused(RAIL_OFF)`` with ``waits_for`` while nothing at all can be formed.
        """

    async def free(self, ports: WorkerPorts) -> int:
        """What the hot wallet has, less all that batches under way may still take."""

    async def surplus(self, ports: WorkerPorts, tenure: Tenure, rail: Rail, level: Level) -> Allotted | None:
        """What the hot wallet has above its level, for the cold wallet; None while there is none, or fees are high.

        Never coins that payouts wait for. Raises ``Refused``: RAIL_OFF with ``waits_for``, or NODE_UNCLEAR.
        """

    async def small(self, ports: WorkerPorts, tenure: Tenure, rail: Rail, level: Level) -> Allotted | None:
        """Many small coins that become few, back to the hot wallet; None while they are few, or fees are high."""

    async def plan(
        self, ports: WorkerPorts, batch: Batch, payouts: Sequence[Withdrawal], attempts: Sequence[Attempt]
    ) -> Plan | None:
        """The transaction of the kind that the batch wants; ``payouts`` in the batch's order, none for a no-op.

        None when what was wanted on top of the earlier ``attempts`` cannot be made within the ceilings of now. Raises
        ``Refused(RAIL_OFF)`` while fees are above the ceiling.
        """

    async def check(self, ports: WorkerPorts, raw: bytes) -> None:
        """Raises ``InvariantViolated`` for a signed transaction that the node would never take."""

    async def raised(
        self, ports: WorkerPorts, tenure: Tenure, batch: Batch, attempts: Sequence[Attempt]
    ) -> tuple[Change, ...] | None:
        """The changes by which an unmined batch wants an attempt that offers more; None when it may not."""

    async def lost(self, ports: WorkerPorts, batch: Batch, attempts: Sequence[Attempt], heights: Heights) -> bool:
        """Whether a final block used the batch's nonce or coins for something that is none of its attempts."""

    def needs(self, ports: WorkerPorts, batch: Batch, payouts: Sequence[Withdrawal]) -> int:
        """Confirmations after which the batch is settled."""

    def fee(self, attempt: Attempt, found: Inclusion) -> int:
        """What the network took for an attempt in the chain, in minor units."""
