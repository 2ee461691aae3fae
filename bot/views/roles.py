"""Roles: what they are called, and what is told when one is given or taken."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.actions import Action
from bot.views import keyboards
from bot.views.card import Card
from bot.views.confirmations import person_named
from bot.views.words import Html, Words
from wallet_core.domain.people import Role

Facts = Mapping[str, Any]


def role_name(_: Words, role: str | None) -> Html:
    """What a role is called, in the middle of a sentence."""
    if not role:
        return _("no role")
    return {Role.SUPPORT: _("support"), Role.FINANCE: _("finance"), Role.OWNER: _("owner")}[Role(role)]


def purpose(_: Words, person: int, role: Role | None) -> str:
    """What the owner's code is asked for."""
    return _("give person {id} this role: {role}", id=_.ltr(str(person)), role=role_name(_, role))


def laid_down(_: Words, role: Role | None) -> Card:
    """One's own role is lower now."""
    return Card(_("Your role is now: {role}", role=role_name(_, role)), (keyboards.home(_),))


def changed_notice(_: Words, facts: Facts) -> Card:
    """What the person and all owners are told."""
    person, name = facts["person"], facts.get("name")
    who = person_named(_, name, person) if name else _.ltr(f"id {person}")
    by = str(facts.get("by") or "?")
    lines = [
        _.bold(_("Security notice: a role was changed")),
        _("Person: {name}", name=who),
        _("From {before} to {after}", before=role_name(_, facts.get("before")), after=role_name(_, facts.get("role"))),
        _("By: {who}", who=_("the server's own command line") if by == "operator" else _.ltr(by)),
        *([_("Done although an owner could: {why}", why=str(facts["break_glass"]))] if "break_glass" in facts else []),
        _("If nobody of you meant that, pause payouts at /admin and look into the server at once."),
    ]
    return Card("\n".join(lines), (keyboards.back(_, Action.DESK),) if facts.get("role") else (keyboards.home(_),))
