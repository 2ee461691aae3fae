"""Mass sends in the chat: the preview, the way to the end, the other admin's question, and the list."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import PurePath
from typing import Any, Final

from bot.actions import Action
from bot.views import keyboards
from bot.views.approvals import approval_rows
from bot.views.card import Button, Card, File, Row
from bot.views.mass_faults import file_name
from bot.views.mass_figures import digest_line, digest_shown, grouped, lines_button, money, plan_lines, progress_lines
from bot.views.words import Words
from wallet_core.domain.approval import ApprovalState
from wallet_core.domain.errors import Reason
from wallet_core.domain.mass_send import MassSend, MassState, mass_facts
from wallet_core.use_cases.show_mass_send import MassView
from wallet_core.use_cases.show_mass_sends import MassPage

Facts = Mapping[str, Any]


def mass_thread(mass_send_id: str) -> str:
    """The chat message that follows a mass send; ``domain.mass_send`` names it so too."""
    return f"mass_send:{mass_send_id}"


def card(_: Words, facts: Facts, *, steers: bool = True, pays: bool = True, asked: str | None = None) -> Card:
    """A mass send at its present state, as ``mass_facts`` has it.

    ``pays``: it is the payer's; ``steers``: whoever looks may stop, resume and cancel it; ``asked``: the approval that
    waits for whoever looks. Only the payer's card follows by itself.
    """
    state = MassState(facts["state"])
    began = state in _BEGAN
    lines = (
        _heading(_, facts),
        *(progress_lines(_, facts) if began else plan_lines(_, facts)),
        "",
        digest_line(_, facts),
        "",
        _SENTENCES[state](_, facts),
    )
    rows = (
        *(approval_rows(_, asked) if asked else ()),
        *_rows(_, state, facts, steers=steers, pays=pays),
        *(() if pays else ((_again(_, facts),),)),
    )
    ends = facts["expires_at"] if state in (MassState.PREVIEW, MassState.APPROVAL) else None
    text = "\n".join(lines)
    return Card(text, rows, thread=mass_thread(facts["id"]) if pays else None, expires_at=ends)


def preview(_: Words, send: MassSend) -> Card:
    """What would be done, with the buttons that start it."""
    return card(_, mass_facts(send))


def shown(_: Words, view: MassView) -> Card:
    """One of the list, for whoever looks at it."""
    waits = view.approval and view.approval.state is ApprovalState.ASKED and not view.is_payer
    asked = view.approval.id if view.approval and waits else None
    return card(_, mass_facts(view.send), steers=view.may_steer, pays=view.is_payer, asked=asked)


def before(_: Words, send: MassSend) -> str:
    """The same file came again."""
    at = _.moment(send.started_at or send.created_at or send.expires_at)
    if send.state in _BEGAN:
        return _("This very file was uploaded before, and its mass send began at {at}. Nothing is paid twice. "
                 "It stands like this:", at=at)  # fmt: skip
    return _("This very file was uploaded before, at {at}. Nothing is paid twice. It stands like this:", at=at)


def give_up(_: Words, mass_send_id: str) -> Card:
    """Asks before the rest is given up."""
    text = _(
        "Give up the rest? Lines that are not paid yet will not be paid, and their money is back on the balance at "
        "once; payouts that still wait in the queue follow in a moment, and what is being sent is paid. This cannot be "
        "undone: to pay them later, put them into a file of their own."
    )
    confirm = Button(_("Give up the rest"), Action.MASS_CANCEL, mass_send_id)
    return Card(text, ((confirm, Button(_("Back"), Action.MASS_SEND, mass_send_id)),))


def result(_: Words, send: MassSend, table: bytes) -> Card:
    """What became of each line, as a file."""
    caption = _(
        "{name}: the outcome of each line. Paid {paid}, refused {refused}, returned {returned}, of {rows}.",
        name=file_name(send.file_name),
        paid=grouped(send.paid),
        refused=grouped(send.refused),
        returned=grouped(send.returned),
        rows=grouped(send.rows),
    )
    return Card(caption, file=File(f"{PurePath(send.file_name or 'mass-send').stem}-result.csv", table))


def lines_file(_: Words, send: MassSend, table: bytes) -> Card:
    """All lines as they would be paid, as a file, before any of them is."""
    caption = _(
        "{name}: all {rows} lines as they would be paid. Nothing has been paid yet. The column payee says whom each "
        "line would pay, the last column why it will not. They are the lines that the digest {digest} stands for.",
        name=file_name(send.file_name),
        rows=grouped(send.rows),
        digest=digest_shown(_, send.digest),
    )
    return Card(caption, file=File(f"{PurePath(send.file_name or 'mass-send').stem}-not-paid-yet.csv", table))


def listed(_: Words, page: MassPage) -> Card:
    """A page of all admins' mass sends, the newest first."""
    heading = _.bold(_("Mass sends, page {page}", page=page.number))
    blocks = [_block(_, number, send) for number, send in enumerate(page.sends, 1)]
    empty = _("None yet. /masssend tells how.")
    numbers = tuple(Button(str(n), Action.MASS_SEND, send.id) for n, send in enumerate(page.sends, 1))
    rows = (
        *((numbers,) if numbers else ()),
        *keyboards.pages(_, Action.MASS_SENDS, page.number, has_more=page.has_more),
        keyboards.back(_, Action.DESK),
    )
    return Card("\n\n".join((heading, *(blocks or [empty]))), rows)


