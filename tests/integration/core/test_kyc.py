"""Applications for a level on the real MongoDB: who may do what, and levels go up once."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from tests.support.papers import (
    JPEG,
    TELEPHONE,
    changed,
    complete,
    files_of,
    found,
    handed_in,
    level_of,
    looked_through,
    looks,
    next_message,
    refused,
    send_part,
    taken,
)
from tests.support.roles import give_level, give_role
from tests.support.wallet import Wallet
from wallet_core.domain.chat import OutboxMessage
from wallet_core.domain.errors import InvariantViolated, Reason, Refused
from wallet_core.domain.kyc_application import KycApplication, KycState
from wallet_core.domain.kyc_document import Part
from wallet_core.domain.people import Role
from wallet_core.ports import Ports
from wallet_core.use_cases.apply_for_level import apply_for_level
from wallet_core.use_cases.approve_application import approve_application
from wallet_core.use_cases.ask_document_again import ask_document_again
from wallet_core.use_cases.cancel_application import cancel_application
from wallet_core.use_cases.claim_application import claim_application
from wallet_core.use_cases.freeze import freeze
from wallet_core.use_cases.hand_in_application import hand_in_application
from wallet_core.use_cases.kyc_applications import running_of
from wallet_core.use_cases.lapse_applications import lapse_applications
from wallet_core.use_cases.look_at_document import look_at_document
from wallet_core.use_cases.lower_level import lower_level
from wallet_core.use_cases.refuse_application import refuse_application
from wallet_core.use_cases.remove_documents import remove_documents
from wallet_core.use_cases.send_kyc_file import send_kyc_file
from wallet_core.use_cases.share_contact import share_contact
from wallet_core.use_cases.show_applications import show_applications

Patch = pytest.MonkeyPatch


async def test_from_level_one_to_three(wallet: Wallet) -> None:
    ports, ana = wallet.ports, await wallet.person()
    rita, rudi = await wallet.person(role=Role.FINANCE), await wallet.person(role=Role.OWNER)
    application = await handed_in(ports, ana)
    await looked_through(wallet, rita, application)
    done = await approve_application(ports, rita, application.id, await wallet.code(rita))
    assert done.state is KycState.APPROVED and await level_of(wallet, ana) == 2
    second = await handed_in(ports, ana)
    assert second.level == 3
    await looked_through(wallet, rita, second)
    await approve_application(ports, rita, second.id, await wallet.code(rita))
    assert await level_of(wallet, ana) == 2, "level 3 takes two"
    await taken(wallet, rita, second)
    for document in second.current:
        await look_at_document(ports, rita, second.id, document.id)
    assert await refused(approve_application(ports, rita, second.id, await wallet.code(rita))) is Reason.SECOND_REVIEWER
    await changed(wallet, second, claimed_until=None)
    await looked_through(wallet, rudi, second)
    await approve_application(ports, rudi, second.id, await wallet.code(rudi))
    assert await level_of(wallet, ana) == 3
    assert await refused(apply_for_level(ports, ana)) is Reason.HIGHEST_LEVEL


async def test_an_approval_of_one_who_is_no_reviewer_any_more_counts_for_nothing(wallet: Wallet) -> None:
    ports, ana = wallet.ports, await wallet.person(level=2)
    rita, rudi, otto = [await wallet.person(role=Role.FINANCE) for _ in range(3)]
    application = await handed_in(ports, ana)
    await looked_through(wallet, rita, application)
    await approve_application(ports, rita, application.id, await wallet.code(rita))
    await give_role(ports, rita.person, None)
    await looked_through(wallet, rudi, application)
    await approve_application(ports, rudi, application.id, await wallet.code(rudi))
    assert await level_of(wallet, ana) == 2 and [one.by for one in (await found(wallet, application)).approvals] == [
        rudi.person
    ]
    await looked_through(wallet, otto, application)
    await approve_application(ports, otto, application.id, await wallet.code(otto))
    assert await level_of(wallet, ana) == 3


async def test_an_approval_that_nobody_gave_or_gave_to_other_documents_stops_everything(wallet: Wallet) -> None:
    ports, ana = wallet.ports, await wallet.person(level=2)
    rita, rudi = await wallet.person(role=Role.FINANCE), await wallet.person(role=Role.FINANCE)
    application = await handed_in(ports, ana)
    await changed(wallet, application, approvals=[{"by": rudi.person, "mac": "0" * 64}])
    await looked_through(wallet, rita, application)
    with pytest.raises(InvariantViolated):
        await approve_application(ports, rita, application.id, await wallet.code(rita))
    await changed(wallet, application, approvals=[])
    await approve_application(ports, rita, application.id, await wallet.code(rita))
    kept = (await found(wallet, application)).document()["documents"]
    await changed(wallet, application, documents=[{**kept[0], "digest": "another"}, *kept[1:]])
    await looked_through(wallet, rudi, application)
    with pytest.raises(InvariantViolated):
        await approve_application(ports, rudi, application.id, await wallet.code(rudi))
    assert await level_of(wallet, ana) == 2


async def test_who_froze_their_wallet_or_gives_no_code_sees_nothing(wallet: Wallet) -> None:
    ports, ana, rita = wallet.ports, await wallet.person(), await wallet.person(role=Role.FINANCE)
    application = await handed_in(ports, ana)
    claiming = claim_application(ports, rita, application.id, "000000")
    assert await refused(claiming) is Reason.WRONG_CODE
    await taken(wallet, rita, application)
    await freeze(ports, rita)
    looking = look_at_document(ports, rita, application.id, application.current[0].id)
    assert await refused(looking) is Reason.FROZEN and await looks(wallet) == []


async def test_there_is_one_application_at_a_time_also_from_two_devices(wallet: Wallet) -> None:
    ana = await wallet.person()
    begun = await asyncio.gather(*(apply_for_level(wallet.ports, ana) for _ in range(8)), return_exceptions=True)
    assert {one.id for one in begun if isinstance(one, KycApplication)} == {f"{ana.person}:1"}
    assert await wallet.ports.store.count(KycApplication, {}) == 1


async def test_who_begins_while_the_other_device_looks_is_the_only_one(wallet: Wallet, monkeypatch: Patch) -> None:
    ana = await wallet.person()

    async def overtaken(ports: Ports, person: int) -> KycApplication | None:
        found = await running_of(ports, person)
        monkeypatch.undo()
        assert found is None
        await apply_for_level(ports, ana)
        return found

    monkeypatch.setattr("wallet_core.use_cases.apply_for_level.running_of", overtaken)
    application = await apply_for_level(wallet.ports, ana)
    assert [application] == await wallet.ports.store.find(KycApplication, {}), "the key is the stored one as well"


async def test_somebody_elses_contact_is_refused_and_kept_nowhere(wallet: Wallet, monkeypatch: Patch) -> None:
    ports, ana, ben = wallet.ports, await wallet.person(), await wallet.person()
    application = await apply_for_level(ports, ana)
    for owner in (ben.person, None):
        sharing = share_contact(ports, ana, application.id, owner, telephone=TELEPHONE, message_id=next_message())
        assert await refused(sharing) is Reason.FOREIGN_CONTACT
    assert await files_of(wallet) == (0, 0) and (await found(wallet, application)).documents == ()
    monkeypatch.setattr("wallet_core.use_cases.share_contact.check_own_contact", lambda person, owner: None)
    await share_contact(ports, ana, application.id, ben.person, telephone=TELEPHONE, message_id=next_message())
    assert await files_of(wallet) == (1, 1), "planted: without the check it is taken"


async def test_nobody_touches_an_application_of_somebody_else(wallet: Wallet) -> None:
    ports, ana, ben = wallet.ports, await wallet.person(), await wallet.person()
    application = await complete(ports, ana)
    assert await refused(hand_in_application(ports, ben, application.id)) is Reason.NOT_YOURS
    assert await refused(cancel_application(ports, ben, application.id)) is Reason.NOT_YOURS
    sending = send_kyc_file(ports, ben, application.id, Part.SELFIE, JPEG, message_id=next_message())
    assert await refused(sending) is Reason.NOT_YOURS


async def test_support_and_the_person_do_not_look_and_one_reviewer_has_it(wallet: Wallet) -> None:
    ports, ana = wallet.ports, await wallet.person(role=Role.FINANCE)
    rita, rudi = await wallet.person(role=Role.FINANCE), await wallet.person(role=Role.FINANCE)
    sue = await wallet.person(role=Role.SUPPORT)
    application = await handed_in(ports, ana)
    document = application.current[0].id
    for other in (sue, ana):
        assert await refused(taken(wallet, other, application)) is Reason.NOT_ALLOWED
        assert await refused(look_at_document(ports, other, application.id, document)) is Reason.NOT_ALLOWED
    outcomes = await asyncio.gather(*(taken(wallet, one, application) for one in (rita, rudi)), return_exceptions=True)
    assert sum(isinstance(outcome, KycApplication) for outcome in outcomes) == 1
    holder = (await found(wallet, application)).reviewer
    loser = rudi if holder == rita.person else rita
    assert await refused(taken(wallet, loser, application)) is Reason.CLAIMED
    assert await refused(look_at_document(ports, loser, application.id, document)) is Reason.NOT_CLAIMED
    assert [row[0].id for row in (await show_applications(ports, rita)).rows] == [application.id]
    assert (await show_applications(ports, ana)).rows == []


async def own_approval(wallet: Wallet) -> Reason | None:
    """What becomes of a reviewer who approves themselves, the claim being written into the database."""
    ports, ana = wallet.ports, await wallet.person(role=Role.FINANCE)
    application = await handed_in(ports, ana)
    until = await ports.store.now() + timedelta(hours=1)
    seen = {str(ana.person): [document.id for document in application.current]}
    await changed(wallet, application, reviewer=ana.person, claimed_until=until, seen=seen)
    try:
        await approve_application(ports, ana, application.id, await wallet.code(ana))
    except Refused as reason:
        return reason.reason
    return None


async def test_nobody_approves_their_own_application(wallet: Wallet, monkeypatch: Patch) -> None:
    assert await own_approval(wallet) is Reason.NOT_ALLOWED
    for module in ("wallet_core.use_cases.kyc_applications", "wallet_core.domain.kyc_application"):
        monkeypatch.setattr(f"{module}.check_reviewer", lambda application, reviewer: None)
    assert await own_approval(wallet) is None, "planted: without the check they do"


async def test_approving_takes_the_reviewers_own_code_and_role_and_the_level_of_then(wallet: Wallet) -> None:
    ports, ana, rita = wallet.ports, await wallet.person(), await wallet.person(role=Role.FINANCE)
    application = await handed_in(ports, ana)
    await looked_through(wallet, rita, application)
    assert await refused(approve_application(ports, rita, application.id, "000000")) is Reason.WRONG_CODE
    await give_level(ports, ana.person, 2)
    approving = approve_application(ports, rita, application.id, await wallet.code(rita))
    assert await refused(approving) is Reason.CHANGED_MEANWHILE and await level_of(wallet, ana) == 2


async def test_a_refusal_says_why_and_when_one_may_apply_again(wallet: Wallet) -> None:
    ports, ana, rita = wallet.ports, await wallet.person(), await wallet.person(role=Role.FINANCE)
    application = await handed_in(ports, ana)
    await taken(wallet, rita, application)
    over = await refuse_application(ports, rita, application.id, "Not your picture", await wallet.code(rita))
    assert over.state is KycState.REFUSED and await level_of(wallet, ana) == 1
    told = await ports.store.find(OutboxMessage, {"person": ana.person, "template": "kyc"}, order_by=("-at",), limit=1)
    assert told[0].facts["reason"] == "Not your picture" and told[0].facts["again_from"] == over.again_from
    with pytest.raises(Refused) as waits:
        await apply_for_level(ports, ana)
    assert (waits.value.reason, waits.value.facts["until"]) == (Reason.KYC_WAIT, over.again_from)
    await changed(wallet, application, again_from=await ports.store.now())
    assert (await apply_for_level(ports, ana)).id == f"{ana.person}:2"


async def test_one_document_is_asked_for_again_and_the_others_stay(wallet: Wallet) -> None:
    ports, ana, rita = wallet.ports, await wallet.person(), await wallet.person(role=Role.FINANCE)
    application = await handed_in(ports, ana)
    await taken(wallet, rita, application)
    code = await wallet.code(rita)
    again = await ask_document_again(ports, rita, application.id, Part.SELFIE, reason=":unreadable", code=code)
    assert (again.state, again.asks) == (KycState.OPEN, Part.SELFIE)
    await send_part(ports, ana, again, Part.SELFIE)
    back = await hand_in_application(ports, ana, application.id)
    assert len(back.current) == 3 and len(back.documents) == 4


async def test_what_is_not_handed_in_in_time_ends_and_is_removed_at_once(wallet: Wallet) -> None:
    ports, ana = wallet.ports, await wallet.person()
    application = await complete(ports, ana)
    assert await lapse_applications(ports) == 0
    await changed(wallet, application, expires_at=await ports.store.now() - timedelta(seconds=1))
    assert await lapse_applications(ports) == 1 and await lapse_applications(ports) == 0
    assert (await found(wallet, application)).state is KycState.EXPIRED
    assert await remove_documents(ports) == 1 and await files_of(wallet) == (0, 0)
    assert (await apply_for_level(ports, ana)).id == f"{ana.person}:2"


async def test_a_level_is_lowered_with_a_reason_and_raised_only_by_an_application(wallet: Wallet) -> None:
    ports, ana, rita = wallet.ports, await wallet.person(level=3), await wallet.person(role=Role.FINANCE)

    async def lowered(level: int, reason: str = "papers ran out") -> int:
        return await lower_level(ports, rita, ana.person, level, reason=reason, code=await wallet.code(rita))

    assert await refused(lowered(3)) is Reason.NOT_LOWER and await refused(lowered(0)) is Reason.NOT_LOWER
    assert await refused(lowered(1, " ")) is Reason.BAD_REASON
    assert await lowered(1) == 3 and await level_of(wallet, ana) == 1
    told = await ports.store.find(OutboxMessage, {"person": ana.person, "template": "level_lowered"})
    assert [message.facts["reason"] for message in told] == ["papers ran out"]
