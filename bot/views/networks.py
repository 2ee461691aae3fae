"""Chains and their networks as people know them, and what an address on each looks like."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bot.views.words import Html, Words
from wallet_core.domain.money import Asset
from wallet_core.domain.network import NETWORKS

#: Each chain's network, as the settings name it.
Networks = Mapping[Asset, str]

_NAMES: Final = {Asset.BTC: "Bitcoin", Asset.LTC: "Litecoin", Asset.ETH: "Ethereum"}
#: The networks whose coins are worth something: Ethereum's by its chain id (EIP-155).
_MAIN: Final = {Asset.BTC: "main", Asset.LTC: "main", Asset.ETH: "1"}


def network(_: Words, asset: Asset, name: str | None = None) -> Html:
    """The chain's own name, and that it is a test network if ``name`` is one."""
    chain = _.ltr(_NAMES.get(asset, str(asset)))
    if name is None or name == _MAIN.get(asset):
        return chain
    return _("{network}, test network ({name})", network=chain, name=_.ltr(name))


def address_advice(_: Words, asset: Asset, name: str | None = None) -> Html:
    """What an address of the coin begins with, so that a wrong one is noticed before it is sent."""
    if asset is Asset.ETH:
        return _("It begins with {prefix} and has 42 characters.", prefix=_.code("0x"))
    known = NETWORKS.get((asset, name or _MAIN.get(asset, "")))
    if known is None:
        return Html("")
    prefix = _.code(f"{known.hrp}1")
    if asset is Asset.LTC:
        return _(
            "It begins with {prefix}; the older forms work too, but not one that begins with {three}, which could be "
            "Bitcoin's.",
            prefix=prefix,
            three=_.code("3"),
        )
    return _("It begins with {prefix}; the older forms work too.", prefix=prefix)