def start_purpose(_: Words, send: MassSend) -> str:
    """What the payer's code is asked for."""
    total = _.bold(money(_, send.total_minor))
    if send.needs_approval:
        return _("ask another admin to approve {total} for {name}", total=total, name=file_name(send.file_name))
    return _("pay {total} for {name}", total=total, name=file_name(send.file_name))


def resume_purpose(_: Words) -> str:
    """What the admin's code is asked for."""
    return _("go on with the mass send")


def _block(_: Words, number: int, send: MassSend) -> str:
    return _(
        "{number}. {name}, {total}\n{state}, {done} of {rows} done",
        number=number,
        name=_.bold(file_name(send.file_name)),
        total=money(_, send.total_minor),
        state=state_name(_, send.state),
        done=grouped(send.done),
        rows=grouped(send.rows),
    )


def state_name(_: Words, state: MassState) -> str:
    """Where a mass send stands, in a word or two."""
    names = {
        MassState.UPLOADING: _("being read"),
        MassState.PREVIEW: _("not started"),
        MassState.APPROVAL: _("waits for approval"),
        MassState.RUNNING: _("running"),
        MassState.STOPPED: _("stopped"),
        MassState.DONE: _("done"),
        MassState.CANCELLED: _("cancelled"),
        MassState.EXPIRED: _("expired"),
    }
    return names[state]


def _heading(_: Words, facts: Facts) -> str:
    return _.bold(_("Mass send {name}", name=file_name(facts.get("file_name"))))


def _rows(_: Words, state: MassState, facts: Facts, *, steers: bool, pays: bool) -> tuple[Row, ...]:
    send = facts["id"]
    stop, resume = Button(_("Stop"), Action.MASS_STOP, send), Button(_("Resume"), Action.MASS_RESUME, send)
    cancel = Button(_("Cancel"), Action.MASS_CANCEL, send)
    table = Button(_("Result so far"), Action.MASS_RESULT, send)
    if state is MassState.PREVIEW and pays:
        label = _("Ask for approval") if _needs_two(facts) else _("Start")
        return ((Button(label, Action.MASS_START, send), cancel), (lines_button(_, send),))
    if state in (MassState.PREVIEW, MassState.APPROVAL):
        return ((lines_button(_, send), *((cancel,) if steers else ())),)
    if state is MassState.RUNNING:
        return ((*((stop,) if steers and not facts.get("given_up") else ()), table),)
    if state is MassState.STOPPED:
        ways = (resume, Button(_("Give up the rest"), Action.MASS_GIVE_UP, send)) if steers else ()
        return (ways, (table,)) if ways else ((table,),)
    if state is MassState.DONE:
        return ((Button(_("Result as a file"), Action.MASS_RESULT, send), Button(_("Home"), Action.HOME, "below")),)
    return ((Button(_("Home"), Action.HOME, "below"),),)


