"""What admins read of a hot wallet: its level on the desk, and the notice that it is too empty."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.actions import Action
from bot.views.card import Button, Card, Picture
from bot.views.words import Words
from wallet_core.domain.hot_wallet import Level, LevelStep
from wallet_core.domain.money import Asset


def level_line(_: Words, level: Level) -> str:
    """What the hot wallet has, and between what it should be."""
    asset = level.id
    parts = [
        _("Hot wallet: {free}", free=_.amount(level.free_minor, asset)),
        _("queued {queued}", queued=_.amount(level.queued_minor, asset)),
        _("floor {floor}", floor=_.amount(level.floor_minor, asset)) if level.floor_minor else "",
        _("ceiling {ceiling}", ceiling=_.amount(level.ceiling_minor, asset)) if level.ceiling_minor else "",
        _("missing {missing}", missing=_.amount(level.missing_minor, asset)) if level.missing_minor else "",
    ]
    return ", ".join(part for part in parts if part)


def notice(_: Words, facts: Mapping[str, Any]) -> Card:
    """Send so much to this address; or, in the same message later, that it is not needed any more."""
    asset = Asset(facts["asset"])
    desk = ((Button(_("Admin desk"), Action.DESK),),)
    has = _("It has {free} now; {queued} are queued.", **_amounts(_, facts, asset, "free", "queued"))
    if facts["step"] == LevelStep.FILLED:
        return Card("\n".join((_.bold(_("The hot wallet of {asset} is filled again", asset=asset)), has)), desk)
    command = _.code(f"wallet fund-hot-wallet {asset} … --txid …")
    lines = (
        _.bold(_("The hot wallet of {asset} is too empty", asset=asset)),
        _("Send {missing} to {address}", address=_.code(facts["address"]), **_amounts(_, facts, asset, "missing")),
        has,
        _(
            "Its floor is {floor}. What it does not cover waits; nobody loses anything.",
            **_amounts(_, facts, asset, "floor"),
        ),
        _("Once it is final, book it with: {command}", command=command),
    )
    uri = str(facts.get("payment_uri") or "")
    picture = Picture(uri, _("The hot wallet of {asset}", asset=asset)) if uri else None
    return Card("\n".join(lines), desk, picture=picture)


def _amounts(_: Words, facts: Mapping[str, Any], asset: Asset, *names: str) -> dict[str, Any]:
    return {name: _.amount(facts[f"{name}_minor"], asset) for name in names}
