"""Cards and questions that belong to no single unit: enrolment, home, help, codes, freezing, settings, failures."""

from __future__ import annotations

from datetime import datetime

from bot.actions import Action
from bot.views import keyboards
from bot.views.card import Button, Card, Picture, Row
from bot.views.command_words import command_meaning, commands_for
from bot.views.money import owed_lines
from bot.views.service import service_lines
from bot.views.words import LANGUAGES, Words
from wallet_core.domain.freeze import Freeze
from wallet_core.domain.guards import Guards
from wallet_core.domain.money import Asset
from wallet_core.domain.people import Role
from wallet_core.use_cases.begin_enrolment import Enrolment
from wallet_core.use_cases.show_balance import BalanceSheet
from wallet_core.use_cases.show_service import Service


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


def frozen_line(_: Words, freeze: Freeze) -> str:
    """That the wallet is frozen, by whom, and what ends it."""
    if freeze.until is not None:
        return _("Your wallet is frozen: nothing leaves it until {until}.", until=_.moment(freeze.until))
    if freeze.reason is not None:
        return _("Your wallet was frozen by the service: nothing leaves it. Your money is safe.")
    return _("Your wallet is frozen: nothing leaves it until you send /unfreeze.")


def home(
    _: Words, sheet: BalanceSheet, guards: Guards, *, freeze: Freeze | None = None, service: Service | None = None
) -> Card:
    """The menu: the balance, what stands against it, and a button for each unit."""
    usd = _.amount(sheet.usd_minor, Asset.USD)
    lines = [
        _.bold(_("ITD Wallet")),
        _("Available: {amount}", amount=_.bold(_.amount(sheet.available_minor))),
        *([_("Held: {amount}", amount=_.amount(sheet.held_minor))] if sheet.held_minor else []),
        _("Worth about {usd}", usd=usd),
        *owed_lines(_, guards),
        *(service_lines(_, service) if service else []),
        *([frozen_line(_, freeze)] if freeze else []),
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


def too_fast(_: Words, until: datetime) -> str:
    """Somebody asked for more in a minute than people do."""
    return _(
        "That was a lot at once. Please go on at {until}; until then I look at codes and /freeze alone. Nothing was "
        "changed, and your money is safe.",
        until=_.moment_with_seconds(until),
    )


def frozen(_: Words) -> Card:
    """The wallet was just frozen."""
    text = _("Your wallet is frozen now. Nothing leaves it, and queued payouts wait. Money can still arrive.")
    return Card(text, ((Button(_("Unfreeze"), Action.UNFREEZE), Button(_("Home"), Action.HOME)),))


def freeze_question(_: Words) -> Card:
    """Asks before freezing, where one slip of the finger would do it."""
    text = _(
        "Freeze your wallet? Nothing leaves it then. You end that with your 6-digit code, and some time passes before "
        "it ends."
    )
    return Card(text, ((Button(_("Freeze now"), Action.FREEZE_NOW),), keyboards.home(_)))


def thawing(_: Words, until: datetime | None) -> Card:
    """The freeze ended, or ends by itself."""
    if until is not None:
        text = _(
            "Your wallet stays frozen until {until}, then it works again by itself. If it was not you who asked for "
            "that, freeze it again.",
            until=_.moment(until),
        )
        return Card(text, ((Button(_("Keep it frozen"), Action.FREEZE_NOW),), keyboards.home(_)))
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
