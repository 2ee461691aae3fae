"""Ethereum: transactions are told apart by the hot wallet's nonce. Amounts in wei.

Each pays one payout, or, by a call of our contract, many.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Final

from payout_worker.families.ether_levels import ether_surplus, free_ether, promised_minor, surplus_order
from payout_worker.families.ether_sweeps import ceiling_of, ether_sweeps, plan_of
from payout_worker.families.family import Allotted, Plan, Refusing, Room
from payout_worker.families.gas import above, an_eighth_more, ceiling_for, gas_limit, offer
from payout_worker.families.multi_send import call_of, contract_of, refusing
from payout_worker.ports import NonceNode, NonceOrder, RailPorts
from payout_worker.steps.raise_alarm import raise_alarm
from payout_worker.tenure import Tenure
from wallet_core.domain.chain import GAS_CEILING, TRANSFER_GAS, Heights, Inclusion
from wallet_core.domain.changes import Advance
from wallet_core.domain.errors import InvariantViolated, Reason, Refused
from wallet_core.domain.hot_wallet import Level
from wallet_core.domain.multi_send import GAS_IN_ALL, GAS_PER_PAYOUT, MultiSend, most_gas, most_payouts
from wallet_core.domain.payout import Attempt, AttemptKind, Batch, BatchState, Withdrawal, move_batch
from wallet_core.domain.purchase import Rail
from wallet_core.domain.record import Change
from wallet_core.domain.reservation import Reservation, Reserve
from wallet_core.ports import Where

#: How many unmined transactions of one sender geth keeps for certain (its option ``--txpool.accountslots``).
MOST_UNCONFIRMED: Final = 16
_UNCONFIRMED: Final = (BatchState.FORMED, BatchState.SIGNED, BatchState.BROADCAST)

Ports = RailPorts[NonceNode]


class Ethereum:
    """See ``Family``."""

    async def room(self, ports: Ports, tenure: Tenure) -> Room:
        """See ``Family.room``: the balance less everything under way, at the highest fee.

        What was mined since the pass began counts twice: a payout may wait for the next pass, nothing is given twice.
        """
        ceiling_minor = ceiling_for(ports.settings)
        offered = offer(await ports.node.fees(), ceiling_minor)
        open_batches = await ports.store.find(Batch, _unconfirmed(ports), limit=MOST_UNCONFIRMED)
        if len(open_batches) >= MOST_UNCONFIRMED:
            raise Refused(Reason.RAIL_OFF, waits_for="confirmations")
        used = await promised_minor(ports, open_batches)
        used += sum(batch.gas_limit * ceiling_for(ports.settings, batch.gas_limit) for batch in open_batches)
        balance = await ports.node.balance(ports.signer.address)
        contract = await contract_of(ports, tenure)
        most = most_payouts(ports.settings.eth_max_batch_fee_minor, ceiling_minor) if contract else 1
        if most < 2:
            return Room(balance - used, GAS_CEILING * ceiling_minor, 1, offered.max_fee_minor)
        free_minor, each_minor = balance - used - GAS_IN_ALL * ceiling_minor, GAS_PER_PAYOUT * ceiling_minor
        return Room(free_minor, each_minor, most, offered.max_fee_minor, contract)

    async def allot(
        self, ports: Ports, tenure: Tenure, rail: Rail, room: Room, payouts: Sequence[Withdrawal]
    ) -> Allotted | Refusing:
        """See ``Family.allot``: the next nonce, for ever, unless a simulation shows that code takes nothing.

        The contract is for more than one: by itself a payout is cheaper, and may use more gas.
        """
        id_, sender = secrets.token_hex(12), ports.signer.address
        if len(payouts) > 1:
            call, gas = call_of(room.contract, id_, payouts), most_gas(len(payouts))
            if found := await refusing(ports, call, payouts, room.price_minor):
                return found
        else:
            (payout,), call = payouts, None
            estimate = await ports.node.gas_for(sender, payout.address, payout.coin_minor, room.price_minor)
            if estimate is None:
                return Refusing((payout,))
            gas = gas_limit(estimate)
        batch = Batch(
            id=id_,
            asset=ports.asset,
            state=BatchState.FORMED,
            payouts=tuple(payout.id for payout in payouts),
            sender=sender,
            gas_limit=gas,
            contract=call.contract if call else "",
        )
        return await _with_next_nonce(ports, tenure, rail, batch)

    async def sweeps(self, ports: Ports, tenure: Tenure) -> Sequence[Allotted]:
        """See ``Family.sweeps``."""
        return await ether_sweeps(ports, tenure)

    async def free(self, ports: Ports) -> int:
        """See ``Family.free``."""
        return await free_ether(ports)

    async def surplus(self, ports: Ports, tenure: Tenure, rail: Rail, level: Level) -> Allotted | None:
        """See ``Family.surplus``: with the hot wallet's next nonce, as any payout, and as few of them unmined."""
        if await ports.store.count(Batch, _unconfirmed(ports)) >= MOST_UNCONFIRMED:
            return None
        batch = await ether_surplus(ports, level)
        return None if batch is None else await _with_next_nonce(ports, tenure, rail, batch)

    async def small(self, ports: Ports, tenure: Tenure, rail: Rail, level: Level) -> Allotted | None:
        """See ``Family.small``: a balance has no coins."""
        return None

    async def plan(
        self, ports: Ports, batch: Batch, payouts: Sequence[Withdrawal], attempts: Sequence[Attempt]
    ) -> Plan:
        """See ``Family.plan``: the fees of now, unless the batch says what a raise needs."""
        if batch.sweep:
            return plan_of(ports, batch, attempts)
        price_minor, tip_minor = batch.price_minor, batch.tip_minor
        if not price_minor:
            gas = TRANSFER_GAS if batch.wants is AttemptKind.NO_OP else batch.gas_limit
            ceiling_minor = ceiling_for(ports.settings, gas)
            offered = above(offer(await ports.node.fees(), ceiling_minor), attempts, ceiling_minor)
            price_minor, tip_minor = offered.max_fee_minor, offered.tip_minor
        if batch.nonce is None:
            raise InvariantViolated(f"batch {batch.id} has no nonce")
        if batch.wants is AttemptKind.SWEEP:
            return Plan(surplus_order(ports, batch, attempts, price_minor, tip_minor), price_minor, tip_minor)
        pays = batch.wants is AttemptKind.PAYMENT
        payout = payouts[0] if pays and not batch.contract else None
        many = call_of(batch.contract, batch.id, payouts) if pays and batch.contract else None
        to, value_minor = _target(batch, payout, many)
        order = NonceOrder(
            payout=payout.id if payout else None,
            nonce=batch.nonce,
            to=to,
            value_minor=value_minor,
            gas_limit=batch.gas_limit if pays else TRANSFER_GAS,
            max_fee_minor=price_minor,
            tip_minor=tip_minor,
            many=many,
        )
        return Plan(order, price_minor, tip_minor)

    async def check(self, ports: Ports, raw: bytes) -> None:
        """See ``Family.check``: the simulation came before the nonce was given, and a nonce must be used."""

    async def raised(
        self, ports: Ports, tenure: Tenure, batch: Batch, attempts: Sequence[Attempt]
    ) -> tuple[Change, ...] | None:
        """See ``Family.raised``: both fees by an eighth at least, or nodes may refuse it (geth: a tenth)."""
        newest = attempts[-1]
        gas = TRANSFER_GAS if newest.kind is AttemptKind.NO_OP else batch.gas_limit
        ceiling = await ceiling_of(ports, batch, ceiling_for(ports.settings, gas))
        if an_eighth_more(newest.price_minor) > ceiling:
            return None
        try:
            offered = offer(await ports.node.fees(), ceiling, patient=batch.sweep)
        except Refused:
            return None
        offered = above(offered, [newest], ceiling)
        wanted = {"wants": newest.kind, "price_minor": offered.max_fee_minor, "tip_minor": offered.tip_minor}
        return (move_batch(batch.id, BatchState.BROADCAST, BatchState.BROADCAST, **wanted),)

    async def lost(self, ports: Ports, batch: Batch, attempts: Sequence[Attempt], heights: Heights) -> bool:
        """See ``Family.lost``."""
        # In this order: a nonce that a final block had used before the look-up must show up in it.
        used = await ports.node.nonce(batch.sender, max(0, heights.final(ports.final_depth)))
        if batch.nonce is None or used <= batch.nonce:
            return False
        for attempt in attempts:
            if await ports.node.inclusion(attempt.txid) is not None:
                return False
        return True

    def needs(self, ports: Ports, batch: Batch, payouts: Sequence[Withdrawal]) -> int:
        """See ``Family.needs``: nothing is settled before it is final."""
        return ports.final_depth + 1

    def fee(self, attempt: Attempt, found: Inclusion) -> int:
        """See ``Family.fee``: the receipt tells what the gas was."""
        return found.fee_minor


