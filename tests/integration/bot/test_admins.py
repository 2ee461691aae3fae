"""What admins do in the chat beside money: roles by two, people looked up, the review queue, the audit log."""

from tests.integration.bot.conftest import Town, buttons_of, text_of
from tests.support.roles import give_level
from tests.support.wallet import ELSEWHERE, ITD
from wallet_core.domain.journal import JournalRecord
from wallet_core.domain.people import Role


async def test_a_role_is_given_by_two_owners_and_the_menu_follows(town: Town) -> None:
    root, zoe = await town.resident("Root", role=Role.OWNER), await town.resident("Zoe", role=Role.OWNER)
    ana = await town.resident("Ana")
    await ana.ask("/admin", "That is not open to you.")
    await root.ask("/role ana finance", "Write it like this")
    await root.ask(f"/role {ana.person} finance", f"give person {ana.person} this role: finance")
    await root.ask(root.code(), "Nothing is changed before another admin approves")
    own = await root.told_ever("A change of a role needs a second owner")
    assert [button["text"] for button in buttons_of(own)] == ["Take it back"]
    listed = await zoe.ask("/approvals", "Waiting for a second admin")
    assert f"role of person {ana.person}: finance, asked by id {root.person}" in text_of(listed)
    await zoe.press(listed, "1")
    question = await zoe.told("A change of a role needs a second owner")
    assert "Ana" in text_of(question) and "From no role to finance" in text_of(question)
    await zoe.press(question, "Approve")
    await zoe.told("6-digit code")
    await zoe.ask(zoe.code(), "Approved. It is done")
    assert "From no role to finance" in text_of(await ana.told_ever("Security notice: a role was changed"))
    await ana.ask("/admin", "Admin desk")
    log = text_of(await zoe.ask("/audit", "Audit log: all"))
    for kind in ("role_granted", "approval_asked", "admin_refused"):
        assert kind in log, log
    await ana.ask("/audit", "That is not open to you.")


async def test_what_was_asked_is_taken_back_and_cannot_be_approved(town: Town) -> None:
    root, zoe = await town.resident("Root", role=Role.OWNER), await town.resident("Zoe", role=Role.OWNER)
    ana = await town.resident("Ana")
    await root.ask(f"/role {ana.person} owner", "this role: owner")
    await root.ask(root.code(), "Nothing is changed before")
    question = await zoe.told_ever("A change of a role needs a second owner")
    await root.press(await root.told_ever("A change of a role needs a second owner"), "Take it back")
    await root.told("Taken back. Nothing was done.")
    await zoe.press(question, "Approve")
    await zoe.ask("/approvals", "Nothing is waiting.")


async def test_a_person_is_looked_up_and_that_is_recorded(town: Town) -> None:
    sue, ana = await town.resident("Sue", role=Role.SUPPORT), await town.resident("Ana", itd=120)
    await sue.ask("/user", "Write it like this")
    await sue.ask("/user @nobody_here", "I found nobody by that")
    await ana.ask(f"/user {sue.person}", "That is not open to you.")
    card = await sue.ask(f"/user @{ana.username}", "That you looked is recorded.")
    for part in ("Ana", f"id {ana.person}", "Level: 1", "Two-factor authentication: on", "Not frozen.", "120 ITD"):
        assert part in text_of(card), text_of(card)
    await sue.press(card, "Timeline")
    await sue.told(f"Timeline of person {ana.person}")
    found = await town.wallet.ports.store.find(JournalRecord, {"kind": "person_looked_up"})
    assert {(record.by, record.facts["what"]) for record in found} == {
        (f"person:{sue.person}", "card"),
        (f"person:{sue.person}", "timeline"),
    }


async def test_a_large_withdrawal_goes_through_the_queue_by_two_admins(town: Town) -> None:
    fin, root = await town.resident("Fin", role=Role.FINANCE), await town.resident("Root", role=Role.OWNER)
    ana = await town.resident("Ana", itd=2_000)
    await give_level(town.wallet.ports, ana.person, 3)
    offer = await ana.ask(f"/withdraw 1500 ETH {ELSEWHERE}", "To address")
    await ana.press(offer, "Confirm")
    await ana.told("6-digit code")
    await ana.ask(ana.code(), "Status: waiting for an admin")
    card = await fin.ask("/reviews", "Withdrawals in review: 1 of 1")
    for part in ("What the rules found (set 0)", "amount_threshold: Withdrawals above 200 ITD", "Nothing to say: ",
                 "it takes two admins", ELSEWHERE, "1500 ITD"):  # fmt: skip
        assert part in text_of(card), text_of(card)
    await fin.press(card, "Approve")
    await fin.told("6-digit code")
    await fin.ask(fin.code(), "Your approval is noted. Nothing is paid before a second admin")
    again = await fin.ask("/reviews", "a second admin has to approve as well")
    assert "Approve" not in [button["text"] for button in buttons_of(again)]
    card = await root.ask("/reviews", "a second admin has to approve as well")
    await root.press(card, "Approve")
    await root.told("6-digit code")
    await root.ask(root.code(), "Done.")
    await ana.told("Status: queued")
    assert (await town.balance(ana))[1] > 1_500 * ITD
