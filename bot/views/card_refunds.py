"""What an admin reads who gives a purchase back to the card that paid it."""

from __future__ import annotations

from bot.views import keyboards
from bot.views.card import Card
from bot.views.words import Html, Words
from wallet_core.domain.card_reversal import CardReversal
from wallet_core.domain.money import Asset


def purpose(_: Words, reference: str) -> Html:
    """What the code is for."""
    return _("give the purchase {reference} back to its card", reference=_.code(reference))


def begun(_: Words, reversal: CardReversal) -> Card:
    """It is set aside, and asked for in a moment."""
    text = _(
        "{amount} is set aside, and {dollars} goes back to the card. The purchase's own message tells the person how "
        "it goes on.",
        amount=_.amount(reversal.itd_minor),
        dollars=_.amount(reversal.coin_minor, Asset.USD),
    )
    return Card(text, (keyboards.home(_),))
