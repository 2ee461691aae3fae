"""The receipt of a withdrawal, edited in place from the request to the end, and the list of those under way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from bot.actions import Action
from bot.views import keyboards
from bot.views.card import Button, Card, Row
from bot.views.networks import network
from bot.views.policies import named_rule, policy_sentence
from bot.views.words import Html, Words
from wallet_core.domain.money import Asset
from wallet_core.domain.receipts import WithdrawalStep
from wallet_core.use_cases.show_withdrawals import WithdrawalsPage

Facts = Mapping[str, Any]

_CAN_BE_STOPPED: Final = frozenset({WithdrawalStep.REVIEW, WithdrawalStep.QUEUED})
_HAS_FEE_RATE: Final = frozenset(
    {WithdrawalStep.BROADCAST, WithdrawalStep.BUMPED, WithdrawalStep.UNKNOWN, WithdrawalStep.CONFIRMED}
)
_WEI_PER_GWEI: Final = 10**9


def withdrawal(_: Words, facts: Facts) -> Card:
    """The receipt at its present step, with whatever is known of it."""
    step, asset = WithdrawalStep(facts["step"]), Asset(facts["asset"])
    lines = (
        _heading(_, facts, asset),
        status(_, facts),
        _told(_, facts),
        _for_what(_, facts, asset),
        _("Network: {network}", network=network(_, asset, facts.get("network"))),
        _("To address: {address}", address=_.code(facts["address"])),
        _("Transaction: {txid}", txid=_.code(facts["txid"])) if facts.get("txid") else "",
        _fee_rate(_, step, asset, facts),
        _network_fee(_, asset, facts),
        _("Reference: {id}", id=_.code(str(facts["id"]))),
    )
    return Card("\n".join(line for line in lines if line), _rows(_, step, facts))


def status(_: Words, facts: Facts) -> str:
    """One sentence about the present step."""
    step = WithdrawalStep(facts["step"])
    teller = _REFUND_STEPS.get(step) if facts.get("case") else None
    return (teller or _STEPS[step])(_, facts)


def _heading(_: Words, facts: Facts, asset: Asset) -> Html:
    amount = _.amount(facts["coin_minor"], asset)
    return _.bold(
        _("Refund of {amount}", amount=amount) if facts.get("case") else _("Withdrawal of {amount}", amount=amount)
    )


def _for_what(_: Words, facts: Facts, asset: Asset) -> str:
    if facts.get("case"):
        return _("Withheld for the network: {amount}", amount=_.amount(facts.get("withheld_minor") or 0, asset))
    return _(
        "For: {amount} and a fee of {fee}", amount=_.amount(facts["amount_minor"]), fee=_.amount(facts["fee_minor"])
    )


def under_way(_: Words, page: WithdrawalsPage) -> Card:
    """The withdrawals that are not finished, each with a button that brings its receipt."""
    heading = _.bold(_("Withdrawals under way"))
    blocks = [_block(_, number, receipt.facts) for number, receipt in enumerate(page.receipts, 1)]
    empty = _("None. /withdraw begins one; those that ended are in /history.")
    numbers = tuple(
        Button(str(number), Action.WITHDRAWAL, receipt.facts["id"]) for number, receipt in enumerate(page.receipts, 1)
    )
    refresh = Button(_("Refresh"), Action.WITHDRAWALS, str(page.number))
    rows = (
        *((numbers,) if numbers else ()),
        *keyboards.pages(_, Action.WITHDRAWALS, page.number, has_more=page.has_more),
        (refresh, Button(_("Home"), Action.HOME)),
    )
    return Card("\n\n".join((heading, *(blocks or [empty]))), rows)


def refreshed(_: Words) -> str:
    """The short answer of a button that shows again how things stand."""
    return _("This is how it stands now.")


def _block(_: Words, number: int, facts: Facts) -> str:
    amount = _.bold(_.amount(facts["coin_minor"], Asset(facts["asset"])))
    return f"{number}. {amount}\n{status(_, facts)}"


def _rows(_: Words, step: WithdrawalStep, facts: Facts) -> tuple[Row, ...]:
    if step not in _CAN_BE_STOPPED:
        return ()
    label = _("Cancel refund") if facts.get("case") else _("Cancel withdrawal")
    stop = Button(label, Action.WITHDRAWAL_STOP, facts["id"])
    refresh = Button(_("Refresh"), Action.WITHDRAWAL_REFRESH, facts["id"])
    return ((stop, refresh),) if step is WithdrawalStep.QUEUED else ((stop,),)


def _told(_: Words, facts: Facts) -> str:
    """The rules that decided, each by its name; what merely waits says why without one."""
    if facts.get("why"):
        return _("Why: {why}", why=str(facts["why"]))
    if "policy" not in facts:
        return ""
    tell = named_rule if facts["step"] == WithdrawalStep.REVIEW else policy_sentence
    findings = ({"policy": facts["policy"], "numbers": facts.get("numbers")}, *(facts.get("also") or ()))
    return "\n".join(tell(_, finding["policy"], finding["numbers"] or {}) for finding in findings)


def _fee_rate(_: Words, step: WithdrawalStep, asset: Asset, facts: Facts) -> str:
    price_minor = facts.get("price_minor")
    if not price_minor or step not in _HAS_FEE_RATE:
        return ""
    rate = f"{_gwei(price_minor)} gwei" if asset is Asset.ETH else f"{price_minor} sat/vB"
    return _("Fee rate offered to the network: {rate}", rate=_.ltr(rate))


def _gwei(wei: int) -> str:
    whole, rest = divmod(wei, _WEI_PER_GWEI)
    return f"{whole}.{rest:09d}".rstrip("0").rstrip(".")


def _network_fee(_: Words, asset: Asset, facts: Facts) -> str:
    if facts.get("network_fee_minor") is None or facts.get("case"):
        return ""
    share = _.amount(facts["network_fee_minor"], asset)
    return _("Its share of the network's fee, paid by this service: {amount}", amount=share)


def _queued(_: Words, facts: Facts) -> str:
    place, length, at = facts.get("place"), facts.get("length"), facts.get("not_before")
    if place and length and at:
        return _(
            "Status: queued, place {place} of {length} on this chain, not paid before {at}. The money is held.",
            place=place,
            length=length,
            at=_.moment(at),
        )
    if place and length:
        return _(
            "Status: queued, place {place} of {length} on this chain. The money is held.", place=place, length=length
        )
    if at:
        return _("Status: queued, not paid before {at}. The money is held.", at=_.moment(at))
    if facts.get("reverted"):
        return _("Status: queued again, because its transaction failed in the chain. The money is held.")
    return _("Status: queued for the next batch. The money is held.")


def _batched(_: Words, facts: Facts) -> str:
    count = facts.get("count")
    if not count:
        return _("Status: in a batch; it is being signed and can no longer be cancelled.")
    if count == 1:
        return _("Status: in a batch of its own; it is being signed and can no longer be cancelled.")
    return _.plural(
        "Status: in a batch with {count} other; it is being signed and can no longer be cancelled.",
        "Status: in a batch with {count} others; it is being signed and can no longer be cancelled.",
        count - 1,
    )


def _bumped(_: Words, facts: Facts) -> str:
    if not facts.get("attempt"):
        return _("Status: the fee was raised so that it gets through.")
    return _("Status: the fee was raised so that it gets through; attempt {number}.", number=facts["attempt"])


def _unknown(_: Words, facts: Facts) -> str:
    sentences: dict[str | None, Html] = {
        "node": _("Status: checking, your funds are safe; waiting for an answer of our node."),
        "network": _("Status: checking, your funds are safe; waiting for the transaction to be seen."),
        "conflict": _("Status: checking, your funds are safe; waiting for a conflicting spend to become final."),
    }
    otherwise = _("Status: checking, your funds are safe; it is looked up until it is clear.")
    return sentences.get(facts.get("waits_for"), otherwise)


def _confirmed(_: Words, facts: Facts) -> str:
    count, needed = facts.get("confirmations"), facts.get("needed")
    if not isinstance(count, int):
        return _("Status: in the chain; waiting until it is final.")
    if not isinstance(needed, int):
        return _.plural(
            "Status: in the chain, {count} confirmation.", "Status: in the chain, {count} confirmations.", count
        )
    return _.plural(
        "Status: in the chain, {done} of {count} confirmation.",
        "Status: in the chain, {done} of {count} confirmations.",
        needed,
        done=min(count, needed),
    )


def _returned(_: Words, facts: Facts) -> str:
    if facts.get("requote"):
        return _(
            "Status: not paid, because the rate moved while it waited. The whole amount is available again; ask anew "
            "for today's rate."
        )
    if facts.get("fee_kept_minor"):
        return _(
            "Status: the receiver's contract refused the coins, so the payout failed for good. The amount is available "
            "again; the fee of {fee} went to the network.",
            fee=_.amount(facts["fee_kept_minor"]),
        )
    return _("Status: the payout failed for good. The whole amount is available again.")


def _fixed(text: str) -> Callable[[Words, Facts], str]:
    return lambda _, facts: _(text)


def _(text: str) -> str:
    """Marks a text for the catalogues where it is translated later."""
    return text


_STEPS: Final[Mapping[WithdrawalStep, Callable[[Words, Facts], str]]] = {
    WithdrawalStep.REVIEW: _fixed(_("Status: waiting for an admin. The money is held, nothing is lost.")),
    WithdrawalStep.QUEUED: _queued,
    WithdrawalStep.BATCHED: _batched,
    WithdrawalStep.BROADCAST: _fixed(_("Status: on its way; the network has the transaction.")),
    WithdrawalStep.BUMPED: _bumped,
    WithdrawalStep.UNKNOWN: _unknown,
    WithdrawalStep.CONFIRMED: _confirmed,
    WithdrawalStep.SETTLED: _fixed(_("Status: paid. The transaction is final.")),
    WithdrawalStep.REFUSED: _fixed(_("Status: refused by an admin. The whole amount is available again.")),
    WithdrawalStep.CANCELLED: _fixed(_("Status: cancelled. The whole amount is available again.")),
    WithdrawalStep.RETURNED: _returned,
}
#: Where a refund's ends are others than a withdrawal's: no ITD is held for it.
_REFUND_STEPS: Final[Mapping[WithdrawalStep, Callable[[Words, Facts], str]]] = {
    WithdrawalStep.CANCELLED: _fixed(
        _("Status: cancelled. The coins lie aside for you as before; give another address at the purchase's card.")
    ),
    WithdrawalStep.RETURNED: _fixed(
        _("Status: it could not be paid to this address. The coins lie aside for you, and people decide anew.")
    ),
}
