"""Which failpoints a chain has, and what must happen in a world so that a worker comes to one."""

from __future__ import annotations

from enum import Flag, auto
from typing import Final

from payout_worker.failpoints import declared
from wallet_core.domain.money import Asset

#: Modules that only a worker on Ethereum reaches: nonces, gas, and balances.
_ETHER_ONLY: Final = frozenset(
    (
        "balance_credit", "deposits", "ether_levels", "ether_sweeps", "ethereum", "failed_payouts", "gas", "multi_send",
        "scan", "transfers", "watched",
    )
)  # fmt: skip
_COINS_ONLY: Final = frozenset(("arrivals", "bitcoin_like", "coin_deposits", "coin_levels", "coin_sweeps", "coins"))
#: How the modules begin that only a rail without a chain reaches.
_OWN: Final = {Asset.USD: ("card_",), Asset.ITD: ("mass_", "unclaimed:", "recurring:")}
#: Calls that only one kind of chain makes, in modules that are for all.
_CHAINS_OF_CALL: Final = {
    "spends:node.nonce": (Asset.ETH,),
    "spends:node.sends": (Asset.BTC, Asset.LTC),
    "spends:node.watch": (Asset.BTC, Asset.LTC),
    "spends:node.block_hash": (Asset.BTC, Asset.LTC),
    "window:node.watch_range": (Asset.BTC, Asset.LTC),
    # Only there fees are raised by children.
    "settle_batch:node.spender": (Asset.LTC,),
}


class Needs(Flag):
    """What must happen beside plain payouts and new blocks."""

    NOTHING = 0
    #: A quote that ran out, and one whose price ran away.
    REQUOTE = auto()
    #: Terms that somebody changed.
    TAMPERING = auto()
    #: Invoices and payments of all kinds.
    PURCHASES = auto()
    #: No blocks for a while, so that fees are raised.
    WAITING = auto()
    #: The node loses its pool.
    FORGETTING = auto()
    #: The newest blocks leave the chain.
    REORGANISATION = auto()
    #: Final blocks leave the chain, which freezes the hot wallet.
    DEEP_REORGANISATION = auto()
    #: Another worker, with a state folder of its own, takes over.
    ANOTHER_WORKER = auto()
    #: A payout is said to be in a batch that is not there.
    STRAY = auto()
    #: Nothing that is sent reaches the node.
    SILENCE = auto()
    #: No watched address is left for the next purchase.
    USED_UP = auto()
    #: Somebody else uses what was ours, which freezes the hot wallet.
    FOREIGN_SPEND = auto()
    #: Credited deposits, and a worker that moves them to the hot wallet.
    SWEEPS = auto()
    #: A hot wallet above its ceiling, and people who were told that it is short.
    LEVELS = auto()
    #: Payments that were credited, or lie aside, leave the chain; see ``purchases.reversals``.
    REVERSAL = auto()
    #: A payment that was seen waits in no pool any more.
    UNPOOLED = auto()
    #: The contract that pays many at once.
    CONTRACT = auto()
    #: The code at an address takes nothing any more once its payout is in a batch.
    FAILING = auto()


_PURCHASES: Final = (
    "above_limit", "arrivals", "balance_credit", "coin_deposits", "credit", "debts", "deposits", "expiry", "holds",
    "release", "scan", "too_small", "transfers", "watched", "window",
)  # fmt: skip
_BY_MODULE: Final = {
    **dict.fromkeys(_PURCHASES, Needs.PURCHASES),
    **dict.fromkeys(("coin_sweeps", "ether_sweeps", "form_sweep", "end_sweep"), Needs.SWEEPS),
    "sweeps": Needs.SWEEPS | Needs.WAITING,
    **dict.fromkeys(("coin_levels", "ether_levels", "form_own", "end_own"), Needs.LEVELS),
    "raise_alarm": Needs.TAMPERING,
    "bump_fee": Needs.WAITING,
    "spends": Needs.ANOTHER_WORKER,
    "reorganised": Needs.REORGANISATION,
    "multi_send": Needs.CONTRACT,
    "failed_payouts": Needs.CONTRACT | Needs.FAILING,
    **dict.fromkeys(("case_lapse", "take_back"), Needs.REVERSAL),
}
_BY_CALL: Final = {
    "admission:rates.rate": Needs.REQUOTE,
    "admission:ledger.post": Needs.REQUOTE,
    "bitcoin_like:node.spender": Needs.FORGETTING,
    "broadcast_batch:node.heights": Needs.SILENCE,
    "broadcast_batch:node.inclusion": Needs.WAITING,
    "level:ledger.post": Needs.LEVELS,
    "level:store.find": Needs.LEVELS,
    "settle_batch:node.block_hash": Needs.REORGANISATION,
    "spends:node.watch": Needs.NOTHING,
    "spends:signer.signed_count": Needs.NOTHING,
    "strays:store.find": Needs.STRAY,
    "strays:store.get": Needs.STRAY,
    "ethereum:node.inclusion": Needs.FOREIGN_SPEND,
    "window:ledger.post": Needs.USED_UP,
    "settled:node.inclusion": Needs.DEEP_REORGANISATION,
    "coin_deposits:store.now": Needs.UNPOOLED,
    "deposits:node.nonce": Needs.PURCHASES | Needs.SWEEPS,
    "deposits:store.find": Needs.REVERSAL,
    "transfers:node.inclusion": Needs.REVERSAL,
}
#: Points that no life of a campaign comes to, and why.
UNREACHED: Final = {
    "settle_batch:node.spender": "a child that is lost while its parent is mined; the tests of the step have it",
}
#: What pays, and so is killed a second time in worlds where the contract pays.
_PAYING: Final = frozenset(
    (
        "admission", "broadcast_batch", "bump_fee", "confirm_batch", "ethereum", "failed_payouts", "form_batch",
        "multi_send", "open_rail", "payouts_of", "reorganised", "settle_batch", "sign_batch",
    )
)  # fmt: skip
FREEZING: Final = Needs.DEEP_REORGANISATION | Needs.FOREIGN_SPEND
LEAVING: Final = Needs.REVERSAL | Needs.UNPOOLED


def points_of(asset: Asset) -> list[str]:
    """Every failpoint that a worker on this chain can come to.

    For dollars those of the card rail's own modules; for ITD those of mass sends, of money that waits, and of sends
    that come again.
    """
    if asset in _OWN:
        return [point for point in declared() if point.startswith(_OWN[asset])]
    others = _COINS_ONLY if asset is Asset.ETH else _ETHER_ONLY
    elsewhere = tuple(start for own in _OWN.values() for start in own)
    points = (p for p in declared() if p.partition(":")[0] not in others and not p.startswith(elsewhere))
    return [point for point in points if asset in _CHAINS_OF_CALL.get(call_of(point), (asset,))]


def points_of_contract() -> list[str]:
    """Every failpoint of the steps that pay, where a worker on Ethereum pays several at a time by the contract."""
    elsewhere = {*UNREACHED, "ethereum:node.gas_for"}
    usual = (point for point in points_of(Asset.ETH) if call_of(point) not in elsewhere)
    return [p for p in usual if p.partition(":")[0] in _PAYING and not needs_of(p) & (FREEZING | LEAVING)]


def call_of(point: str) -> str:
    """The call that a point stands before or after."""
    return point.rpartition(":")[0]


def needs_of(point: str) -> Needs:
    """What a worker must meet to come to this point."""
    call = call_of(point)
    return _BY_CALL.get(call, _BY_MODULE.get(call.partition(":")[0], Needs.NOTHING))
