"""Sets of policies, as admins see them: what counts, a draft, what it would have changed, and the sets before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from bot.actions import Action
from bot.views import keyboards
from bot.views.card import Button, Card, Row
from bot.views.words import Html, Words
from wallet_core.domain.people import Role
from wallet_core.domain.policies import Decision, PolicyEntry, PolicySet, Verdict
from wallet_core.domain.policies.policy_set import BUILT_IN
from wallet_core.domain.policy_editing import ENABLED, PLACE, typed_name
from wallet_core.use_cases.dry_runs import DryRow, DryRun
from wallet_core.use_cases.show_policies import PoliciesNow
from wallet_core.use_cases.show_policy_sets import PolicySetsPage

#: What the buttons for a dry run carry.
LAST_DAY: Final = "day"
LAST_WEEK: Final = "week"
#: How many requests a card names; Telegram takes 4,096 characters.
_ROWS_SHOWN: Final = 10
_UNITS: Final = ((86_400, "d"), (3_600, "h"), (60, "m"), (1, "s"))
Facts = Mapping[str, Any]


def policies(_: Words, now: PoliciesNow, role: Role | None) -> Card:
    """Every policy with its parameters, and the draft's changes."""
    lines = [
        _.bold(_("Rules for withdrawals: {set}", set=_set_name(_, now.active))),
        *([_origin(_, now.active)] if now.active.by else []),
        *(_entry_line(_, place, entry) for place, entry in enumerate(now.entries, 1)),
        "",
        *(_draft_lines(_, now) if now.draft else [_how(_)]),
    ]
    return Card("\n".join(lines), (*_draft_rows(_, now, role), *_rows(_)))


def _set_name(_: Words, policy_set: PolicySet) -> Html:
    if policy_set.id == BUILT_IN:
        return _("set 0, from the settings")
    return _("set {number}", number=policy_set.id)


def _origin(_: Words, policy_set: PolicySet) -> Html:
    at = _.instant(policy_set.at) if policy_set.at else Html("?")
    facts = {"person": _.ltr(str(policy_set.by)), "at": at}
    if policy_set.note:
        return _("Switched on by person {person}, {at}: {note}", note=policy_set.note, **facts)
    return _("Switched on by person {person}, {at}", **facts)


def _entry_line(_: Words, place: int, entry: PolicyEntry) -> str:
    off = _("OFF")
    values = ", ".join(f"{typed_name(name)} {_value(_, name, value)}" for name, value in entry.parameters.items())
    text = f"{place}. {entry.policy}" if entry.enabled else f"{place}. {entry.policy}: {off}"
    return _.ltr(Html(f"{text} ({values})" if values else text))


def _value(_: Words, name: str, value: Any) -> Html:
    if value is None:
        return Html("none")
    if name.endswith("_minor"):
        return _.amount(int(value))
    if name.endswith("_seconds"):
        return Html(_duration(int(value)))
    return Html(f"{value} %" if name.endswith("_percent") else str(value))


def _duration(seconds: int) -> str:
    """As it may be typed: in the largest unit that fits without a rest."""
    size, unit = next(pair for pair in _UNITS if seconds % pair[0] == 0) if seconds else _UNITS[-1]
    return f"{seconds // size}{unit}"


def _how(_: Words) -> str:
    return _(
        "To change something, write {parameter}, {switch} or {place}: that begins a draft. Nothing counts before it is "
        "switched on.",
        parameter=_.code("/policy amount_threshold review_above 500"),
        switch=_.code("/policy velocity off"),
        place=_.code("/policy velocity place 1"),
    )


def _draft_lines(_: Words, now: PoliciesNow) -> list[str]:
    note = now.draft.note if now.draft else ""
    why = _("Why: {note}", note=note) if note else _("Say why with {command}.", command=_.code("/policy note …"))
    outdated = now.draft is not None and now.draft.base != now.active.id
    return [
        _.bold(_("Your draft would change:")),
        *([_difference(_, one.policy, one.what, one.before, one.after) for one in now.changes] or [_("Nothing yet.")]),
        why,
        *([_("Another set was switched on since you began: discard this draft and begin anew.")] if outdated else []),
    ]


def _difference(_: Words, policy: str, what: str, before: Any, after: Any) -> Html:
    if what == ENABLED:
        is_on = str(after) == str(True)
        return _("• {policy}: switched on", policy=policy) if is_on else _("• {policy}: switched OFF", policy=policy)
    if what == PLACE:
        return _("• {policy}: from place {before} to {after}", policy=policy, before=before, after=after)
    values = {"before": _shown(_, what, before), "after": _shown(_, what, after)}
    return _("• {policy} {name}: {before} → {after}", policy=policy, name=typed_name(what), **values)


def _shown(_: Words, name: str, value: Any) -> Html:
    text = str(value)
    return _value(_, name, int(text) if text.isdecimal() else None)


def _draft_rows(_: Words, now: PoliciesNow, role: Role | None) -> tuple[Row, ...]:
    if now.draft is None or role is not Role.OWNER:
        return ()
    switch = (Button(_("Switch on"), Action.POLICY_SWITCH, now.draft.mark),) if now.changes else ()
    return ((*switch, Button(_("Discard draft"), Action.POLICY_DISCARD)),)


def _rows(_: Words) -> tuple[Row, ...]:
    return (
        (
            Button(_("Dry run: 24 h"), Action.POLICY_DRY_RUN, LAST_DAY),
            Button(_("Dry run: last week"), Action.POLICY_DRY_RUN, LAST_WEEK),
        ),
        (Button(_("Sets"), Action.POLICY_SETS, "1"), Button(_("Screening list"), Action.SCREENING, "1")),
        keyboards.back(_, Action.DESK),
    )


