"""What people read about freezes, devices, resets and moves, and the notices that nobody can mute."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from bot.actions import Action
from bot.views import keyboards, moves, resets
from bot.views.card import Button, Card, Row
from bot.views.confirmations import person_named
from bot.views.words import Words
from wallet_core.domain.freeze import Freeze
from wallet_core.domain.freezing import Beneath
from wallet_core.domain.people import Access, Role, access_of

Facts = Mapping[str, Any]


def freeze_reason_question(_: Words) -> str:
    """Asks an admin why somebody is to be frozen, and until when."""
    return _(
        "Why? The person reads it. If it should end by itself, write when at the end: {hours}, {days} or {day}.",
        hours=_.code("12h"),
        days=_.code("3d"),
        day=_.code("2026-12-24"),
    )


def to_freeze_user(_: Words, name: str, person: int, why: str, until: datetime | None) -> str:
    """What the admin's code is asked for: a freeze."""
    facts = {"name": person_named(_, name, person), "why": why}
    if until is not None:
        return _("freeze the wallet of {name} until {until}: {why}", until=_.moment(until), **facts)
    return _("freeze the wallet of {name} until an admin ends it: {why}", **facts)


def to_unfreeze_user(_: Words, name: str, person: int) -> str:
    """What the admin's code is asked for: the end of a freeze."""
    return _("end the freeze of {name}", name=person_named(_, name, person))


def user_frozen(_: Words, until: datetime | None) -> Card:
    """An admin froze somebody."""
    end = _("It ends by itself at {until}.", until=_.moment(until)) if until else _("It stays until an admin ends it.")
    told = _("Frozen. The person was told why.")
    return Card(f"{told} {end}", (keyboards.back(_, Action.DESK),))


def user_unfrozen(_: Words, stays: Beneath | None) -> Card:
    """An admin ended somebody's freeze; ``stays``: what keeps the wallet frozen all the same."""
    texts = {
        None: _("The freeze ended, and the person was told. Their wallet works again."),
        Beneath.OWN: _(
            "The admins' freeze ended, and the person was told. Their wallet stays FROZEN: they froze it themselves as "
            "well, and end that with a code of their own."
        ),
        Beneath.RESET: _(
            "The admins' freeze ended, and the person was told. Their wallet stays FROZEN while the reset of their "
            "second factor is under way."
        ),
    }
    return Card(texts[stays], (keyboards.back(_, Action.DESK),))


def freeze_rows(_: Words, person: int, freeze: Freeze | None, role: Role | None) -> tuple[Row, ...]:
    """The buttons of a person's card at the desk, for an admin of this role."""
    is_admins = freeze is not None and freeze.reason is not None
    if not is_admins:
        return ((Button(_("Freeze"), Action.USER_FREEZE, str(person)),),)
    may_end = access_of(role) >= Access.FINANCE
    return ((Button(_("Unfreeze"), Action.USER_UNFREEZE, str(person)),),) if may_end else ()


def _notice(_: Words, *lines: str, rows: tuple[Row, ...] = ()) -> Card:
    return Card("\n".join((_.bold(_("Security notice")), *lines)), rows)


def _freeze_row(_: Words) -> tuple[Row, ...]:
    return ((Button(_("Freeze now"), Action.FREEZE_NOW),),)


def _frozen_by_admin(_: Words, facts: Facts) -> Card:
    until = facts.get("until")
    end = (
        _("It ends by itself at {until}.", until=_.moment(until))
        if until
        else _("It stays until the people who run this wallet end it; write to them if you have questions.")
    )
    return _notice(
        _,
        _("The people who run this wallet froze yours: nothing leaves it, and queued payouts wait."),
        _("Why: {why}", why=str(facts.get("reason") or "?")),
        end,
        _("Your money is safe and stays yours. Money can still arrive."),
    )


def _unfreeze_asked(_: Words, facts: Facts) -> Card:
    return _notice(
        _,
        _("Your code was given to unfreeze your wallet. It works again at {until}.", until=_.moment(facts["until"])),
        _("If this was not you, press the button or send /freeze: then it stays frozen."),
        rows=((Button(_("Keep it frozen"), Action.FREEZE_NOW),),),
    )


