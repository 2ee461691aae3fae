"""One person's updates in order, different people's in parallel, and a flood harms nobody else."""

from __future__ import annotations

import asyncio

from telegram import Update

from bot.updates import WAITING_PER_PERSON, WAITING_WITH_URGENT, PersonUpdateProcessor
from tests.unit.bot.stage import message


async def test_one_persons_updates_run_one_after_the_other_in_order() -> None:
    processor, ran, running = PersonUpdateProcessor(), list[int](), 0

    async def work(number: int) -> None:
        nonlocal running
        running += 1
        assert running == 1
        await asyncio.sleep(0.001)
        ran.append(number)
        running -= 1

    await asyncio.gather(*(processor.process_update(message("x"), work(n)) for n in range(20)))
    assert ran == list(range(20))


async def test_different_people_run_side_by_side() -> None:
    processor, all_here = PersonUpdateProcessor(), asyncio.Barrier(50)

    async def meet() -> None:
        async with asyncio.timeout(5):
            await all_here.wait()

    await asyncio.gather(*(processor.process_update(message("x", person), meet()) for person in range(1, 51)))


async def test_a_flood_of_one_person_takes_one_place_and_is_cut_off() -> None:
    processor, told, ran, hold = PersonUpdateProcessor(2), list[Update](), list[int](), asyncio.Event()

    async def on_flood(update: Update) -> None:
        told.append(update)

    async def work(number: int) -> None:
        await hold.wait()
        ran.append(number)

    processor.on_flood = on_flood
    flood = [asyncio.create_task(processor.process_update(message("x", 1), work(n))) for n in range(100)]
    await asyncio.sleep(0.01)
    async with asyncio.timeout(5):
        await processor.process_update(message("x", 2), asyncio.sleep(0))
    hold.set()
    await asyncio.gather(*flood)
    assert ran == list(range(WAITING_PER_PERSON + 1)) and len(told) == 1


async def test_freezing_comes_first_and_a_code_still_fits_where_a_flood_fills_the_line() -> None:
    processor, ran, hold = PersonUpdateProcessor(), list[str](), asyncio.Event()

    async def work(text: str) -> None:
        await hold.wait()
        ran.append(text)

    texts = [*(f"flood {n}" for n in range(100)), "123456", "/freeze", "/freezing", *["/freeze"] * 100]
    flood = [asyncio.create_task(processor.process_update(message(text), work(text))) for text in texts]
    await asyncio.sleep(0)
    hold.set()
    await asyncio.gather(*flood)
    assert ran[:2] == ["flood 0", "/freeze"] and ran[-1] == "123456" and "/freezing" not in ran
    assert len(ran) == 1 + WAITING_WITH_URGENT


async def test_a_failing_update_does_not_take_the_next_along() -> None:
    processor, ran = PersonUpdateProcessor(), list[str]()

    async def fail() -> None:
        await asyncio.sleep(0)
        raise RuntimeError("broken")

    async def work() -> None:
        ran.append("next")

    await asyncio.gather(*(processor.process_update(message("x"), one) for one in (fail(), work())))
    assert ran == ["next"]
    await processor.process_update(message("x"), work())
    assert ran == ["next", "next"]


async def test_an_update_of_nobody_just_runs() -> None:
    processor, ran = PersonUpdateProcessor(), list[str]()

    async def work() -> None:
        ran.append("ran")

    await processor.process_update(object(), work())
    assert ran == ["ran"]
