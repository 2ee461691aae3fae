"""What the bot asks for, one piece at a time, when a command was given without arguments."""

from __future__ import annotations

from bot.views.confirmations import person_named
from bot.views.networks import Networks, address_advice, network
from bot.views.words import Html, Words
from wallet_core.domain.money import Asset
from wallet_core.use_cases.send_offers import Recipient
from wallet_core.use_cases.show_coins import Coins


def send_amount(_: Words) -> Html:
    """How much to send."""
    return _("How much ITD do you want to send? Write an amount such as 12.5.")


def send_amount_to(_: Words, payee: Recipient) -> Html:
    """How much to send to whoever's link was opened."""
    name = person_named(_, payee.name, payee.id)
    return _("How much ITD do you want to send to {name}? Write an amount such as 12.5.", name=name)


def send_recipient(_: Words) -> Html:
    """Whom to send to."""
    return _("Who should get it? Write their @username, choose or share a contact, or make a link.")


def or_choose(_: Words) -> Html:
    """What goes with the key that opens Telegram's own list of people."""
    return _("Or choose somebody from your Telegram contacts, with the key below the input field.")


def choose_person(_: Words) -> Html:
    """That key."""
    return _("Choose a person")


def by_link(_: Words) -> Html:
    """The button that makes a link in place of a recipient."""
    return _("By link")


def buy_asset(_: Words) -> Html:
    """What to pay with."""
    return _("What do you want to pay with?")


def buy_amount(_: Words, asset: str) -> Html:
    """How much to buy."""
    if asset == Asset.USD:
        return _("How much ITD do you want to buy by card? Write an amount such as 50.")
    return _("How much ITD do you want to buy with {asset}? Write an amount such as 50.", asset=_.ltr(asset))


def withdraw_asset(_: Words) -> Html:
    """What to be paid in."""
    return _("In which coin do you want to be paid?")


def withdraw_amount(_: Words, asset: str) -> Html:
    """How much to withdraw."""
    return _("How much ITD do you want to withdraw in {asset}? Write an amount such as 50.", asset=_.ltr(asset))


def withdraw_address(_: Words, asset: Asset, networks: Networks) -> Html:
    """Where to, on which network, and what such an address looks like."""
    name = networks.get(asset)
    lines = (
        _("Which {asset} address should it go to? Send the whole address.", asset=_.ltr(asset)),
        _("Network: {network}", network=network(_, asset, name)),
        address_advice(_, asset, name),
    )
    return Html("\n".join(line for line in lines if line))


def refund_address(_: Words, asset: Asset, networks: Networks) -> Html:
    """Where coins go back to."""
    name = networks.get(asset)
    lines = (
        _("To which {asset} address of yours should it go back? Send the whole address.", asset=_.ltr(asset)),
        _("Network: {network}", network=network(_, asset, name)),
        address_advice(_, asset, name),
        _("Do not give the address that it came from if that belongs to an exchange."),
    )
    return Html("\n".join(line for line in lines if line))


def buying_not_yet(_: Words, coins: Coins) -> str:
    """With which coins nothing can be bought yet."""
    if not coins.not_yet:
        return ""
    return _("Buying is not open yet with: {assets}.", assets=_.ltr(", ".join(coins.not_yet)))


def paying_out_not_yet(_: Words, coins: Coins) -> str:
    """In which coins nothing is paid out yet."""
    if not coins.not_yet:
        return ""
    return _("Withdrawing is not open yet in: {assets}.", assets=_.ltr(", ".join(coins.not_yet)))


def to_send(_: Words) -> Html:
    """What a code is asked for: a transfer."""
    return _("send this")


def to_withdraw(_: Words) -> Html:
    """What a code is asked for: a withdrawal."""
    return _("request this withdrawal")


def to_refund(_: Words) -> Html:
    """What a code is asked for: a refund."""
    return _("have this sent back to you")


def to_unfreeze(_: Words) -> Html:
    """What a code is asked for: the end of a freeze."""
    return _("unfreeze your wallet")


def toast_sent(_: Words) -> str:
    """The short answer of a button that sent money."""
    return _("Sent")


def toast_cancelled(_: Words) -> str:
    """The short answer of a button that cancelled."""
    return _("Cancelled")


def toast_confirmed(_: Words) -> str:
    """The short answer of a button that confirmed."""
    return _("Confirmed")
