"""Ten thousand queued payouts to settled, on real nodes, against the way without batches.

On chains of coins that is one ``sendtoaddress`` each; on Ethereum the same pipeline with a transaction for each payout.
"""

from __future__ import annotations

import gc
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import structlog

from payout_worker.collector import collect_seldom
from payout_worker.logs import log_json
from tests.benchmarks.bench import Bench
from tests.benchmarks.contract import with_contract
from tests.benchmarks.naive_payer import NaivePayer, Sent, naive_payer
from tests.benchmarks.queues import AMOUNT_MINOR, Emptied, Payer
from tests.benchmarks.results import Reach, Row, at_least, at_most
from tests.faults.coin_chain import open_chain
from tests.faults.world import RATE_MINOR
from wallet_core.domain.money import Asset
from wallet_core.domain.quote import coins_out


async def paying(bench: Bench) -> list[Row]:
    """Time, and virtual bytes or gas, of a payout."""
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as name, _as_in_a_worker(Path(name, "worker.log")):
        for asset in bench.plan.chains:
            pay = _in_ether if asset is Asset.ETH else _in_coins
            rows += await pay(bench, asset, Path(tempfile.mkdtemp(dir=name)), Path(name, "premined"))
    return rows


@contextmanager
def _as_in_a_worker(file: Path) -> Iterator[None]:
    """What it says costs as much here as in its own process, and so does its garbage."""
    before, thresholds = structlog.get_config(), gc.get_threshold()
    collect_seldom()
    with file.open("w") as out:
        log_json("INFO")
        structlog.configure(logger_factory=structlog.PrintLoggerFactory(out))
        try:
            yield
        finally:
            structlog.configure(**before)
            gc.set_threshold(*thresholds)
            gc.unfreeze()


async def _in_coins(bench: Bench, asset: Asset, folder: Path, premined: Path) -> list[Row]:
    plan = bench.plan
    async with (
        open_chain(asset, folder, premined) as chain,
        Payer.opened(bench, chain, folder / "wallet", "paying") as payer,
        bench.database(f"naive_{asset}") as database,
        naive_payer(asset, database, folder / "naive", premined / asset) as naive,
    ):
        await naive.fund()
        ours, theirs = list[Emptied](), list[Sent]()
        for number in range(1, plan.paying_rounds + 1):
            bench.say(f"{asset}: {plan.payouts:,} payouts and {plan.sends:,} one by one, round {number}")
            theirs.append(await _one_by_one(naive, payer, plan.sends))
            ours.append(await payer.pay(plan.payouts))
    return _coin_rows(asset, ours, theirs)


async def _one_by_one(naive: NaivePayer, payer: Payer, sends: int) -> Sent:
    chain = payer.queue.world.chain
    addresses = [chain.fresh_address() for _ in range(sends)]
    return await naive.pay(coins_out(AMOUNT_MINOR, RATE_MINOR, chain.asset), addresses)


async def _in_ether(bench: Bench, asset: Asset, folder: Path, premined: Path) -> list[Row]:
    """To new addresses, and once more to the same ones. Both ways stand on one chain, with a hot wallet each."""
    plan = bench.plan
    async with (
        open_chain(asset, folder, premined) as chain,
        Payer.opened(bench, chain, folder / "single", "single") as one_by_one,
        Payer.opened(bench, chain, folder / "many", "many") as many,
    ):
        many.inside = await with_contract(many.inside)
        paid: dict[str, tuple[list[Emptied], list[Emptied]]] = {"new": ([], []), "existing": ([], [])}
        for number in range(1, plan.paying_rounds + 1):
            bench.say(f"{asset}: {plan.ether_sends:,} payouts one by one, round {number}")
            to = [chain.fresh_address() for _ in range(max(plan.payouts, plan.ether_sends))]
            for ours, theirs in paid.values():
                theirs.append(await one_by_one.pay(plan.ether_sends, to[: plan.ether_sends]))
                bench.say(f"{asset}: {plan.payouts:,} payouts by the contract")
                ours.append(await many.pay(plan.payouts, to[: plan.payouts]))
    return [row for name, (ours, theirs) in paid.items() for row in _ether_rows(name, ours, theirs)]


def _ether_rows(addresses: str, ours: Sequence[Emptied], theirs: Sequence[Emptied]) -> list[Row]:
    what, against = f"ETH payouts to {addresses} addresses", f"one transaction each, {theirs[0].payouts:,}, scaled"
    pairs = list(zip(ours, theirs, strict=True))
    return [
        _time_row(what, against, ours, theirs, at_least(4)),
        Row(
            f"{what}: gas",
            against,
            [mine.weight / mine.payouts / (its.weight / its.payouts) for mine, its in pairs],
            at_most(1) if addresses == "existing" else None,
            more_is_better=False,
            ours={"gas_each": median(mine.weight / mine.payouts for mine in ours)},
            theirs={"gas_each": median(its.weight / its.payouts for its in theirs)},
        ),
    ]


def _coin_rows(asset: Asset, ours: Sequence[Emptied], theirs: Sequence[Sent]) -> list[Row]:
    paid, sent = ours[0].payouts, theirs[0].payouts
    what, against = f"{asset} {paid:,} payouts", f"sendtoaddress, {sent:,} of them, scaled"
    pairs = list(zip(ours, theirs, strict=True))
    return [
        _time_row(what, against, ours, theirs, at_least(20)),
        Row(
            f"{what}: virtual bytes",
            against,
            [its.vbytes / its.payouts * mine.payouts / mine.weight for mine, its in pairs],
            at_least(3.5),
            ours={"vbytes_each": median(mine.weight / mine.payouts for mine in ours)},
            theirs={"vbytes_each": median(its.vbytes / its.payouts for its in theirs)},
        ),
    ]


def _time_row(
    what: str, against: str, ours: Sequence[Emptied], theirs: Sequence[Emptied] | Sequence[Sent], reach: Reach
) -> Row:
    """How many times faster a payout is."""
    return Row(
        f"{what}: time",
        against,
        [(its.seconds / its.payouts) / (mine.seconds / mine.payouts) for mine, its in zip(ours, theirs, strict=True)],
        reach,
        ours=_speed(ours),
        theirs=_speed(theirs),
    )


def _speed(paid: Sequence[Emptied] | Sequence[Sent]) -> dict[str, float]:
    each = {"seconds": median(one.seconds for one in paid), "payouts": paid[0].payouts}
    ours = [one for one in paid if isinstance(one, Emptied)]
    if not ours:
        return each
    return each | {
        "cpu_ms_each": 1_000 * median(one.cpu_seconds / one.payouts for one in ours),
        "longest_stall_ms": 1_000 * max(one.longest_stall_seconds for one in ours),
    }
