"""What the purchase unit asks and how long it takes, one block behind and after an outage, as open invoices grow.

Wallets of each size watch the same chain, and take turns at every block.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Final

from tests.benchmarks.bench import Bench
from tests.benchmarks.results import Row, at_most
from tests.benchmarks.watchers import Cost, Watcher, most_mebibytes, pay, watchers
from tests.faults.chains import Chain
from tests.faults.coin_chain import open_chain
from wallet_core.domain.purchase import Invoice, InvoiceState

#: By how many invoices were open, one a round.
Costs = dict[int, list[Cost]]

#: They end an outage, so that whatever was paid during it is deep enough to be credited.
_LAST_BLOCKS: Final = 10
#: More would take anvil longer than its client waits.
_MINED_AT_ONCE: Final = 100
_FIGURES: Final[Mapping[str, Callable[[Cost], float]]] = {
    "rpc_calls": lambda cost: cost.rpc_calls,
    "database_calls": lambda cost: cost.database_calls,
    "seconds": lambda cost: cost.seconds,
}
_NAMES: Final = {"rpc_calls": "RPC calls", "database_calls": "database", "seconds": "time"}


async def watching(bench: Bench) -> list[Row]:
    """One block, and an outage, on each chain; and the memory of a worker."""
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as name:
        for asset in bench.plan.chains:
            folder = Path(tempfile.mkdtemp(dir=name))
            async with (
                open_chain(asset, folder, Path(name, "premined")) as chain,
                watchers(bench, chain, folder) as of_sizes,
            ):
                one = await _one_behind(bench, chain, of_sizes)
                rows += _block_rows(f"{asset} one block behind", one)
                rows += await _outage_rows(bench, chain, of_sizes, one)
                rows += await _memory_rows(bench, chain, of_sizes)
    return rows


async def _one_behind(bench: Bench, chain: Chain, of_sizes: Sequence[Watcher]) -> Costs:
    costs: Costs = {watcher.size: [] for watcher in of_sizes}
    bench.say(f"{chain.asset}: one block, {bench.plan.blocks} times")
    for _ in range(bench.plan.blocks):
        await chain.mine()
        for watcher in of_sizes:
            costs[watcher.size].append(await watcher.look())
    return costs


def _block_rows(what: str, costs: Costs) -> list[Row]:
    """Each size is compared with the smallest."""
    smallest, *larger = costs
    return [_row(what, (size, smallest), figure, costs) for size in larger for figure in _FIGURES]


async def _outage_rows(bench: Bench, chain: Chain, of_sizes: Sequence[Watcher], one: Costs) -> list[Row]:
    """The most open invoices are compared with fewer, and the calls with those that one block takes."""
    costs = await _far_behind(bench, chain, of_sizes)
    fewest, *_, most = costs
    what = f"{chain.asset} {bench.plan.outage_blocks:,} blocks behind"
    calls, of_one = (median(cost.rpc_calls for cost in of[most]) for of in (costs, one))
    return [
        *(_row(what, (most, fewest), figure, costs) for figure in _FIGURES),
        Row(
            f"{what}, {most:,} open: calls",
            "one block behind",
            (calls / of_one,),
            more_is_better=False,
            ours={"rpc_calls": calls},
            theirs={"rpc_calls": of_one},
        ),
    ]


async def _far_behind(bench: Bench, chain: Chain, of_sizes: Sequence[Watcher]) -> Costs:
    """With as many payments to more and to fewer open invoices. All must be credited."""
    plan = bench.plan
    enough = [watcher for watcher in of_sizes if watcher.size >= plan.outage_payments]
    costs: Costs = {watcher.size: [] for watcher in enough}
    for number in range(1, plan.outages + 1):
        bench.say(f"{chain.asset}: outage {number} of {plan.outages}, {plan.outage_blocks:,} blocks")
        paid = await _miss(bench, chain, enough)
        for watcher in enough:
            bench.say(f"{chain.asset}: catching up, {watcher.size:,} open invoices")
            costs[watcher.size].append(await watcher.catch_up())
            await _must_be_credited(watcher, paid[watcher.size])
            await watcher.fill_up()
    return costs


async def _miss(bench: Bench, chain: Chain, of_sizes: Sequence[Watcher]) -> dict[int, list[Invoice]]:
    """Mines an outage's blocks. People pay at any time, as many to each wallet in the same block."""
    plan = bench.plan
    paid = {watcher.size: watcher.next_paid(plan.outage_payments) for watcher in of_sizes}
    blocks = random.sample(range(plan.outage_blocks - _LAST_BLOCKS), plan.outage_paid_in)
    at = sorted(random.choices(blocks, k=plan.outage_payments))
    mined = 0
    for block in sorted(set(at)):
        await _mine(chain, block - mined)
        mined = block
        first, count = at.index(block), at.count(block)
        await pay(chain, [invoice for of in paid.values() for invoice in of[first : first + count]])
    await _mine(chain, plan.outage_blocks - mined)
    return paid


async def _mine(chain: Chain, blocks: int) -> None:
    for done in range(0, blocks, _MINED_AT_ONCE):
        await chain.mine(min(_MINED_AT_ONCE, blocks - done))


async def _must_be_credited(watcher: Watcher, paid: Sequence[Invoice]) -> None:
    """Raises ``LookupError``: what is measured on wrong books means nothing."""
    for invoice in paid:
        present = await watcher.inside.invoice(invoice)
        if (present.state, present.credited_minor) != (InvoiceState.CREDITED, invoice.amount_minor):
            raise LookupError(f"{present.asset} invoice {present.index} was paid and is not credited: {present}")


async def _memory_rows(bench: Bench, chain: Chain, of_sizes: Sequence[Watcher]) -> list[Row]:
    """The most that a worker process had while it took in some blocks, one by one."""
    if not bench.plan.worker_blocks:
        return []
    most: dict[int, float] = {}
    for watcher in of_sizes:
        bench.say(f"{chain.asset}: a worker process, {watcher.size:,} open invoices")
        most[watcher.size] = await most_mebibytes(watcher, bench.plan.worker_blocks)
    smallest, *larger = most
    return [
        Row(
            f"{chain.asset} worker, {size:,} open: memory",
            f"{smallest:,} open",
            (most[size] / most[smallest],),
            more_is_better=False,
            ours={"mebibytes": most[size]},
            theirs={"mebibytes": most[smallest]},
        )
        for size in larger
    ]


def _row(what: str, sizes: tuple[int, int], figure: str, costs: Costs) -> Row:
    """Of one figure at the first size, compared with the second."""
    ours, theirs = ([_FIGURES[figure](cost) for cost in costs[size]] for size in sizes)
    return Row(
        f"{what}, {sizes[0]:,} open: {_NAMES[figure]}",
        f"{sizes[1]:,} open",
        [mine / its for mine, its in zip(ours, theirs, strict=True)],
        at_most(3) if figure == "rpc_calls" else None,
        more_is_better=False,
        ours={figure: median(ours)},
        theirs={figure: median(theirs)},
    )
