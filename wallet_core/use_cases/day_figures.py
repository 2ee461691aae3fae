"""Gather what the daily report tells: few and bounded questions to the database, and one to the sources of rates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from wallet_core.domain.accounts import PLATFORM_ACCOUNTS, Account
from wallet_core.domain.alert import Alert, Severity
from wallet_core.domain.case import Case, CaseState
from wallet_core.domain.day_report import (
    LONG_TAIL,
    LONG_WAIT,
    VERIFIED_WITHIN,
    DayReport,
    Holding,
    Trouble,
    holding,
    owed_minor,
    owned_minor,
)
from wallet_core.domain.errors import Refused
from wallet_core.domain.hot_wallet import Level
from wallet_core.domain.kyc_application import KycApplication, KycState
from wallet_core.domain.mode import Mode
from wallet_core.domain.money import Asset
from wallet_core.domain.payout import PayoutState, Withdrawal
from wallet_core.domain.purchase import Rail, RailState
from wallet_core.ports import Ports
from wallet_core.use_cases.balances import balance_minor
from wallet_core.use_cases.health_figures import HealthView, health_now
from wallet_core.use_cases.show_alerts import MOST_ALERTS
from wallet_core.use_cases.switchboard import switchboard
from wallet_core.use_cases.volumes import volumes

_Waits = Withdrawal | Case | KycApplication
_DAY: Final = timedelta(days=1)
_KINDS_OF_PROCESS: Final = ("bot", "worker")


@dataclass(frozen=True, slots=True)
class _Waiting:
    """How many wait, and since when the oldest does."""

    count: int
    oldest_at: datetime | None = None

    def is_long(self, now: datetime) -> bool:
        return self.oldest_at is not None and now - self.oldest_at > LONG_WAIT


async def day_figures(ports: Ports, day: str) -> DayReport:
    """The figures as they are now, and the volumes of the 24 hours before."""
    health = await health_now(ports)
    done = await volumes(ports, health.now - _DAY, health.now)
    coins = (*sorted(ports.addresses), Asset.USD)
    books = await _books(ports, (Asset.ITD, *coins))
    holdings = tuple([await _holding(ports, asset, owned_minor(books[asset])) for asset in coins])
    rails = [await _rail(ports, rail) for rail in health.rails if rail.id is not Asset.USD and rail.is_served]
    reviews = await _waiting(ports, Withdrawal, {"asset": tuple(Asset), "state": PayoutState.REVIEW}, "created_at")
    cases = await _waiting(ports, Case, {"state": CaseState.OPEN}, "opened_at")
    papers = await _waiting(ports, KycApplication, {"state": KycState.REVIEW}, "handed_in_at")
    report = DayReport(
        day=day,
        owed_minor=owed_minor(books[Asset.ITD]),
        holdings=holdings,
        rails=tuple(rails),
        reviews=reviews.count,
        cases=cases.count,
        applications=papers.count,
        volumes={
            "sends": done.sends.count,
            "sent_minor": done.sends.amount_minor,
            "purchases": done.purchases.count,
            "bought_minor": done.purchases.amount_minor,
            "withdrawals": done.withdrawals.count,
            "paid_minor": done.withdrawals.amount_minor,
            "income_minor": done.income_minor,
        },
        seals=health.head.length,
        verified_at=health.verification.at if health.verification else None,
        troubles=(),
    )
    troubles = [
        *_of_money(report),
        *_of_work(report, health),
        *_of_desk(health.now, reviews, cases, papers),
        *await _of_switches(ports, health),
    ]
    return replace(report, troubles=tuple(troubles))


def _of_money(report: DayReport) -> list[Trouble]:
    if report.worth_minor is None:
        return [Trouble.UNPRICED]
    return [Trouble.UNCOVERED] if report.worth_minor < report.owed_minor else []


def _of_desk(now: datetime, reviews: _Waiting, cases: _Waiting, papers: _Waiting) -> list[Trouble]:
    waiting = {Trouble.REVIEWS: reviews, Trouble.CASES: cases, Trouble.APPLICATIONS: papers}
    return [trouble for trouble, waits in waiting.items() if waits.is_long(now)]


def _of_work(report: DayReport, health: HealthView) -> list[Trouble]:
    now, seen = health.now, health.verification
    outbox_at = health.outbox.oldest_at
    alive = {pulse.kind for pulse in health.pulses if not pulse.is_silent(now)}
    found = {
        Trouble.QUEUE: any(_Waiting(1, rail["oldest_at"]).is_long(now) for rail in report.rails),
        Trouble.SHORT: any(rail["missing_minor"] for rail in report.rails),
        Trouble.SEALS: health.tail.seconds > LONG_TAIL.total_seconds(),
        Trouble.UNVERIFIED: seen is None or now - seen.at > VERIFIED_WITHIN,
        Trouble.GAPS: seen is not None and seen.gaps > 0,
        Trouble.SILENT: not alive.issuperset(_KINDS_OF_PROCESS),
        Trouble.OUTBOX: outbox_at is not None and now - outbox_at > LONG_TAIL,
    }
    return [trouble for trouble, is_so in found.items() if is_so]


async def _of_switches(ports: Ports, health: HealthView) -> list[Trouble]:
    board = await switchboard(ports)
    served = [rail for rail in health.rails if rail.is_served]
    alarms = await ports.store.find(Alert, {"closed_at": None}, limit=MOST_ALERTS)
    found = {
        Trouble.MODE: board.mode is not Mode.OPEN,
        Trouble.RAIL: any(rail.alarm or rail.state is not RailState.RUNNING for rail in served),
        Trouble.ALARMS: any(alarm.severity is Severity.CRITICAL for alarm in alarms),
    }
    return [trouble for trouble, is_so in found.items() if is_so]


async def _books(ports: Ports, assets: Sequence[Asset]) -> dict[Asset, dict[str, int]]:
    """All balances of one moment: what moves while they are read must not look like something missing."""
    async with ports.store.snapshot() as seen:
        return {
            asset: {name: await balance_minor(seen, Account(asset, name)) for name in PLATFORM_ACCOUNTS}
            for asset in assets
        }


async def _holding(ports: Ports, asset: Asset, coin_minor: int) -> Holding:
    try:
        rate = (await ports.rates.rate(asset)).itd_minor if coin_minor else None
    except Refused:
        rate = None
    return holding(asset, coin_minor, rate)


async def _rail(ports: Ports, rail: Rail) -> Mapping[str, Any]:
    queued = {"asset": rail.id, "state": PayoutState.QUEUED}
    count, sum_minor = await ports.store.sums(Withdrawal, queued, ("coin_minor",))
    oldest = await _waiting(ports, Withdrawal, queued, "created_at")
    level = await ports.store.get(Level, rail.id)
    return {
        "asset": rail.id,
        "queued": count,
        "queued_minor": sum_minor,
        "oldest_at": oldest.oldest_at,
        "free_minor": level.free_minor if level else None,
        "missing_minor": level.missing_minor if level else 0,
    }


async def _waiting(ports: Ports, kind: type[_Waits], where: Mapping[str, Any], since: str) -> _Waiting:
    oldest: Sequence[_Waits] = await ports.store.find(kind, where, order_by=(since,), limit=1)
    return _Waiting(await ports.store.count(kind, where), getattr(oldest[0], since) if oldest else None)
