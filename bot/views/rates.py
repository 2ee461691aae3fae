"""Rates as people read them: where one is from and of when, and why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.views.words import Words
from wallet_core.domain.agreement import NoRate
from wallet_core.domain.intent import Intent
from wallet_core.domain.money import Asset
from wallet_core.domain.quote import FIXED


def rate_line(_: Words, intent: Intent, asset: Asset) -> str:
    """The rate of an offer, which is the one that counts, spread included."""
    rate = {"coin": _.ltr(f"1 {asset}"), "amount": _.amount(intent.rate_minor)}
    if intent.rate_source == FIXED or intent.rate_at is None:
        return _("Rate: {coin} = {amount}, fixed", **rate)
    source, at = _.ltr(intent.rate_source or "?"), _.moment(intent.rate_at)
    return _("Rate: {coin} = {amount}, from {source}, {time}", source=source, time=at, **rate)


def no_rate(_: Words, facts: Mapping[str, Any]) -> str:
    """Why nothing can be quoted, and what to do; works with whatever facts there are."""
    coin = _.ltr(str(facts.get("asset") or "?"))
    happened = {
        NoRate.MISSING: _("Too few of the sources for the price of {coin} answer with a fresh price.", coin=coin),
        NoRate.APART: _("The sources for the price of {coin} disagree with one another.", coin=coin),
        NoRate.JUMPED: _("The price of {coin} has just jumped, and has to hold for a while first.", coin=coin),
    }.get(facts.get("why", ""), "")
    none = _("There is no rate now that can be relied on, so nothing can be bought or paid out.")
    later = _("Please try again in a few minutes.")
    return f"{happened} {none} {later}".lstrip()
