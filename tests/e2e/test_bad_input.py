"""What goes wrong in a chat is answered as a person would want it, and costs nothing."""

import asyncio

import pytest

from tests.e2e.conftest import RunningSandbox
from tests.e2e.test_the_whole_way import new_address
from tests.support.chat import ChatPerson, buttons_of, text_of

BAD_AMOUNTS = ["-1", "0", "1e400", "١٢", "1_000", "NaN", "7" * 3_900, "1.0000001"]


@pytest.fixture(scope="module")
async def anna(sandbox: RunningSandbox) -> ChatPerson:
    person = await sandbox.sim.person("Anna")
    await person.enrol()
    await person.buy("50")
    return person


@pytest.fixture(scope="module")
async def ben(sandbox: RunningSandbox) -> ChatPerson:
    person = await sandbox.sim.person("Ben")
    await person.enrol()
    return person


@pytest.mark.parametrize("amount", BAD_AMOUNTS, ids=lambda amount: amount[:12])
async def test_a_bad_amount_is_explained_with_an_example(anna: ChatPerson, ben: ChatPerson, amount: str) -> None:
    answer = text_of(await anna.ask(f"/send {amount} @{ben.username}", "could not read that amount"))
    assert "such as 12.5" in answer and "at most 6 decimals" in answer


@pytest.mark.parametrize(
    "text", ["/balance", "/send 5 @x", "/buy 10 ETH", "/admin", "/history", "/help", "hello", "123456"]
)
async def test_before_enrolment_everything_answers_with_the_way_to_enrol(sandbox: RunningSandbox, text: str) -> None:
    newcomer = await sandbox.sim.person("New")
    assert "/start" in text_of(await newcomer.ask(text, "/start"))


async def test_before_enrolment_contacts_and_deep_links_do_nothing_either(sandbox: RunningSandbox) -> None:
    newcomer = await sandbox.sim.person("New")
    await newcomer.ask("/start pay_abcdef", "otpauth://")
    before = await newcomer.position()
    await sandbox.sim.post(f"/chats/{newcomer.id}/messages", **{"from": newcomer.id, "contact": True})
    await newcomer.reads("/start", after=before)


async def test_an_unknown_recipient_is_refused_and_nothing_is_debited(anna: ChatPerson) -> None:
    await anna.ask("/send 5 @nobody_here", "Nothing was sent")
    await anna.ask("/balance", "50 ITD")


async def test_the_card_says_that_an_unenrolled_recipient_must_claim_and_cancelled_nothing_is_held(
    sandbox: RunningSandbox, anna: ChatPerson
) -> None:
    unenrolled = await sandbox.sim.person("Late")
    await unenrolled.ask("/help", "/start")
    offer = await anna.ask(f"/send 5 @{unenrolled.username}", "Balance after", "until they join and claim it")
    await anna.press(offer, "Cancel")
    await anna.ask("/balance", "50 ITD")


async def test_more_than_there_is_names_what_there_is(anna: ChatPerson, ben: ChatPerson) -> None:
    assert "50" in text_of(await anna.ask(f"/send 51 @{ben.username}", "50"))


@pytest.mark.parametrize("address", ["0x52908400098527886E0F7030069857D2E4169Ee7", "0x" + "0" * 40, "bc1qxyz"])
async def test_a_bad_address_is_refused_before_a_card_is_shown(anna: ChatPerson, address: str) -> None:
    answer = await anna.ask(f"/withdraw 5 ETH {address}", "ddress")
    assert "Confirm" not in buttons_of(answer)


async def test_somebody_elses_button_does_nothing(anna: ChatPerson, ben: ChatPerson) -> None:
    offer = await anna.ask(f"/send 1 @{ben.username}", "Balance after")
    own = await ben.ask("/balance", "Available")
    toast = await ben.press_data(own, buttons_of(offer)["Confirm"])
    assert "not yours" in toast.lower() or "somebody else" in toast.lower(), toast
    await anna.press(offer, "Cancel")
    await anna.ask("/balance", "50 ITD")


async def test_a_wrong_code_and_a_used_code_are_told_apart_and_hold_nothing(anna: ChatPerson) -> None:
    offer = await anna.ask(f"/withdraw 5 ETH {new_address()}", "Balance after")
    before = await anna.position()
    await anna.press(offer, "Confirm")
    await anna.reads("6-digit code", after=before)
    wrong = "000000" if (await anna.code()) != "000000" else "000001"
    await anna.ask(wrong, "not right", "tries are left")
    await anna.ask("/balance", "Available: 50 ITD")


async def test_a_limit_names_its_numbers_and_when_it_frees(anna: ChatPerson) -> None:
    answer = text_of(await anna.ask("/buy 501 ETH", "500"))
    assert "level 1" in answer and "UTC" in answer and "5000 ITD" in answer


async def test_two_confirmations_at_once_withdraw_once(sandbox: RunningSandbox) -> None:
    person = await sandbox.sim.person("Twin")
    await person.enrol()
    await person.buy("20")
    offer = await person.ask(f"/withdraw 5 ETH {new_address()}", "Balance after")
    data = buttons_of(offer)["Confirm"]
    await asyncio.gather(*(person.press_data(offer, data) for _ in range(3)))
    await person.reads("6-digit code")
    code = await person.code()
    await asyncio.gather(*(person.say(code) for _ in range(3)))
    await person.reads("The transaction is final", seconds=60)
    await person.ask("/balance", "Available: 14.5 ITD")


async def test_frozen_means_nothing_leaves_until_a_code_says_otherwise(
    sandbox: RunningSandbox, ben: ChatPerson
) -> None:
    person = await sandbox.sim.person("Ice")
    await person.enrol()
    await person.buy("20")
    offer = await person.ask(f"/send 1 @{ben.username}", "Balance after")
    await person.ask("/freeze", "rozen")
    before = await person.position()
    await person.press(offer, "Confirm")
    await person.reads("rozen", after=before)
    await person.ask("/balance", "20 ITD")
    await person.ask("/unfreeze", "6-digit code")
    await person.say(await person.code())
    await person.ask(f"/send 1 @{ben.username}", "Balance after")


async def test_a_recovery_code_brings_a_new_device_and_withdrawals_wait(sandbox: RunningSandbox) -> None:
    person = await sandbox.sim.person("Lost")
    await person.enrol()
    await person.buy("20")
    await person.ask("/recover", "ecovery code")
    card = await person.ask(person.codes[0], "otpauth://")
    await person.pair(card)
    await person.reads("Your recovery codes", after=await person.say(await person.code()))
    await person.ask(f"/withdraw 5 ETH {new_address()}", "recovery")
    await person.ask("/balance", "20 ITD")
