"""What a person confirms: every figure, the whole address or the recipient's name and id, and when the offer ends."""

from __future__ import annotations

from decimal import Decimal

from bot.actions import Action
from bot.views import keyboards
from bot.views.card import Card
from bot.views.networks import Networks, network
from bot.views.policies import policy_sentence
from bot.views.rates import rate_line
from bot.views.words import Html, Words, unusual
from wallet_core.domain.intent import Intent
from wallet_core.domain.money import Asset
from wallet_core.use_cases.limits import Remaining
from wallet_core.use_cases.quote_purchase import PurchaseQuote
from wallet_core.use_cases.quote_refund import RefundQuote
from wallet_core.use_cases.quote_withdrawal import WithdrawalQuote
from wallet_core.use_cases.send_offers import Recipient, SendQuote


def send_thread(intent_id: str) -> str:
    """The chat message that shows a transfer, from its confirmation to its receipt."""
    return f"send:{intent_id}"


def purchase_thread(intent_id: str) -> str:
    """The chat message that offers a purchase."""
    return f"purchase:{intent_id}"


def withdrawal_thread(intent_id: str) -> str:
    """The chat message that follows a withdrawal; ``domain.receipts`` names it so too."""
    return f"withdrawal:{intent_id}"


def send(_: Words, quote: SendQuote, itd_price_usd: Decimal) -> Card:
    """Who gets how much, and what is left."""
    intent = quote.intent
    lines = (
        _.bold(_("Send ITD")),
        _("To: {name}", name=recipient(_, quote.recipient) if quote.recipient else _("whoever shows you the link")),
        *_amounts(_, intent, itd_price_usd),
        *([_("Note: “{note}”", note=intent.note)] if intent.note else []),
        _("Balance after: {amount}", amount=_.amount(quote.balance_after_minor)),
        _left(_, quote.remaining),
        _expiry(_, intent),
        *_waits(_, quote),
        *_warnings(_, quote),
    )
    rows = keyboards.confirmation(_, Action.SEND_CONFIRM, Action.SEND_CANCEL, intent.id)
    return Card("\n".join(lines), rows, thread=send_thread(intent.id), expires_at=intent.expires_at)


def _waits(_: Words, quote: SendQuote) -> tuple[str, ...]:
    if quote.recipient is None:
        return (_("You get a link. Whoever opens it is shown to you first, and gets it only when you say yes."),)
    if quote.recipient.joined:
        return ()
    return (
        _(
            "They have not joined this wallet. It is held for them, for that id alone, until they join and claim it; "
            "unclaimed, it comes back to you by itself."
        ),
    )


def purchase(_: Words, quote: PurchaseQuote, itd_price_usd: Decimal) -> Card:
    """What so much ITD costs."""
    intent, asset = quote.intent, _asset(quote.intent)
    lines = (
        _.bold(_("Buy ITD")),
        *_amounts(_, intent, itd_price_usd),
        _("You pay: {amount}", amount=_.bold(_.amount(intent.coin_minor, asset))),
        rate_line(_, intent, asset),
        _left(_, quote.remaining),
        _expiry(_, intent),
        _how_paid(_, asset),
    )
    rows = keyboards.confirmation(_, Action.BUY_CONFIRM, Action.BUY_CANCEL, intent.id)
    return Card("\n".join(lines), rows, thread=purchase_thread(intent.id), expires_at=intent.expires_at)


def _how_paid(_: Words, asset: Asset) -> str:
    if asset is Asset.USD:
        return _("Confirm opens a page of the card company for you. Nothing is owed if you do not pay.")
    return _("Confirm gives you an address for this purchase alone. Nothing is owed if you do not pay.")


def withdrawal(_: Words, quote: WithdrawalQuote, itd_price_usd: Decimal, networks: Networks) -> Card:
    """How many coins leave, and where to."""
    intent, asset = quote.intent, _asset(quote.intent)
    told = quote.decision.told
    lines = (
        _.bold(_("Withdraw ITD")),
        *_amounts(_, intent, itd_price_usd),
        _("You receive: {amount}", amount=_.bold(_.amount(intent.coin_minor, asset))),
        _("Network: {network}", network=network(_, asset, networks.get(asset))),
        _("To address: {address}", address=_.code(intent.address or "")),
        rate_line(_, intent, asset),
        _("Balance after: {amount}", amount=_.amount(quote.balance_after_minor)),
        _left(_, quote.remaining),
        _expiry(_, intent),
        *([policy_sentence(_, told.policy, told.numbers)] if told else []),
        _("A payout cannot be called back once it is on its way. Compare the whole address."),
    )
    rows = keyboards.confirmation(_, Action.WITHDRAW_CONFIRM, Action.WITHDRAW_CANCEL, intent.id)
    return Card("\n".join(lines), rows, thread=withdrawal_thread(intent.id), expires_at=intent.expires_at)


