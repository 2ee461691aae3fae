"""How every process is, as admins see it."""

from __future__ import annotations

from datetime import datetime

from bot.actions import Action
from bot.views import keyboards
from bot.views.card import Button, Card
from bot.views.desk import age
from bot.views.words import Words
from wallet_core.domain.health import Pulse
from wallet_core.domain.lease import Heartbeat
from wallet_core.domain.purchase import Rail
from wallet_core.use_cases.health_figures import HealthView

#: Of a process, so many parts that are not well.
_PARTS_SHOWN = 6


def health(_: Words, view: HealthView) -> Card:
    """Processes, leases, chains, what waits to be told, seals and the last look through the books."""
    blocks = [
        _.bold(_("Health")),
        "\n".join([_process(_, pulse, view.now) for pulse in view.pulses] or [_("No process was heard of today.")]),
        "\n".join(_lease(_, lease, view.now) for lease in view.leases),
        "\n".join(_height(_, rail) for rail in view.rails if rail.seen_height >= 0),
        "\n".join((_outbox(_, view), _books(_, view))),
    ]
    rows = ((Button(_("Refresh"), Action.HEALTH),), keyboards.back(_, Action.DESK))
    return Card("\n\n".join(block for block in blocks if block), rows)


def _process(_: Words, pulse: Pulse, now: datetime) -> str:
    facts = {"process": _.code(pulse.id), "version": pulse.version or "?", "age": age(_, now - pulse.started_at)}
    if pulse.is_silent(now):
        return _("{process}: NOTHING HEARD since {at}", process=facts["process"], at=_.instant(pulse.at))
    waits = [f"{part}: {says}" for part, says in sorted(pulse.unwell().items())][:_PARTS_SHOWN]
    slowest = pulse.slowest()
    if slowest and not waits:
        loop = {"loop": _.code(slowest[0]), "seconds": int(slowest[1])}
        return _("{process} {version}: well, for {age}; slowest loop {loop}, {seconds} s ago", **facts, **loop)
    if waits:
        return _("{process} {version}: waits: {parts}", parts="; ".join(waits), **facts)
    return _("{process} {version}: well, for {age}", **facts)


def _lease(_: Words, lease: Heartbeat, now: datetime) -> str:
    seconds = max(0, int((now - lease.at).total_seconds()))
    rail = ":".join(lease.id.split(":")[:2])
    facts = {"lease": _.ltr(rail), "holder": _.code(lease.holder), "epoch": lease.epoch, "seconds": seconds}
    return _("Lease {lease}: {holder}, epoch {epoch}, heard {seconds} s ago", **facts)


def _height(_: Words, rail: Rail) -> str:
    facts = {"asset": _.ltr(rail.id), "height": rail.seen_height, "scanned": max(0, rail.scanned_height)}
    return _("{asset}: block {height} seen, up to {scanned} looked through", **facts)


def _outbox(_: Words, view: HealthView) -> str:
    if view.outbox.oldest_at is None:
        return _("Messages that wait: 0")
    oldest = age(_, view.now - view.outbox.oldest_at)
    return _("Messages that wait: {count}, the oldest for {age}", count=view.outbox.count, age=oldest)


def _books(_: Words, view: HealthView) -> str:
    seals = _("Seals: {count}; groups without one: {tail}", count=view.head.length, tail=view.tail.groups)
    seen = view.verification
    if seen is None:
        return f"{seals}\n{_('The books were never verified: run {command}', command=_.code('wallet verify'))}"
    facts = {"at": _.instant(seen.at), "records": seen.records, "gaps": seen.gaps}
    return f"{seals}\n{_('Verified at {at}: {records} records, gaps {gaps}', **facts)}"
