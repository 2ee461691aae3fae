"""Every event of security is told by the posting that it is, and nobody can mute it."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from bot.views.receipts import receipt
from bot.views.words import LANGUAGES, words_for
from tests.unit.wallet_core.use_cases.test_moves import asked, begun
from tests.unit.wallet_core.use_cases.test_resets import check, checked, recovery_codes_of
from tests.unit.wallet_core.world import ADDRESS, World
from wallet_core.domain.chat import OutboxMessage
from wallet_core.domain.errors import Refused
from wallet_core.domain.guards import ChangeGuards
from wallet_core.domain.payout import Withdrawal
from wallet_core.domain.people import Caller, Role
from wallet_core.use_cases.ask_move import ask_move
from wallet_core.use_cases.ask_reset import ask_reset
from wallet_core.use_cases.cancel_move import cancel_move
from wallet_core.use_cases.cancel_reset import cancel_reset
from wallet_core.use_cases.complete_move import complete_move
from wallet_core.use_cases.complete_reset import complete_reset
from wallet_core.use_cases.confirm_device import confirm_device
from wallet_core.use_cases.confirm_enrolment import confirm_enrolment
from wallet_core.use_cases.freeze import freeze
from wallet_core.use_cases.freeze_person import freeze_person
from wallet_core.use_cases.quote_withdrawal import quote_withdrawal
from wallet_core.use_cases.recover_access import recover_access
from wallet_core.use_cases.renew_recovery_codes import renew_recovery_codes
from wallet_core.use_cases.replace_device import replace_device
from wallet_core.use_cases.request_withdrawal import request_withdrawal
from wallet_core.use_cases.tend_waits import tend_waits
from wallet_core.use_cases.unfreeze import unfreeze
from wallet_core.use_cases.unfreeze_person import unfreeze_person

PAGE = (Path(__file__).resolve().parents[4] / "docs" / "security.md").read_text()
ANA, NEW = Caller(1), Caller(2)
Act = Callable[[World], Awaitable[object]]


async def _admins(world: World) -> tuple[Caller, Caller]:
    return await world.person(8, role=Role.FINANCE), await world.person(9, role=Role.OWNER)


async def _new_device(world: World) -> None:
    secret = (await replace_device(world.ports, ANA, await world.code(ANA))).secret
    world.clock.turn(seconds=30)
    await confirm_device(world.ports, ANA, world.code_of(secret))


async def _recovered(world: World) -> None:
    await recover_access(world.ports, ANA, (await recovery_codes_of(world, ANA))[0])


async def _recovered_and_paired(world: World) -> None:
    code = (await recovery_codes_of(world, ANA))[0]
    secret = (await recover_access(world.ports, ANA, code)).secret
    await confirm_enrolment(world.ports, ANA, world.code_of(secret))


async def _renewed(world: World) -> None:
    await renew_recovery_codes(world.ports, ANA, await world.code(ANA))


async def _wrong_codes(world: World) -> None:
    for _ in range(5):
        with suppress(Refused):
            await unfreeze(world.ports, ANA, "000000")


async def _a_hundred_wrong_codes(world: World) -> None:
    await world.post(changes=(ChangeGuards(1, lambda g, _: g.with_(failures_in_all=99)),))
    with suppress(Refused):
        await unfreeze(world.ports, ANA, "000000")


async def _frozen(world: World) -> None:
    await freeze(world.ports, ANA)


async def _unfreeze_asked(world: World) -> None:
    await freeze(world.ports, ANA)
    await unfreeze(world.ports, ANA, await world.code(ANA))


async def _unfreeze_cancelled(world: World) -> None:
    await _unfreeze_asked(world)
    await freeze(world.ports, ANA)


async def _freeze_over(world: World) -> None:
    await _unfreeze_asked(world)
    world.clock.turn(days=2)
    await tend_waits(world.ports)


async def _frozen_by_admin(world: World) -> None:
    admin, _ = await _admins(world)
    until = world.clock() + timedelta(days=9)
    await freeze_person(world.ports, admin, 1, reason="why", until=until, code=await world.code(admin))


async def _unfrozen_by_admin(world: World) -> None:
    await _frozen_by_admin(world)
    await unfreeze_person(world.ports, Caller(8), 1, await world.code(Caller(8)))


async def _reset_asked(world: World) -> None:
    await ask_reset(world.ports, ANA)


async def _reset_checked(world: World) -> None:
    admins = await _admins(world)
    await checked(world, await ask_reset(world.ports, ANA), admins)


async def _reset_reminded(world: World) -> None:
    await ask_reset(world.ports, ANA)
    world.clock.turn(days=2)
    await tend_waits(world.ports)


async def _reset_refused(world: World) -> None:
    admins = await _admins(world)
    await check(world, admins[0], await ask_reset(world.ports, ANA), "")


async def _reset_cancelled(world: World) -> None:
    await ask_reset(world.ports, ANA)
    await cancel_reset(world.ports, ANA, await world.code(ANA))


async def _reset_done(world: World) -> None:
    await _reset_checked(world)
    world.clock.turn(days=4)
    await complete_reset(world.ports, ANA)


async def _move_asked(world: World) -> None:
    await asked(world, ANA)


async def _move_cancelled(world: World) -> None:
    await cancel_move(world.ports, ANA, (await asked(world, ANA)).id)


async def _moved(world: World) -> None:
    move = await asked(world, ANA)
    world.clock.turn(days=4)
    await complete_move(world.ports, NEW, move.id)


async def _move_failed(world: World) -> None:
    move = await begun(world, ANA)
    for _ in range(3):
        with suppress(Refused):
            await ask_move(world.ports, NEW, move.id, "000000")


async def _new_address(world: World) -> None:
    await world.open_rail()
    await world.fund(ANA, 100)
    quote = await quote_withdrawal(world.ports, ANA, "5", "ETH", ADDRESS)
    await request_withdrawal(world.ports, ANA, quote.intent.id, await world.code(ANA))


#: The event as the page names it, what leads to it, and the template that tells the person of it.
EVENTS: list[tuple[str, Act, str]] = [
    ("a new device", _new_device, "device_paired"),
    ("a new device after a recovery", _recovered_and_paired, "device_paired"),
    ("a recovery code used", _recovered, "recovery_used"),
    ("recovery codes renewed", _renewed, "recovery_renewed"),
    ("wrong codes in a row", _wrong_codes, "codes_locked"),
    ("no code taken any more", _a_hundred_wrong_codes, "codes_locked"),
    ("frozen by oneself", _frozen, "frozen"),
    ("frozen by an admin", _frozen_by_admin, "frozen_by_admin"),
    ("unfreezing asked for", _unfreeze_asked, "unfreeze_asked"),
    ("unfreezing taken back", _unfreeze_cancelled, "unfreeze_cancelled"),
    ("a freeze over", _freeze_over, "thawed"),
    ("unfrozen by an admin", _unfrozen_by_admin, "thawed"),
    ("a reset asked for", _reset_asked, "reset"),
    ("a reset checked by two admins", _reset_checked, "reset"),
    ("a reset that waits, each day", _reset_reminded, "reset"),
    ("a reset refused", _reset_refused, "reset"),
    ("a reset cancelled", _reset_cancelled, "reset"),
    ("a reset carried out", _reset_done, "reset"),
    ("a move asked for", _move_asked, "account_move"),
    ("a move cancelled", _move_cancelled, "account_move"),
    ("a move carried out", _moved, "account_move"),
    ("a move that failed", _move_failed, "move_failed"),
    ("an address used for the first time", _new_address, "new_address"),
]


def _sent(world: World, template: str) -> list[OutboxMessage]:
    found = [OutboxMessage.of(d) for t, d in world.memory.documents.items() if t.collection == OutboxMessage.collection]
    return [message for message in found if message.template == template and message.person == ANA.person]


@pytest.mark.parametrize(("act", "template"), [row[1:] for row in EVENTS], ids=[row[0] for row in EVENTS])
async def test_every_event_is_told_at_once_in_every_language(world: World, act: Act, template: str) -> None:
    await world.person(1)
    await act(world)
    told = _sent(world, template)
    assert told
    for message in told:
        texts = {receipt(words_for(language), message).text for language in LANGUAGES}
        assert len(texts) == len(LANGUAGES) and not any("{" in text for text in texts)
        english = receipt(words_for("en"), message).text
        assert "Security notice" in english and "Notice:" not in english


def test_the_page_lists_them_all() -> None:
    table = PAGE.split("<!-- notices -->")[1].split("<!-- /notices -->")[0]
    listed = re.findall(r"^\| ([^|]+) \| `(\w+)` \|", table, re.MULTILINE)
    elsewhere = {"a role given or taken", "a level changed", "moved away, in the former chat"}
    assert [row for row in listed if row[0] not in elsewhere] == [(name, template) for name, _, template in EVENTS]


async def test_a_taken_over_account_with_a_code_pays_no_new_address_for_a_day(world: World) -> None:
    await world.person(1)
    world.clock.turn(days=30)
    await _new_address(world)
    (withdrawal,) = await world.memory.find(Withdrawal, {"person": 1})
    day = timedelta(seconds=world.ports.settings.new_address_wait_seconds)
    assert day == timedelta(days=1) and withdrawal.not_before == world.clock() + day
    (notice,) = _sent(world, "new_address")
    assert (notice.facts["address"], notice.facts["not_before"]) == (ADDRESS, withdrawal.not_before)
    # Freezing in that day keeps it from being paid, and so does cancelling it.
    await freeze(world.ports, ANA)
    world.clock.turn(days=2)
    with pytest.raises(Refused) as refused:
        await quote_withdrawal(world.ports, ANA, "5", "ETH", ADDRESS)
    assert refused.value.facts["policy"] == "frozen_person"
