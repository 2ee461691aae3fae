"""Cards and questions that belong to no single unit: enrolment, home, help, codes, freezing, settings, failures."""

from __future__ import annotations

from bot.actions import Action
from bot.views import keyboards
from bot.views.card import Button, Card, Picture, Row
from bot.views.money import owed_lines
from bot.views.words import LANGUAGES, Words
from wallet_core.domain.guards import Guards
from wallet_core.domain.money import Asset
from wallet_core.domain.people import Access, Role, access_of
from wallet_core.use_cases.begin_enrolment import Enrolment
from wallet_core.use_cases.show_balance import BalanceSheet

#: Commands that everybody has, in the order of the menu.
COMMANDS = (
    "start", "balance", "send", "tip", "receive", "requests", "claims", "recurring", "buy", "payment", "withdraw",
    "withdrawals", "history", "statement", "limits", "kyc", "freeze", "unfreeze", "recover", "settings", "zone", "help",
)  # fmt: skip
#: What admins have besides, and how far one must reach for it.
ADMIN_COMMANDS = {
    "admin": Access.SUPPORT,
    "paynow": Access.FINANCE,
    "refundcard": Access.FINANCE,
    "policies": Access.FINANCE,
    "policy": Access.OWNER,
    "dryrun": Access.FINANCE,
    "screen": Access.FINANCE,
    "unscreen": Access.FINANCE,
    "masssend": Access.FINANCE,
    "approvals": Access.FINANCE,
}


def commands_for(role: Role | None) -> tuple[str, ...]:
    """The commands of somebody with this role, in the order of the menu."""
    reach = access_of(role)
    return (*COMMANDS, *(command for command, access in ADMIN_COMMANDS.items() if reach >= access))


def command_meaning(_: Words, command: str) -> str:
    """What a command does, in a few words."""
    meanings = {
        "start": _("menu"),
        "balance": _("what you have"),
        "send": _("send ITD: /send 5 @name"),
        "tip": _("in a group, as a reply: /tip 5"),
        "receive": _("be paid by a link: /receive 20 dinner"),
        "requests": _("what you asked others for"),
        "recurring": _("send again and again: /recurring 5 @name daily 18:00"),
        "zone": _("your time zone: /zone Europe/Berlin"),
        "claims": _("money that waits to be claimed"),
        "buy": _("buy ITD with coins or a card: /buy 50 ETH"),
        "payment": _("where a payment of yours stands: /payment transaction"),
        "withdraw": _("pay ITD out in coins: /withdraw 50 ETH address"),
        "history": _("what happened"),
        "statement": _("every movement of a month, as a file: /statement 2026-10"),
        "limits": _("what is left today"),
        "kyc": _("your level, and what the next one gives"),
        "freeze": _("stop everything that leaves"),
        "unfreeze": _("go on, with your code"),
        "recover": _("pair a new device with a recovery code"),
        "settings": _("language"),
        "help": _("all commands"),
        "withdrawals": _("withdrawals under way, and their places in the queue"),
        "admin": _("admin desk"),
        "paynow": _("pay what is queued at once: /paynow BTC"),
        "policies": _("the rules for withdrawals"),
        "policy": _("change a draft of the rules: /policy amount_threshold review_above 500"),
        "dryrun": _("try the draft out on past requests: /dryrun 2026-10-01 2026-10-15"),
        "screen": _("pay nothing to an address: /screen ETH address why"),
        "unscreen": _("pay to it again: /unscreen ETH address why"),
        "approvals": _("what waits for a second admin"),
        "masssend": _("pay many people and addresses with one file"),
        "refundcard": _("give a purchase back to its card: /refundcard and its reference"),
    }
    return meanings[command]


def enrolment(_: Words, enrolled: Enrolment, thread: str) -> Card:
    """The two steps of pairing an authenticator, with the address in full; its picture goes before it."""
    text = "\n\n".join(
        (
            _.bold(_("Welcome to ITD Wallet. First, pair an authenticator app.")),
            _("Nothing else works before that: it protects your money even if somebody takes over your account."),
            _(
                "1. Scan the QR picture above with an authenticator app, or open this address on the device "
                "that has one:\n{uri}\nor type this key: {key}",
                uri=_.code(enrolled.uri),
                key=_.code(enrolled.secret),
            ),
            _("2. Write here the 6-digit code that the app shows."),
            _("Keep this to yourself. Picture and key are deleted as soon as your first code is right."),
        )
    )
    caption = _("Scan this with your authenticator app, then write its 6-digit code here.")
    rows = ((Button(_("Copy the key"), copies=enrolled.secret),),)
    return Card(text, rows, thread=thread, picture=Picture(enrolled.uri, caption))


def enrolled(_: Words) -> Card:
    """The pairing is done; recovery codes come in a message of their own."""
    text = _(
        "Your authenticator is paired. Picture and key were deleted here. Recovery codes come in a message of "
        "their own: write them down."
    )
    return Card(text, (keyboards.home(_),))


