"""Kills of the worker and of the bot while people pay by card: at points, and at random moments."""

from __future__ import annotations

import asyncio
import random
import signal
from collections.abc import Sequence
from typing import Final

from tests.faults.cards.customers import MANY, Customers, Story, until
from tests.faults.cards.stories import STORIES
from tests.faults.cards.verdict import judge
from tests.faults.cards.world import CardWorld
from tests.faults.trials import Trial
from wallet_core.domain.card import EVENT_KINDS, CardEvent
from wallet_core.domain.card_reversal import UNDECIDED, CardReversal
from wallet_core.domain.guards import Guards
from wallet_core.domain.ledger import Balance
from wallet_core.domain.money import Asset
from wallet_core.domain.purchase import Invoice, InvoiceState, Rail
from wallet_core.ports import After
from wallet_core.use_cases.verify_books import verify_books

WORKER: Final = "worker"
BOT: Final = "bot"
#: What the points of the bot begin with.
_OF_BOT: Final = "card_webhook:"
#: One kill in so many is the bot's.
_BOT_EVERY: Final = 3
#: A life that does not come to its point in this time does not come to it.
_LIFE_SECONDS: Final = 20.0
_LOOK_SECONDS: Final = 0.05
_TRIES: Final = 3
_SETTLE_SECONDS: Final = 90.0


async def kill_at_random(world: CardWorld, kills: int, seed: int) -> Trial:
    """So many kills at random moments, of the worker and of the bot."""
    chance = random.Random(seed)
    trial, customers = Trial("random kills", f"seed {seed}"), Customers(world, chance, STORIES)
    await _open(world)
    async with customers.shopping():
        for number in range(kills):
            await asyncio.sleep(chance.uniform(0.05, 2.5))
            name = BOT if number % _BOT_EVERY == 0 else WORKER
            killed = await world.kill(name)
            trial.kills += killed
            trial.done[f"kills of the {name}"] += killed
            world.start(name)
    return await _finish(world, customers, trial)


async def kill_at_points(
    world: CardWorld, points: Sequence[str], seed: int, times: int, stories: Sequence[Story] = STORIES
) -> Trial:
    """Kills the process that has the point so often at each of them, worker and bot at the same time."""
    trial, customers = Trial("points", f"seed {seed}"), Customers(world, random.Random(seed), stories)
    of_bot = [point for point in points if point.startswith(_OF_BOT)]
    await _open(world)
    async with customers.shopping(min(len(stories), MANY)):
        await asyncio.gather(
            _sweep(world, trial, WORKER, [point for point in points if point not in of_bot], times),
            _sweep(world, trial, BOT, of_bot, times),
        )
    trial.kills = trial.points.total()
    return await _finish(world, customers, trial)


async def _sweep(world: CardWorld, trial: Trial, name: str, points: list[str], times: int) -> None:
    for point in points:
        for _ in range(times * _TRIES):
            if trial.points[point] == times:
                break
            trial.points[point] += await _killed_at(world, name, point)
        if trial.points[point] < times:
            trial.untried.append(f"{point}: {trial.points[point]} of {times}")
    await world.kill(name)
    world.start(name)


async def _killed_at(world: CardWorld, name: str, point: str) -> bool:
    """One life, which should end at the point."""
    await world.kill(name)
    process = world.start(name, WALLET_FAILPOINT=point)
    for _ in range(int(_LIFE_SECONDS / _LOOK_SECONDS)):
        if process.poll() is not None:
            break
        await asyncio.sleep(_LOOK_SECONDS)
    return process.poll() == -signal.SIGKILL


async def _open(world: CardWorld) -> None:
    """Both processes run, and cards are sold."""
    world.start(WORKER)
    world.start(BOT)

    async def sells() -> bool:
        rail = await world.ports.store.get(Rail, Asset.USD)
        return rail is not None and rail.sells

    await until(sells)


async def _finish(world: CardWorld, customers: Customers, trial: Trial) -> Trial:
    """The card company decides all that is open; when the worker has followed, everything is judged."""
    await _decide(world, customers)

    async def is_at_rest() -> bool:
        return await _rests(world)

    stuck = list(customers.stuck)
    try:
        await until(is_at_rest, _SETTLE_SECONDS)
    except AssertionError:
        stuck.append("it did not come to rest")
    codes = {name: await world.stop(name) for name in (WORKER, BOT)}
    trial.finished = not stuck and set(codes.values()) == {0}
    trial.verdict = await judge(world.ports.store, world.company)
    trial.verdict.gaps += [*stuck, *(f"the {name} ended with {code}" for name, code in codes.items() if code)]
    trial.verdict.gaps += [str(gap) for gap in (await verify_books(world.ports, {})).gaps]
    _count(world, customers, trial)
    return trial


async def _decide(world: CardWorld, customers: Customers) -> None:
    """Pages expire, banks pay or do not, disputes are won or lost."""
    company, chance = world.company.company, customers.chance
    ends = (("expire",), ("succeed", "fail"), ("settle-refund", "fail-refund"), ("win", "lose"))
    for action in (chance.choice(end) for end in ends for _ in range(2)):
        for session in await company.sessions():
            is_open = {"settle-refund", "win", "succeed", "expire"} & set(session["actions"])
            if is_open and action in session["actions"]:
                await company.act(session["id"], action, {})


async def _rests(world: CardWorld) -> bool:
    store, company = world.ports.store, world.company
    heard = await store.count(CardEvent, {"kind": EVENT_KINDS})
    told = sum(one["type"] in EVENT_KINDS for one in company.table("event"))
    waits = (
        await store.count(CardEvent, {"handled_at": None}),
        await store.count(Invoice, {"state": InvoiceState.OPEN}),
        await store.count(CardReversal, {"state": UNDECIDED}),
    )
    return heard == told and not any(waits) and not await _repayable(world)


async def _repayable(world: CardWorld) -> bool:
    store = world.ports.store
    owing = await store.find(Guards, {"debt_minor": After(0)}, limit=1_000)
    accounts = tuple(f"ITD:person:{guards.id}:available" for guards in owing)
    return bool(accounts) and await store.count(Balance, {"account": accounts, "balance_minor": After(0)}) > 0


def _count(world: CardWorld, customers: Customers, trial: Trial) -> None:
    company = world.company
    trial.done.update({f"story: {story}": times for story, times in sorted(customers.played.items())})
    trial.done["sessions"] = len(company.table("checkout.session"))
    trial.done["sessions paid"] = sum(one["payment_status"] == "paid" for one in company.table("checkout.session"))
    trial.done["refunds"] = len(company.table("refund"))
    trial.done["disputes"] = len(company.table("dispute"))
    trial.done["events"] = len(company.table("event"))
    trial.done["events taken by the bot"] = sum(not one["pending_webhooks"] for one in company.table("event"))
