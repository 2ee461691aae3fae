"""What a person is told when something is refused: what happened, with the numbers, and what to do next."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from bot.views import access_reasons, kyc_reasons, money_reasons
from bot.views.level_tables import bad_level
from bot.views.mass_figures import remark_lines
from bot.views.money_reasons import nothing_changed
from bot.views.networks import address_advice, network
from bot.views.policy_sets import bad_policy
from bot.views.rates import no_rate
from bot.views.send_reasons import SEND_TELLERS
from bot.views.service import switched_off
from bot.views.words import Words
from wallet_core.domain.errors import Reason
from wallet_core.domain.kyc import Operation
from wallet_core.domain.mode import Mode
from wallet_core.domain.money import DECIMALS, Asset

Facts = Mapping[str, Any]
Teller = Callable[[Words, Facts], str]


def reason_text(_: Words, reason: Reason, facts: Facts) -> str:
    """The text for a refusal. Works with whatever facts there are."""
    return _TELLERS[reason](_, facts)


def enrol_first(_: Words, facts: Facts) -> str:
    """The way to enrol, which is all that somebody sees before it."""
    return _(
        "First pair an authenticator app with this wallet: send /start and follow the two steps. "
        "Nothing else works before that. Lost your device? Send /recover."
    )


def _private_only(_: Words, facts: Facts) -> str:
    return _("This wallet answers in private only. Please write to me in our private chat.")


def _wrong_code(_: Words, facts: Facts) -> str:
    if facts.get("until"):
        return _(
            "That code is not right. The next code is taken at {until}. {safe}",
            until=_.moment(facts["until"]),
            safe=nothing_changed(_),
        )
    tries = facts.get("tries_left")
    left = (
        _.plural("{count} try is left before a pause.", "{count} tries are left before a pause.", tries)
        if tries is not None
        else ""
    )
    text = _("That code is not right. Write the code that your authenticator shows now.")
    return f"{text} {left}".rstrip()


def _code_used(_: Words, facts: Facts) -> str:
    return _(
        "That code was used before; each code works once. Wait for the next one, at most 30 seconds, and write it."
    )


def _code_needed(_: Words, facts: Facts) -> str:
    return _("This needs your 6-digit code.")


def _code_locked(_: Words, facts: Facts) -> str:
    if not facts.get("until"):
        return _("After several wrong codes no code is taken for a while. {safe}", safe=nothing_changed(_))
    return _(
        "After several wrong codes none is taken until {until}. {safe}",
        until=_.moment(facts["until"]),
        safe=nothing_changed(_),
    )


def _bad_filter(_: Words, facts: Facts) -> str:
    examples = _.code("/audit, /audit by 123456789, /audit on 123456789, /audit role_granted")
    kinds = _.ltr(", ".join(facts.get("kinds") or ()))
    return _("Write one of these: {examples}. The kinds are: {kinds}", examples=examples, kinds=kinds)


def _no_payable_rows(_: Words, facts: Facts) -> str:
    told = _("Nobody in this file can be paid. Nothing was changed. Mend the file and send it again.")
    return "\n".join((told, *remark_lines(_, facts.get("remarks") or ())))


def _bad_amount(_: Words, facts: Facts) -> str:
    asset = Asset(facts.get("asset", Asset.ITD))
    return _(
        "I could not read that amount. Write digits with a point, such as 12.5, more than zero and with "
        "at most {decimals} decimals.",
        decimals=DECIMALS[asset],
    )


def _bad_range(_: Words, facts: Facts) -> str:
    command = facts.get("command", "statement")
    return _(
        "I could not read that range. Write a month, {month}, or its first and its last day, {days}: the earlier one "
        "first, and not in the future.",
        month=_.code(f"/{command} 2026-10"),
        days=_.code(f"/{command} 2026-10-01 2026-10-15"),
    )


def _range_too_long(_: Words, facts: Facts) -> str:
    if "days" in facts:
        return _("That range is too long. Please ask for at most {days} days.", days=facts["days"])
    if "most" not in facts:
        return _("That range has too many movements for one statement. Please ask for fewer days.")
    start, end = facts["start"], facts["end"]
    example = f"/statement {start:%Y-%m-%d} {start + (end - start) / 2:%Y-%m-%d}"
    return _(
        "That range has more than {most} movements. Please ask for fewer days at a time, such as {example}",
        most=facts["most"],
        example=_.code(example),
    )


def _unknown_asset(_: Words, facts: Facts) -> str:
    return _("I do not know that coin. {choice}", choice=_choice(_, facts))


def _rail_off(_: Words, facts: Facts) -> str:
    asset, choice = _.ltr(str(facts.get("asset") or _("This coin"))), _choice(_, facts)
    if facts.get("rail"):
        return _("Nothing is paid in {asset} now: it is paused, closed or stopped by an alarm.", asset=asset)
    if facts.get("operation") == Operation.PURCHASE and facts.get("pays_out"):
        return _("Buying with {asset} is not open yet; withdrawing in {asset} is. {choice}", asset=asset, choice=choice)
    if facts.get("operation") == Operation.PURCHASE:
        return _("Buying with {asset} is not open yet. {choice}", asset=asset, choice=choice)
    if facts.get("operation") == Operation.PAYOUT:
        return _("Withdrawing in {asset} is not open yet. {choice}", asset=asset, choice=choice)
    return _("{asset} is switched off right now. {choice}", asset=asset, choice=choice)


def _choice(_: Words, facts: Facts) -> str:
    assets = ", ".join(str(asset) for asset in facts.get("assets") or ())
    return _("You can use: {assets}.", assets=_.ltr(assets)) if assets else _("Please try again later.")


def _bad_address(_: Words, facts: Facts) -> str:
    if "asset" not in facts:
        return _("That is not an address of this coin. Copy the whole address and send it again.")
    asset = Asset(facts["asset"])
    names = {"network": network(_, asset, facts.get("network")), "asset": _.ltr(asset)}
    advice = address_advice(_, asset, facts.get("network"))
    if facts.get("address_of"):
        other = _.ltr(str(facts["address_of"]))
        text = _(
            "That is an address of {other}, not of {asset} on {network}. {advice}", other=other, advice=advice, **names
        )
    else:
        text = _("That is not an address of {asset} on {network}. {advice}", advice=advice, **names)
    return f"{text} {nothing_changed(_)}"


def _unknown_recipient(_: Words, facts: Facts) -> str:
    return _(
        "I do not know {recipient}. They must have written to me once, and have a @username. Nothing was sent.",
        recipient=_.name(str(facts.get("recipient") or "?")),
    )


def _not_enrolled(_: Words, facts: Facts) -> str:
    return _(
        "{recipient} has not finished setting up their wallet, so they cannot receive yet. Nothing was sent.",
        recipient=_.name(str(facts.get("recipient") or "?")),
    )


def _wrong_state(_: Words, facts: Facts) -> str:
    return _("That is not possible any more: it was confirmed, cancelled or finished before. See /history.")


def _fixed(text: str) -> Teller:
    return lambda _, facts: _(text)


def _(text: str) -> str:
    """Marks a text for the catalogues where it is translated later."""
    return text


_TELLERS: Final[Mapping[Reason, Teller]] = {
    **kyc_reasons.TELLERS,
    Reason.ENROL_FIRST: enrol_first,
    Reason.ALREADY_ENROLLED: _fixed(_("Your authenticator is paired already. Send /start for the menu.")),
    Reason.NOT_ALLOWED: _fixed(_("That is not open to you.")),
    Reason.NOBODY: _fixed(
        _("I found nobody by that. Write /user and an id, an @name, a transaction, or the number of a withdrawal.")
    ),
    Reason.BAD_FILTER: _bad_filter,
    Reason.OWNER_EXISTS: _fixed(
        _("There is an owner already: owners change roles by /role, two of them. Nothing was changed.")
    ),
    Reason.LAST_OWNER: _fixed(
        _("You are the last owner. Nothing was changed; first make somebody else an owner, on the server.")
    ),
    Reason.PRIVATE_CHAT_ONLY: _private_only,
    Reason.WRONG_CODE: _wrong_code,
    Reason.CODE_USED: _code_used,
    Reason.CODE_NEEDED: _code_needed,
    Reason.CODE_LOCKED: _code_locked,
    Reason.REENROL: _fixed(
        _(
            "Too many wrong codes. Your money is safe, but codes are no longer taken: send /recover with a "
            "recovery code."
        )
    ),
    Reason.WRONG_RECOVERY_CODE: _fixed(
        _("That is not one of your unused recovery codes. Check it and write it again.")
    ),
    Reason.BAD_AMOUNT: _bad_amount,
    Reason.BELOW_MINIMUM: money_reasons.below_minimum,
    Reason.BAD_POLICY: bad_policy,
    Reason.BAD_RANGE: _bad_range,
    Reason.RANGE_TOO_LONG: _range_too_long,
    Reason.BAD_ADDRESS: _bad_address,
    Reason.BAD_CHECKSUM: _fixed(
        _("That address has a typing mistake: its check sum does not fit. Copy the whole address and send it again.")
    ),
    Reason.ZERO_ADDRESS: _fixed(_("Nobody owns that address; coins sent to it are lost. Please give another one.")),
    Reason.OWN_ADDRESS: _fixed(
        _("That address belongs to this wallet service. To pay somebody here, use /send: it is instant.")
    ),
    Reason.BAD_TXID: _fixed(
        _(
            "I could not read that. Send the id of the payment's transaction as your wallet app shows it, or the "
            "purchase's reference, and nothing else."
        )
    ),
    Reason.UNKNOWN_ASSET: _unknown_asset,
    Reason.UNKNOWN_RECIPIENT: _unknown_recipient,
    Reason.RECIPIENT_NOT_ENROLLED: _not_enrolled,
    Reason.RECIPIENT_IS_SELF: _fixed(_("That is you. Name somebody else. Nothing was sent.")),
    Reason.NO_PAYABLE_ROWS: _no_payable_rows,
    Reason.INSUFFICIENT_FUNDS: money_reasons.insufficient,
    Reason.LIMIT_COUNT: money_reasons.limit,
    Reason.LIMIT_AMOUNT: money_reasons.limit,
    Reason.RECIPIENT_LIMIT: _fixed(
        _("The recipient cannot receive that much today. Nothing was sent; try a smaller amount, or tomorrow.")
    ),
    **access_reasons.TELLERS,
    Reason.NOT_FROZEN: _fixed(_("Your wallet is not frozen.")),
    Reason.IN_DEBT: money_reasons.in_debt,
    Reason.DISPUTED: money_reasons.disputed,
    Reason.CARD_MONEY_YOUNG: money_reasons.card_money_young,
    Reason.POLICY: money_reasons.policy,
    Reason.POLICIES_UNSOUND: money_reasons.policies_unsound,
    Reason.BAD_LEVEL: bad_level,
    Reason.LEVELS_UNSOUND: money_reasons.levels_unsound,
    Reason.EXPIRED: money_reasons.expired,
    Reason.WRONG_STATE: _wrong_state,
    Reason.NOT_YOURS: _fixed(_("That button belongs to somebody else. Nothing was changed.")),
    Reason.NOT_FOUND: _fixed(_("I do not know that any more. Nothing was changed. Send /start for the menu.")),
    Reason.CHANGED_MEANWHILE: _fixed(_("Something changed at the same moment. Nothing was done; please try again.")),
    Reason.RATE_UNAVAILABLE: lambda _, facts: f"{no_rate(_, facts)} {nothing_changed(_)}",
    Reason.RAIL_OFF: _rail_off,
    **SEND_TELLERS,
    Reason.WITHDRAW_ONLY: lambda _, facts: switched_off(_, facts, Mode.WITHDRAW_ONLY),
    Reason.ALL_PAUSED: lambda _, facts: switched_off(_, facts, Mode.PAUSED),
    Reason.LEASE_LOST: _fixed(_("That was interrupted. Nothing was changed; please try again.")),
    Reason.NODE_UNCLEAR: _fixed(_("That was interrupted. Nothing was changed; please try again.")),
    Reason.HOT_WALLET_SHORT: _fixed(_("That was interrupted. Nothing was changed; please try again.")),
}