def _needs_two(facts: Facts) -> bool:
    """As ``MassSend.needs_approval``."""
    return bool(facts.get("alone_minor", 0) + facts["total_minor"] > facts["approval_above_minor"])


def _again(_: Words, facts: Facts) -> Button:
    return Button(_("Refresh"), Action.MASS_SEND, facts["id"])


def _preview_sentence(_: Words, facts: Facts) -> str:
    until = _.moment(facts["expires_at"])
    if _needs_two(facts):
        limit = money(_, facts["approval_above_minor"])
        return _("Nothing is paid and nothing is set aside yet. Above {limit} within 24 hours another admin has to "
                 "approve. The rates hold until {until}.", limit=limit, until=until)  # fmt: skip
    return _("Nothing is paid and nothing is set aside yet. The rates hold until {until}.", until=until)


def _approval_sentence(_: Words, facts: Facts) -> str:
    return _("Waiting for another admin to approve it, until {until}. Nothing is paid and nothing is set aside yet.",
             until=_.moment(facts["expires_at"]))  # fmt: skip


def _running_sentence(_: Words, facts: Facts) -> str:
    if facts.get("given_up"):
        return _("The rest was given up: what is not paid yet goes back to the balance. What is being sent already is "
                 "paid.")  # fmt: skip
    if facts.get("waits_for"):
        return _("Running, but the lines in {coins} wait: no new payouts are taken there at the moment. Their money is "
                 "set aside and safe, and they go on by themselves when that changes. If they are not to wait, stop it "
                 "and give up the rest.", coins=_.ltr(", ".join(facts["waits_for"])))  # fmt: skip
    return _("Running. The whole total is set aside; each line is paid once, whatever happens meanwhile.")


def _stopped_sentence(_: Words, facts: Facts) -> str:
    by = str(facts.get("stopped_by") or "")
    who = by.removeprefix("person:")
    if who != by:
        return _("Stopped by the admin {id}. What is paid stays paid; the money of the rest is set aside and safe.",
                 id=_.ltr(f"id {who}"))  # fmt: skip
    if by == Reason.NOT_ALLOWED:
        return _("The worker stopped it, because its payer is no admin of finance any more. What is paid stays paid; "
                 "the money of the rest is set aside and safe. An owner can give up the rest.")  # fmt: skip
    return _("The worker stopped it ({why}). What is paid stays paid; the money of the rest is set aside and safe. "
             "Look at the reason, then resume.", why=by.replace("_", " ") or "?")  # fmt: skip


def _done_sentence(_: Words, facts: Facts) -> str:
    if facts["done"] == facts["paid"]:
        return _("Done. Every line was paid, once.")
    return _("Done. What was not paid is back on the balance, or was never taken; the result says why for each line.")


def _fixed(text: str) -> Callable[[Words, Facts], str]:
    return lambda _, facts: _(text)


def _(text: str) -> str:
    """Marks a text for the catalogues where it is translated later."""
    return text


_BEGAN: Final = frozenset({MassState.RUNNING, MassState.STOPPED, MassState.DONE})
_SENTENCES: Final[Mapping[MassState, Callable[[Words, Facts], str]]] = {
    MassState.UPLOADING: _fixed(_("It is being read.")),
    MassState.PREVIEW: _preview_sentence,
    MassState.APPROVAL: _approval_sentence,
    MassState.RUNNING: _running_sentence,
    MassState.STOPPED: _stopped_sentence,
    MassState.DONE: _done_sentence,
    MassState.CANCELLED: _fixed(_("Cancelled before it began. Nothing was paid, and the file may be sent again.")),
    MassState.EXPIRED: _fixed(_("Not started in time, so the rates are void. Nothing was paid; send the file again.")),
}
