"""How an admin changes a set of policies by typing, and what a change comes to. Pure: entries in, entries out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Final

from wallet_core.domain.errors import InvariantViolated, Reason, Refused
from wallet_core.domain.money import Asset, parse_amount
from wallet_core.domain.policies import POLICIES, Policy, PolicyEntry, PolicySet, in_order, policy_named

Entries = tuple[PolicyEntry, ...]

ON: Final = "on"
OFF: Final = "off"
PLACE: Final = "place"
ENABLED: Final = "enabled"
NONE: Final = "none"
_UNITS: Final = ("_minor", "_seconds", "_percent")
_DURATION: Final = re.compile(r"(\d{1,9})([smhd]?)", re.ASCII)
_SECONDS: Final = {"": 1, "s": 1, "m": 60, "h": 3_600, "d": 86_400}
_NUMBER: Final = re.compile(r"\d{1,9}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that two sets have differently: a parameter in its own unit, ``enabled``, or ``place``."""

    policy: str
    what: str
    before: Any
    after: Any


def whole(policy_set: PolicySet) -> Entries:
    """Every policy of the set, in order, with all its parameters. Raises ``InvariantViolated`` for an unsound set."""
    return tuple(_whole(policy, policy_set.entry(policy.name)) for policy in in_order(policy_set))


def _whole(policy: Policy, entry: PolicyEntry) -> PolicyEntry:
    return entry.model_copy(update={"parameters": policy.parameters_of(entry).model_dump()})


def edited(entries: Entries, words: Sequence[str]) -> Entries:
    """The entries after one typed change: ``night off``, ``night place 3``, or ``amount_threshold review_above 500``.

    Amounts are typed in ITD, times with their unit (``90s``, ``24h``, ``7d``), and ``none`` for no limit. Raises
    ``Refused(BAD_POLICY)`` with what there is instead.
    """
    name = words[0].lower() if words else ""
    policy = policy_named(name)
    if policy is None:
        raise Refused(Reason.BAD_POLICY, policies=tuple(policy.name for policy in POLICIES))
    rest = [word.lower() for word in words[1:]]
    if rest == [OFF] and policy.is_demanded:
        raise Refused(Reason.BAD_POLICY, policy=name, demanded=True)
    if rest in ([ON], [OFF]):
        return _replaced(entries, name, enabled=rest == [ON])
    if len(rest) != 2:
        raise _bad(policy)
    if rest[0] == PLACE:
        return _placed(entries, policy, rest[1])
    field = _field(policy, rest[0])
    (entry,) = (entry for entry in entries if entry.policy == name)
    changed = entry.model_copy(update={"parameters": {**entry.parameters, field: _value(policy, field, rest[1])}})
    try:
        policy.parameters_of(changed)
    except InvariantViolated:
        raise _bad(policy, field, rest[1]) from None
    return _replaced(entries, name, parameters=changed.parameters)


def typed_name(field: str) -> str:
    """How a parameter is typed: without its unit."""
    return next((field.removesuffix(unit) for unit in _UNITS if field.endswith(unit)), field)


def differences(before: Entries, after: Entries) -> tuple[Difference, ...]:
    """What the second set has differently, policy by policy in its order."""
    found: list[Difference] = []
    old = {entry.policy: entry for entry in before}
    for entry in after:
        was = old.get(entry.policy, entry)
        if was.enabled != entry.enabled:
            found.append(Difference(entry.policy, ENABLED, was.enabled, entry.enabled))
        found += [
            Difference(entry.policy, name, was.parameters.get(name), value)
            for name, value in entry.parameters.items()
            if was.parameters.get(name) != value
        ]
    return (*found, *_moved([entry.policy for entry in before], [entry.policy for entry in after]))


def _moved(before: list[str], after: list[str]) -> list[Difference]:
    """Policies that stand elsewhere now; those that only made room are not named."""
    blocks = SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks()
    stayed = {name for block in blocks for name in before[block.a : block.a + block.size]}
    return [
        Difference(name, PLACE, before.index(name) + 1, place)
        for place, name in enumerate(after, 1)
        if name in before and name not in stayed
    ]


def _replaced(entries: Entries, name: str, **fields: Any) -> Entries:
    return tuple(entry.model_copy(update=fields) if entry.policy == name else entry for entry in entries)


def _placed(entries: Entries, policy: Policy, text: str) -> Entries:
    if not _NUMBER.fullmatch(text) or not 1 <= int(text) <= len(entries):
        raise _bad(policy, PLACE, text)
    (mine,) = (entry for entry in entries if entry.policy == policy.name)
    others = [entry for entry in entries if entry.policy != policy.name]
    others.insert(int(text) - 1, mine)
    return tuple(others)


def _field(policy: Policy, text: str) -> str:
    fields = policy.parameters.model_fields
    named = next((name for name in fields if text in (name, typed_name(name))), None)
    if named is None:
        raise _bad(policy)
    return named


def _value(policy: Policy, field: str, text: str) -> int | None:
    if text == NONE:
        return None
    try:
        if field.endswith("_minor"):
            return 0 if text == "0" else parse_amount(text, Asset.ITD)
    except Refused:
        raise _bad(policy, field, text) from None
    duration = _DURATION.fullmatch(text) if field.endswith("_seconds") else None
    if duration:
        return int(duration[1]) * _SECONDS[duration[2]]
    if not _NUMBER.fullmatch(text):
        raise _bad(policy, field, text)
    return int(text)


def _bad(policy: Policy, field: str | None = None, value: str | None = None) -> Refused:
    parameters: Mapping[str, Any] = policy.parameters.model_fields
    facts = {"parameters": tuple(parameters), "parameter": field, "value": value}
    return Refused(Reason.BAD_POLICY, policy=policy.name, **facts)