def refund_thread(intent_id: str) -> str:
    """The chat message that offers a refund; the refund itself has a receipt of its own."""
    return f"refund:{intent_id}"


def refund(_: Words, quote: RefundQuote, networks: Networks) -> Card:
    """How many coins go back, and where to."""
    intent, (asset, address), told = quote.intent, quote.intent.payee, quote.decision.told
    lines = (
        _.bold(_("Send it back")),
        _("Arrived: {amount}", amount=_.amount(intent.coin_minor + intent.withheld_minor, asset)),
        _("Withheld for the network: {amount}", amount=_.amount(intent.withheld_minor, asset)),
        _("You receive: {amount}", amount=_.bold(_.amount(intent.coin_minor, asset))),
        _("Network: {network}", network=network(_, asset, networks.get(asset))),
        _("To address: {address}", address=_.code(address)),
        _expiry(_, intent),
        *([policy_sentence(_, told.policy, told.numbers)] if told else []),
        _("A payout cannot be called back once it is on its way. Compare the whole address."),
    )
    rows = keyboards.confirmation(_, Action.REFUND_CONFIRM, Action.REFUND_CANCEL, intent.id)
    return Card("\n".join(lines), rows, thread=refund_thread(intent.id), expires_at=intent.expires_at)


def refund_follows(_: Words, thread: str) -> Card:
    """A refund was confirmed."""
    return Card(_("Confirmed. The receipt of what goes back follows below."), thread=thread)


def recipient(_: Words, person: Recipient) -> Html:
    """Name, username and id: names can be imitated, the id cannot."""
    username = f" @{person.username}" if person.username else ""
    return person_named(_, person.name, person.id, username)


def person_named(_: Words, name: str, person_id: int, username: str = "") -> Html:
    """A person as receipts and confirmations name them."""
    return Html(f"{_.bold(_.name(name))}{_.ltr(username)} ({_.ltr(f'id {person_id}')})")


def asset_choice(_: Words, heading: str, action: Action, coins: tuple[Asset, ...], not_yet: str = "") -> Card:
    """A button for each coin; ``not_yet`` tells of those that cannot be chosen."""
    text = "\n".join(part for part in (heading, not_yet) if part)
    return Card(text, (*((keyboards.assets(_, action, coins),) if coins else ()), keyboards.home(_)))


def cancelled(_: Words, thread: str) -> Card:
    """An offer was turned down."""
    return Card(_("Cancelled. Nothing was changed."), (keyboards.home(_),), thread=thread)


def invoice_follows(_: Words, asset: Asset) -> Card:
    """A purchase was confirmed."""
    if asset is Asset.USD:
        return Card(_("Confirmed. Your payment page follows below."))
    return Card(_("Confirmed. The invoice with your address follows below."))


def _amounts(_: Words, intent: Intent, itd_price_usd: Decimal) -> tuple[str, ...]:
    return (
        _("Amount: {amount}", amount=_.bold(_.amount(intent.amount_minor))),
        _("Fee: {amount}", amount=_.amount(intent.fee_minor)),
        _(
            "Total: {amount}, about {usd}",
            amount=_.amount(intent.total_minor),
            usd=_.usd(intent.total_minor, itd_price_usd),
        ),
    )


def _left(_: Words, remaining: Remaining) -> str:
    return _(
        "Left of today's limit after this: {count} more of these, and {amount}",
        count=remaining.count,
        amount=_.amount(remaining.amount_minor),
    )


def _expiry(_: Words, intent: Intent) -> str:
    return _("This offer ends at {expires}.", expires=_.moment(intent.expires_at))


def _warnings(_: Words, quote: SendQuote) -> tuple[str, ...]:
    """Names own nothing and are easily imitated: the id tells who it is."""
    alike = quote.looks_like
    imitates = (
        _(
            "Careful: you sent to {name} before, whose name looks the same. This is somebody else, with another id.",
            name=person_named(_, alike.name, alike.id, f" @{alike.username}" if alike.username else ""),
        )
        if alike
        else ""
    )
    strange = (
        _("Careful: this name has unusual characters. Names can be imitated; check the id with the recipient.")
        if quote.recipient and unusual(quote.recipient.name)
        else ""
    )
    return tuple(warning for warning in (strange, imitates) if warning)


def _asset(intent: Intent) -> Asset:
    return intent.asset or Asset.ITD