def _unfreeze_cancelled(_: Words, facts: Facts) -> Card:
    return _notice(_, _("Your wallet stays frozen: that it should be unfrozen was taken back."))


def _frozen(_: Words, facts: Facts) -> Card:
    return _notice(
        _, _("Your wallet was frozen: nothing leaves it. If this was not you, tell the people who run this wallet.")
    )


def _thawed(_: Words, facts: Facts) -> Card:
    if facts.get("stays") == Beneath.OWN:
        return _notice(
            _,
            _("The service's freeze of your wallet ended. It stays frozen, because you froze it yourself as well."),
            _("/unfreeze ends that, with your 6-digit code. Until then nothing leaves it."),
            rows=((Button(_("Unfreeze"), Action.UNFREEZE),),),
        )
    if facts.get("stays") == Beneath.RESET:
        return _notice(
            _,
            _(
                "The service's freeze of your wallet ended. It stays frozen while the reset of your second factor is "
                "under way. If it was not you who asked for that, /recover shows it and ends it with a code."
            ),
        )
    return _notice(
        _, _("The freeze of your wallet ended. If this was not you, send /freeze at once."), rows=_freeze_row(_)
    )


def _device_paired(_: Words, facts: Facts) -> Card:
    lines: list[str] = [_("A new device was paired with your wallet. The codes of the old one no longer work.")]
    if facts.get("withdrawals_from"):
        lines.append(_("Withdrawals wait until {until}.", until=_.moment(facts["withdrawals_from"])))
    else:
        lines.append(_("What you withdraw waits for a day in the queue, in which you can cancel it."))
    lines.append(_not_you(_))
    return _notice(_, *lines, rows=_freeze_row(_))


def _recovery_renewed(_: Words, facts: Facts) -> Card:
    return _notice(_, _("Your recovery codes were renewed. The old ones no longer work."), _not_you(_))


def _codes_locked(_: Words, facts: Facts) -> Card:
    if facts.get("is_over"):
        what = _("A hundred wrong codes were given for your wallet. No code is taken any more: send /recover.")
    elif facts.get("until"):
        what = _(
            "Several wrong codes in a row were given for your wallet. None is taken until {until}.",
            until=_.moment(facts["until"]),
        )
    else:
        what = _("Several wrong codes in a row were given for your wallet.")
    other = _(
        "If this was not you, somebody else reads your Telegram account: end its other sessions, and send /freeze."
    )
    return _notice(_, what, other, rows=_freeze_row(_))


def _new_address(_: Words, facts: Facts) -> Card:
    lines: list[str] = [
        _(
            "A withdrawal to an address that you never used was asked for, in {asset}: {address}",
            asset=_.ltr(str(facts.get("asset") or "?")),
            address=_.code(str(facts.get("address") or "?")),
        )
    ]
    if facts.get("not_before"):
        lines.append(
            _("It is not paid before {until}; until then it can be cancelled.", until=_.moment(facts["not_before"]))
        )
    lines.append(_not_you(_))
    return _notice(
        _,
        *lines,
        rows=((Button(_("See this withdrawal"), Action.WITHDRAWAL, str(facts.get("id") or "")),), *_freeze_row(_)),
    )


def _not_you(_: Words) -> str:
    return _("If this was not you, send /freeze at once, and tell the people who run this wallet.")


NOTICES: Final[Mapping[str, Callable[[Words, Facts], Card]]] = {
    "frozen": _frozen,
    "frozen_by_admin": _frozen_by_admin,
    "unfreeze_asked": _unfreeze_asked,
    "unfreeze_cancelled": _unfreeze_cancelled,
    "thawed": _thawed,
    "device_paired": _device_paired,
    "recovery_renewed": _recovery_renewed,
    "codes_locked": _codes_locked,
    "new_address": _new_address,
    "reset": resets.reset_notice,
    "reset_waiting": resets.to_check,
    "account_move": moves.move_notice,
    "account_moved_away": moves.moved_away,
    "move_failed": moves.move_failed,
}
