"""What must be true in the end: the chain compared with what was asked for, the books with themselves and the chain."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wallet_core.domain.accounts import Side
from wallet_core.domain.journal import JournalRecord
from wallet_core.domain.ledger import Balance
from wallet_core.domain.payout import Withdrawal

if TYPE_CHECKING:
    from tests.faults.world import World


@dataclass
class Verdict:
    """What is wrong; nothing, when all is as it must be."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return not (self.lost or self.doubled or self.wrong or self.gaps)


async def judge(world: World, withdrawals: Sequence[Withdrawal], still_held_minor: int = 0) -> Verdict:
    """Exactly these withdrawals must have been paid, each once, and so much ITD must still be held."""
    paid = await world.paid()
    stored_minor = sum(paid.pop(world.environment.get(f"{world.asset}_SWEEP_COLD_ADDRESS", ""), []))
    wanted = {w.address: w.coin_minor for w in withdrawals}
    verdict = Verdict(
        lost=[address for address in wanted if address not in paid],
        doubled=[address for address, amounts in paid.items() if len(amounts) > 1],
        wrong=[address for address, amounts in paid.items() if wanted.get(address) != amounts[0]],
    )
    verdict.gaps += [f"{asset} sums to {total}" for asset, total in (await _sums(world)).items() if total]
    if stored_minor != (booked_minor := await _stored(world)):
        verdict.gaps.append(f"the cold wallet got {stored_minor} on the chain and {booked_minor} in the books")
    held = await _held(world)
    if held != still_held_minor:
        verdict.gaps.append(f"{held} is held, not {still_held_minor}")
    hot, on_chain = await world.balance(f"{world.asset}:hot"), await world.chain.balance(world.hot)
    if hot != on_chain:
        verdict.gaps.append(f"the hot wallet has {on_chain} on the chain and {hot} in the books")
    return verdict


async def _sums(world: World) -> Counter[str]:
    """Debits less credits of every asset over the whole journal."""
    sums: Counter[str] = Counter()
    for record in await world.ports.store.find(JournalRecord, {}, limit=100_000):
        for entry in record.entries:
            asset = entry.account.partition(":")[0]
            sums[asset] += entry.amount_minor if entry.side is Side.DEBIT else -entry.amount_minor
    return sums


async def _stored(world: World) -> int:
    """What left the hot wallet for the cold one, by the journal."""
    records = await world.ports.store.find(JournalRecord, {"kind": "surplus_stored"}, limit=100_000)
    return sum(int(record.facts["stored_minor"]) for record in records)


async def _held(world: World) -> int:
    balances = await world.ports.store.find(Balance, {}, limit=10_000)
    return sum(balance.balance_minor for balance in balances if balance.id.endswith(":held"))
