"""Looking people up, their timelines, and what admins did: every look stands in the journal before it is shown."""

import inspect
from pathlib import Path

import pytest

from tests.unit.wallet_core.domain.test_history import kinds_in
from tests.unit.wallet_core.use_cases.test_gate import ADMINS
from tests.unit.wallet_core.use_cases.test_withdrawal import requested
from tests.unit.wallet_core.world import World, reason_of
from wallet_core.domain.errors import Reason
from wallet_core.domain.guards import Guards
from wallet_core.domain.history import AUDITED, KINDS, Topic
from wallet_core.domain.journal import JournalRecord
from wallet_core.domain.money import Asset
from wallet_core.domain.payout import PayoutState, Withdrawal
from wallet_core.domain.people import Caller, Person, Role
from wallet_core.domain.purchase import RailState
from wallet_core.domain.record import Target
from wallet_core.use_cases import approving
from wallet_core.use_cases.freeze import freeze
from wallet_core.use_cases.look_up_person import PersonSheet, look_up_person
from wallet_core.use_cases.set_rail import set_rail
from wallet_core.use_cases.show_audit import show_audit
from wallet_core.use_cases.show_timeline import show_timeline

TXID = "ab" * 32


@pytest.fixture
async def sue(world: World) -> Caller:
    return await world.person(31, "sue", role=Role.SUPPORT)


@pytest.fixture
async def ana(world: World) -> Caller:
    await world.open_rail()
    ana = await world.person(1, "Ana")
    await world.fund(ana, 500)
    return ana


async def looks(world: World) -> list[tuple[str, dict[str, object]]]:
    """Who looked at whom."""
    found = await world.memory.find(JournalRecord, {"kind": "person_looked_up"})
    return [(record.by, record.facts) for record in found]


async def test_a_person_is_found_by_everything_that_they_may_name(world: World, sue: Caller, ana: Caller) -> None:
    withdrawal = await requested(world, ana, "20")
    paid = Target(Withdrawal.collection, withdrawal.id)
    world.memory.documents[paid] |= {"txid": f"0x{TXID}", "state": PayoutState.SETTLED}
    for text in ("1", "@ana", "@ANA", withdrawal.id, withdrawal.id.upper(), TXID, f"0x{TXID.upper()}", f" {TXID} "):
        found = await look_up_person(world.ports, sue, text)
        assert isinstance(found, PersonSheet) and found.person == 1, text
    assert len(await looks(world)) == 8
    for text in ("2", "@nobody", "0" * 32, "f" * 64, "'; drop", "", "@", '{"$gt": 0}', "9" * 40):
        assert await reason_of(look_up_person(world.ports, sue, text)) is Reason.NOBODY, text
    assert len(await looks(world)) == 8, "nobody was looked at"


async def test_a_transaction_that_pays_many_names_them(world: World, sue: Caller, ana: Caller) -> None:
    ben = await world.person(2, "ben")
    await world.fund(ben, 500)
    for caller in (ana, ben):
        withdrawal = await requested(world, caller, "20")
        world.memory.documents[Target(Withdrawal.collection, withdrawal.id)]["txid"] = f"0x{TXID}"
    found = await look_up_person(world.ports, sue, TXID)
    assert isinstance(found, list) and all(isinstance(one, Person) for one in found)
    assert {one.id for one in found} == {1, 2} and await looks(world) == []


async def test_the_card_has_what_the_person_sees_and_the_role_that_counts(
    world: World, sue: Caller, ana: Caller
) -> None:
    withdrawal = await requested(world, ana, "20")
    await freeze(world.ports, ana)
    world.memory.documents[Target(Guards.collection, 1)]["role"] = "owner"
    found = await look_up_person(world.ports, sue, "1")
    assert isinstance(found, PersonSheet) and found.balance is not None and found.limits is not None
    assert found.balance.available_minor + found.balance.held_minor == 500 * 10**6
    assert found.guards.frozen_by == "person:1"
    assert [one.id for one in found.withdrawals] == [withdrawal.id]
    assert {row.operation: row.used.count for row in found.limits.rows}["payout"] == 1
    assert found.role is None, "nobody gave it"
    assert await looks(world) == [("person:31", {"person": 1, "what": "card"})]


async def test_who_never_enrolled_has_a_card_without_money(world: World, sue: Caller) -> None:
    await world.memory.put(Person(id=77, display_name="New", seen_at=world.clock()))
    found = await look_up_person(world.ports, sue, "77")
    assert isinstance(found, PersonSheet) and found.balance is None and found.limits is None


async def test_a_timeline_is_the_persons_own_history_and_each_page_is_a_look(
    world: World, sue: Caller, ana: Caller
) -> None:
    await requested(world, ana, "20")
    page = await show_timeline(world.ports, sue, 1)
    assert "withdrawal_held" in {row.kind for row in page.rows}
    assert "person_looked_up" not in {row.kind for row in page.rows}
    await show_timeline(world.ports, sue, 1, place=page.older)
    assert [facts["what"] for _, facts in await looks(world)] == ["timeline", "timeline"]


async def test_the_audit_log_is_filtered_by_admin_person_and_kind(world: World, sue: Caller, ana: Caller) -> None:
    otto = await world.person(21, "otto", role=Role.OWNER)
    await set_rail(world.ports, otto, Asset.ETH, RailState.PAUSED, await world.code(otto))
    await look_up_person(world.ports, sue, "1")

    async def kinds(about: str) -> list[str]:
        return sorted(r.kind for r in (await show_audit(world.ports, otto, about)).page.records)

    assert {"rail_switched", "person_looked_up", "role_granted"} == set(await kinds("all"))
    assert await kinds("by 21") == ["rail_switched"]
    assert await kinds("on 31") == ["person_looked_up", "role_granted"]
    assert await kinds("role_granted") == ["role_granted", "role_granted"]
    for wrong in ("code_attempted", "by", "by x", "on -1", "$ne", "by 1 2"):
        assert await reason_of(show_audit(world.ports, otto, wrong)) is Reason.BAD_FILTER


#: Kinds that admins bring about and that other records stand for: the money itself, the lines of a file, the code.
NOT_AUDITED = {"purchase_credited", "mass_rows_added", "code_used_up", "code_attempted"}


def _sources() -> list[Path]:
    admins = [inspect.getsourcefile(inspect.unwrap(function)) for function in ADMINS.values()]
    shared = ("case_outcomes", "reviews", "role_changes", "looks", "approvals", "refusals", "steering", "mass_sends")
    folder = Path(approving.__path__[0])
    return [
        *(Path(name) for name in admins if name),
        *folder.glob("*.py"),
        *(folder.parent / f"{name}.py" for name in shared),
    ]


def test_every_kind_that_an_admins_use_case_writes_is_in_the_audit_log() -> None:
    written = {kind for path in _sources() for kind in kinds_in(path.read_text())}
    assert written - set(AUDITED) - NOT_AUDITED == set()
    assert set(AUDITED) <= KINDS.keys() and len(written) > 15


def test_what_admins_do_stands_in_no_topic_of_money_alone() -> None:
    house = {kind for kind in AUDITED if KINDS[kind] is Topic.HOUSE}
    assert house == {"alarm", "mass_send_uploaded"}