def purpose(_: Words, now: PoliciesNow) -> str:
    """What the owner's code is asked for."""
    return _("switch on set {number} of the rules for withdrawals", number=now.active.id + 1)


def change_lines(_: Words, changes: Sequence[Mapping[str, Any]]) -> list[Html]:
    """What a set changes, as a message has it."""
    return [_difference(_, one["policy"], one["what"], one["before"], one["after"]) for one in changes]


def switched_notice(_: Words, facts: Facts) -> Card:
    """What every owner is told."""
    note = str(facts.get("note") or "")
    lines = (
        _.bold(_("Rules for withdrawals: set {number} was switched on", number=facts["number"])),
        _("By person {person}", person=_.ltr(str(facts["by"]))),
        *([_("Why: {note}", note=note)] if note else []),
        *change_lines(_, facts["changes"]),
        _("If nobody of you meant that, look at /policies, and pause payouts at /admin."),
    )
    return Card("\n".join(lines), ((Button(_("Policies"), Action.POLICIES),),))


def sets(_: Words, page: PolicySetsPage) -> Card:
    """The sets that were ever switched on, newest first."""
    lines = [f"{_set_name(_, one)}. {_origin(_, one)}" for one in page.sets] or [_("None was ever switched on.")]
    how = _("To begin a draft with an earlier one: {command}", command=_.code("/policy from 0"))
    heading = _.bold(_("Sets of rules, page {page}", page=page.number))
    turn = keyboards.pages(_, Action.POLICY_SETS, page.number, has_more=page.has_more)
    return Card("\n".join((heading, *lines, how)), (*turn, keyboards.back(_, Action.POLICIES)))


def dry_run(_: Words, run: DryRun) -> Card:
    """Which requests would have come out differently, and by which policy."""
    what = _("your draft") if run.is_draft else _set_name(_, run.policy_set)
    lines = [
        _.bold(_("Dry run of {set}", set=what)),
        _("Requests from {start} to {end}", start=_.instant(run.start), end=_.instant(run.end)),
        _(
            "Judged anew: {count}, of which {differing} come out differently.",
            count=run.judged,
            differing=run.differing,
        ),
        *([_without(_, run.without_facts)] if run.without_facts else []),
        *_count_lines(_, run),
        *(_row(_, row) for row in run.rows[:_ROWS_SHOWN]),
        *([_("The first {count} are shown.", count=_ROWS_SHOWN)] if run.differing > _ROWS_SHOWN else []),
        _("Nothing was changed by this."),
    ]
    return Card("\n".join(lines), (keyboards.back(_, Action.POLICIES),))


def _without(_: Words, count: int) -> str:
    return _.plural(
        "{count} request is from before the facts of requests were kept, and cannot be judged anew.",
        "{count} requests are from before the facts of requests were kept, and cannot be judged anew.",
        count,
    )


def _count_lines(_: Words, run: DryRun) -> list[Html]:
    others = {pair: count for pair, count in sorted(run.verdicts.items()) if pair[0] is not pair[1]}
    waits = run.differing - sum(others.values())
    return [
        *(
            _("{then} → {now}: {count}", then=_verdict(_, then), now=_verdict(_, now), count=count)
            for (then, now), count in others.items()
        ),
        *([_("as before, but paid at another time: {count}", count=waits)] if waits else []),
    ]


def _row(_: Words, row: DryRow) -> str:
    facts = row.request.facts
    return _(
        "• {at}, person {person}, {amount}: {then} → {now}",
        at=_.instant(row.request.at),
        person=_.ltr(str(facts.person)),
        amount=_.amount(facts.amount_minor),
        then=_outcome(_, row.request.decision),
        now=_outcome(_, row.now),
    )


def _outcome(_: Words, decision: Decision) -> Html:
    """The verdict, the policy that made it, and until when an approved payout waits."""
    told, verdict = decision.told, _verdict(_, decision.verdict)
    if decision.verdict is Verdict.APPROVE and decision.not_before:
        verdict = _("{verdict}, waits until {moment}", verdict=verdict, moment=_.instant(decision.not_before))
    return _("{verdict} ({policy})", verdict=verdict, policy=told.policy) if told else verdict


def _verdict(_: Words, verdict: Verdict) -> Html:
    return {Verdict.APPROVE: _("approved"), Verdict.REVIEW: _("reviewed"), Verdict.REFUSE: _("refused")}[verdict]


def bad_policy(_: Words, facts: Facts) -> str:
    """What may be typed instead."""
    if "policies" in facts:
        return _("I do not know that rule. There are: {names}", names=_.ltr(", ".join(facts["policies"])))
    if not facts.get("policy"):
        return _("I could not read that change.")
    if facts.get("demanded"):
        return _(
            "{policy} cannot be switched off: the books demand the same of every withdrawal. Nothing was changed.",
            policy=facts["policy"],
        )
    if facts.get("parameter"):
        return _(
            "“{value}” does not fit {policy} {parameter}. Amounts are written in ITD, times like 90s, 24h or 7d, and "
            "{none} for no limit. Nothing was changed.",
            value=str(facts["value"]),
            policy=facts["policy"],
            parameter=typed_name(str(facts["parameter"])),
            none=_.code("none"),
        )
    rests = (*(f"{typed_name(name)} …" for name in facts["parameters"]), "on", "off", "place 1")
    examples = ", ".join(f"/policy {facts['policy']} {rest}" for rest in rests)
    return _("Write one of these: {examples}. Nothing was changed.", examples=_.code(examples))
