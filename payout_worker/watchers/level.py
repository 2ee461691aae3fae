"""How much the hot wallet has, for the desk and for whoever acts on it; and tells the admins while it is too little."""

from __future__ import annotations

import structlog

from payout_worker.families import family_of
from payout_worker.ports import WorkerPorts
from payout_worker.tenure import Tenure
from wallet_core.domain.alert import EndAlert, NoteAlert
from wallet_core.domain.guards import Guards, sealed_admins
from wallet_core.domain.hot_wallet import Level, MarkShort, level_message
from wallet_core.domain.money import Asset, plain
from wallet_core.domain.payout import PayoutState, Withdrawal
from wallet_core.domain.people import Role
from wallet_core.domain.purchase import Rail

log = structlog.get_logger(__name__)


async def watch_level(ports: WorkerPorts, tenure: Tenure) -> Level:
    """The level as it is now, noted; what is missing is told once, again when it grows by half, and when it is over."""
    floor_minor, ceiling_minor = ports.settings.hot_minor(ports.asset)
    level = Level(
        id=ports.asset,
        address=ports.signer.address,
        free_minor=await family_of(ports.asset).free(ports),
        queued_minor=await _queued_minor(ports),
        floor_minor=floor_minor,
        ceiling_minor=ceiling_minor,
        at=await ports.store.now(),
    )
    await ports.store.put(level)
    rail = await ports.store.get(Rail, ports.asset)
    news = level.news(rail.short_minor) if rail else None
    if rail is not None and news is not None:
        await _tell(ports, tenure, level, rail, news)
    return level


async def _queued_minor(ports: WorkerPorts) -> int:
    """Coins of all that is queued, also of what has to wait for a time of its own."""
    queued = {"asset": ports.asset, "state": PayoutState.QUEUED}
    _, coin_minor = await ports.store.sums(Withdrawal, queued, ("coin_minor",))
    return coin_minor


async def _tell(ports: WorkerPorts, tenure: Tenure, level: Level, rail: Rail, missing_minor: int) -> None:
    found = await ports.store.find(Guards, {"role": (Role.FINANCE, Role.OWNER)})
    admins = sealed_admins(found, ports.core.vault.mac_fits)
    begins = not rail.short_minor
    addresses = ports.core.addresses.get(ports.asset)
    uri = addresses.payment_uri(level.address, missing_minor) if addresses and missing_minor else ""
    told = [level_message(a.id, level, missing_minor, rail.shortages + begins, uri) for a in admins]
    facts = {"asset": ports.asset, "missing_minor": missing_minor, "free_minor": level.free_minor}
    changes = MarkShort(ports.asset, rail.short_minor, missing_minor), _alert(ports.asset, missing_minor)
    await ports.ledger.post(tenure.posting("level_told", ports.asset, *changes, messages=tuple(told), facts=facts))
    log.warning("hot_wallet_short" if missing_minor else "hot_wallet_filled", **facts)


def _alert(asset: Asset, missing_minor: int) -> NoteAlert | EndAlert:
    """What the chat of alerts is told: how much is missing, or that nothing is."""
    if not missing_minor:
        return EndAlert("hot_wallet_low", asset)
    return NoteAlert("hot_wallet_low", asset, f"{plain(missing_minor, asset)} {asset}")