def _target(batch: Batch, payout: Withdrawal | None, many: MultiSend | None) -> tuple[str, int]:
    """Where a transaction of a batch leads, with how much: a no-op to ourselves, with nothing."""
    if many is not None:
        return many.contract, many.value_minor
    return (payout.address, payout.coin_minor) if payout else (batch.sender, 0)


def _unconfirmed(ports: Ports) -> Where:
    """Which batches of the hot wallet are in no block, as far as this worker knows."""
    return {"asset": ports.asset, "state": _UNCONFIRMED, "sender": ports.signer.address}


async def _with_next_nonce(ports: Ports, tenure: Tenure, rail: Rail, batch: Batch) -> Allotted:
    """A batch with the hot wallet's next nonce, for ever."""
    nonce = await _next_nonce(ports, tenure, rail)
    reserved = Reservation(id=f"{tenure.lease}:{nonce}", asset=ports.asset, batch=batch.id)
    changes = (Advance(Rail, ports.asset, "next_nonce", rail.next_nonce, nonce + 1), Reserve(reserved))
    return Allotted(batch.model_copy(update={"nonce": nonce}), changes)


async def _next_nonce(ports: Ports, tenure: Tenure, rail: Rail) -> int:
    """Our own count. The chain's is asked at ``latest``, never at ``pending``, which forgets what left the pool."""
    latest = await ports.node.nonce(ports.signer.address)
    own_batches = {"asset": ports.asset, "sender": ports.signer.address}
    if not await ports.store.find(Batch, own_batches, limit=1):
        return max(rail.next_nonce, latest)
    if latest > rail.next_nonce:
        # Somebody else signs with our key, or this database is an old backup.
        # Nothing is formed while it is so, also after somebody cleared it.
        subject = f"{ports.signer.address}:{latest}"
        await raise_alarm(ports, tenure, "nonce_ahead", subject, freeze=True, daily=True)
        raise Refused(Reason.RAIL_OFF, waits_for="rail")
    return rail.next_nonce