def recovery_question(_: Words) -> str:
    """Asks for a recovery code and says what it does."""
    return _(
        "Write one of your recovery codes. It ends the pairing with your old device and starts one with a new device. "
        "Withdrawals then wait for a while, so that a thief cannot take coins out."
    )


def code_question(_: Words, what: str) -> str:
    """Asks for the code of the authenticator."""
    return _("Write the 6-digit code that your authenticator shows now, to {what}.", what=what)


def home(_: Words, sheet: BalanceSheet, guards: Guards) -> Card:
    """The menu: the balance, what stands against it, and a button for each unit."""
    usd = _.amount(sheet.usd_minor, Asset.USD)
    lines = [
        _.bold(_("ITD Wallet")),
        _("Available: {amount}", amount=_.bold(_.amount(sheet.available_minor))),
        *([_("Held: {amount}", amount=_.amount(sheet.held_minor))] if sheet.held_minor else []),
        _("Worth about {usd}", usd=usd),
        *owed_lines(_, guards),
        *([_("Your wallet is frozen: nothing leaves it until you send /unfreeze.")] if guards.frozen_at else []),
    ]
    return Card("\n".join(lines), keyboards.main_menu(_, is_admin=guards.role is not None))


def help_card(_: Words, role: Role | None) -> Card:
    """Every command with what it does."""
    lines = [f"/{command} – {command_meaning(_, command)}" for command in commands_for(role)]
    promise = _("Nobody from this service ever asks you for a code, a key or a recovery code.")
    return Card("\n".join((_.bold(_("Commands")), *lines, "", promise)), (keyboards.home(_),))


def not_understood(_: Words) -> Card:
    """The short help that answers what is no command and no answer."""
    text = _("I did not understand that. Nothing was changed. Send /help for all commands, or choose:")
    return Card(text, ((Button(_("Help"), Action.HELP), Button(_("Home"), Action.HOME)),))


def stray_code(_: Words) -> str:
    """A code came though none was asked for."""
    return _(
        "That looked like a code, so I deleted it here. Nothing was waiting for a code, and nothing was changed. "
        "Wait for my question before you write one."
    )


def no_code(_: Words) -> str:
    """Something came in place of a code."""
    return _(
        "That is not a 6-digit code. Write only the six digits that your authenticator shows now, or press Cancel."
    )


def code_in_public(_: Words) -> str:
    """A code was typed where others can read it."""
    return _("Never write a code where others read it. It was not used for anything. Please write to me privately.")


def question_cancelled(_: Words) -> Card:
    """A question needs no answer any more."""
    return Card(_("Cancelled. Nothing was changed."), (keyboards.home(_),))


def already_done(_: Words) -> str:
    """A button was pressed twice."""
    return _("That was done already; nothing was done twice.")


def unavailable(_: Words) -> str:
    """Something that is needed does not answer; whether it took the last step or not, trying again is safe."""
    return _("That does not work right now. Please try again in a moment; nothing is lost, and nothing is done twice.")


def halted(_: Words) -> str:
    """An invariant did not hold, so the operation was stopped before it changed anything."""
    return _(
        "I stopped, because something did not add up. Nothing was changed and your money is safe. We were alerted."
    )


def failed(_: Words) -> str:
    """Something unexpected happened; whether anything was done is seen in the history."""
    return _(
        "Something went wrong on our side, and we were alerted. Money never moves halfway: look at /history before "
        "you try again. What is not there was not done."
    )


def slow_down(_: Words) -> str:
    """Somebody writes faster than the bot answers."""
    return _("You are faster than me. Some of your last messages were not looked at; please wait a little.")


def frozen(_: Words) -> Card:
    """The wallet was just frozen."""
    text = _("Your wallet is frozen now. Nothing leaves it, and queued payouts wait. Money can still arrive.")
    return Card(text, ((Button(_("Unfreeze"), Action.UNFREEZE), Button(_("Home"), Action.HOME)),))


def freeze_question(_: Words) -> Card:
    """Asks before freezing, where one slip of the finger would do it."""
    text = _("Freeze your wallet? Nothing leaves it then, until you end that with your 6-digit code.")
    return Card(text, ((Button(_("Freeze now"), Action.FREEZE_NOW),), keyboards.home(_)))


def thawed(_: Words) -> Card:
    """The freeze ended."""
    return Card(_("Your wallet works again."), (keyboards.home(_),))


def settings(_: Words, person: int, zone: str) -> Card:
    """The person's number, by which an operator makes them an admin; zone and language, and a button for each one."""
    lines = (
        _("{heading}\nLanguage: {language}", heading=_.bold(_("Settings")), language=LANGUAGES[_.language]),
        _("Time zone: {zone}, to change it: /zone Europe/Berlin", zone=_.ltr(zone)),
        _("Your number at Telegram: {id}", id=_.code(str(person))),
    )
    text = "\n".join(lines)
    choices: Row = tuple(Button(name, Action.LANGUAGE, code) for code, name in LANGUAGES.items())
    return Card(text, (choices, keyboards.home(_)))


def usage(_: Words, example: str) -> str:
    """How a command is written."""
    return _("Write it like this: {example}", example=_.code(example))
