"""The figures of a mass send: what is to be done, how far it is, and the digest that stands for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any, Final

from bot.actions import Action
from bot.views.card import Button
from bot.views.confirmations import person_named
from bot.views.desk import age
from bot.views.words import Html, Words
from wallet_core.domain.mass_send import Remark
from wallet_core.domain.money import Asset

Facts = Mapping[str, Any]
_BAR: Final = 20
_ORDER: Final = tuple(Remark)
_DIGITS: Final = re.compile(r"(?<![\d.])\d{5,}")
#: A narrow space that does not break: it parts thousands in every language and is no point and no comma.
_NARROW_SPACE: Final = "\u202f"


def plan_lines(_: Words, facts: Facts) -> list[str]:
    """What is to be done, in figures; the payer and whoever approves read the same."""
    totals = [_total(_, total) for total in facts["totals"]]
    to_people, to_addresses = facts["person_rows"], facts["address_rows"]
    return [
        _("Lines to pay: {lines} of {rows}, to people {people}, to addresses {addresses}",
          lines=grouped(to_people + to_addresses), rows=grouped(facts["rows"]),
          people=grouped(to_people), addresses=grouped(to_addresses)),
        *totals,
        _("In all: {total}, of it fees: {fee}",
          total=_.bold(money(_, facts["total_minor"])), fee=money(_, facts["fee_minor"])),
        _("Estimated time: {time}", time=_about(_, facts["estimated_seconds"])),
        *_beside(_, facts),
        *_below(remark_lines(_, facts.get("remarks") or ())),
    ]  # fmt: skip


def _beside(_: Words, facts: Facts) -> list[str]:
    """What its payer started alone, which counts towards the limit, and who else ran the very same lines."""
    lines: list[str] = []
    if facts.get("alone_minor"):
        alone = money(_, facts["alone_minor"])
        lines.append(_("Started by the payer without approval within the last 24 hours: {amount}", amount=alone))
    if before := facts.get("ran_before"):
        lines.append(
            _("Look twice: {name} started a mass send of the very same lines at {moment}.",
              name=person_named(_, before["name"], before["person"]), moment=_.moment(before["at"]))
        )  # fmt: skip
    return lines


def _total(_: Words, total: Facts) -> str:
    asset = Asset(total["asset"])
    shown = {"amount": _.bold(money(_, total["amount_minor"], asset)), "lines": grouped(total["rows"])}
    if asset is Asset.ITD:
        return _.plural("– {amount} in {lines} line", "– {amount} in {lines} lines", total["rows"], **shown)
    worth = {name: money(_, total[f"{name}_minor"]) for name in ("itd", "rate", "fee")}
    return _.plural(
        "– {amount} in {lines} line, for {itd} at {rate} each, fees {fee}",
        "– {amount} in {lines} lines, for {itd} at {rate} each, fees {fee}",
        total["rows"],
        **shown,
        **worth,
    )


def _below(lines: list[str]) -> list[str]:
    return ["", *lines] if lines else []


def remark_lines(_: Words, remarks: Iterable[Facts]) -> list[str]:
    """Lines that will not be paid, and those to look at twice, each kind with its first lines."""
    lines: list[str] = []
    # What is not paid first, in the order of the words.
    for remark in sorted(remarks, key=lambda one: _ORDER.index(Remark(one["remark"]))):
        what = _REMARKS[Remark(remark["remark"])](_, remark)
        named = _named(_, remark)
        lines.append(
            _("{what}: {count} (line {named})", what=what, count=_.bold(grouped(remark["count"])), named=named)
        )
    return lines


def _named(_: Words, remark: Facts) -> str:
    recipients = remark.get("recipients") or ()
    pairs = [
        _.ltr(f"{line} {_short(recipients[at])}" if at < len(recipients) else str(line))
        for at, line in enumerate(remark["lines"])
    ]
    more = ["…"] if remark["count"] > len(pairs) else []
    return Html(", ".join([*pairs, *more]))


def _short(recipient: str) -> str:
    return recipient if len(recipient) <= 20 else f"{recipient[:10]}…{recipient[-6:]}"


def progress_lines(_: Words, facts: Facts) -> list[str]:
    """How far it is: a bar with the same in figures, lines by their ends, and money."""
    done, rows = facts["done"], max(1, facts["rows"])
    full, per_cent = done * _BAR // rows, done * 100 // rows
    bar = "█" * full + "░" * (_BAR - full)
    under_way = facts.get("queued", 0) - facts.get("payouts_ended", 0)
    # Fees go to the house, not to the people and addresses of the file.
    to_recipients_minor = facts["total_minor"] - facts["fee_minor"]
    return [
        f"{_.code(bar)} {_.ltr(f'{per_cent} %')}",
        _("Lines done: {done} of {rows}, remaining {left}",
          done=grouped(done), rows=grouped(facts["rows"]), left=grouped(facts["rows"] - done)),
        _("Paid {paid}, refused {refused}, returned {returned}",
          paid=grouped(facts["paid"]), refused=grouped(facts["refused"]), returned=grouped(facts["returned"])),
        *([_("Payouts under way: {count}", count=grouped(under_way))] if under_way > 0 else []),
        _("Paid out: {paid} of {total}",
          paid=_.bold(money(_, facts["paid_minor"])), total=money(_, to_recipients_minor)),
    ]  # fmt: skip


def digest_line(_: Words, facts: Facts) -> str:
    """What stands for everything that is to be paid."""
    return _("Digest of recipients, amounts and rates: {digest}", digest=digest_shown(_, facts.get("digest") or ""))


def lines_button(_: Words, mass_send_id: str) -> Button:
    """Opens what no card has room for: whom each line would pay, before any of it is paid."""
    return Button(_("Lines as a file"), Action.MASS_LINES, mass_send_id)


def digest_shown(_: Words, digest: str) -> Html:
    """The first 64 bits, in groups that two people can compare by voice."""
    return _.code(" ".join(digest[at : at + 4] for at in range(0, 16, 4)))


def _about(_: Words, seconds: int) -> str:
    if seconds < 60:
        return _("less than a minute")
    return age(_, timedelta(seconds=seconds + 59))


def money(_: Words, minor: int, asset: Asset = Asset.ITD) -> Html:
    """An exact amount with its thousands parted."""
    return Html(grouped(_.amount(minor, asset)))


def grouped(number: int | str) -> str:
    """A figure with its thousands parted, so that a zero too many is seen; decimals stay together."""
    return _DIGITS.sub(lambda found: f"{int(found.group()):,}".replace(",", _NARROW_SPACE), str(number))


def _fixed(text: str) -> Callable[[Words, Facts], str]:
    return lambda _, facts: _(text)


def _(text: str) -> str:
    """Marks a text for the catalogues where it is translated later."""
    return text


_REMARKS: Final[Mapping[Remark, Callable[[Words, Facts], str]]] = {
    Remark.UNKNOWN_PERSON: _fixed(_("Not paid, unknown here")),
    Remark.NOT_ENROLLED: _fixed(_("Not paid, has not paired an authenticator yet")),
    Remark.SELF: _fixed(_("Not paid, it is the payer")),
    Remark.BAD_ADDRESS: _fixed(_("Not paid, no address of this coin and network, or one of this wallet's own")),
    Remark.RAIL_OFF: _fixed(_("Not paid, the coin is not paid out at the moment")),
    Remark.BELOW_MINIMUM: _fixed(_("Not paid, less than can be sent")),
    Remark.SCREENED: _fixed(_("Not paid, an address on the screening list")),
    Remark.DUPLICATE: _fixed(_("Look twice, the same as an earlier line, and paid as well")),
    Remark.NEW_ADDRESS: _fixed(_("Paid later, an address that you never paid before, as with a withdrawal")),
    Remark.OVER_LIMIT: _fixed(_("Look twice, above the recipient's limit of today")),
}
