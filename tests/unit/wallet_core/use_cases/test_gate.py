"""The one gate, walked over every use case that there is: nobody passes it who should not."""

import importlib
import inspect
import pkgutil
import typing
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from enum import Enum
from types import UnionType
from typing import Any

import pytest

from tests.unit.wallet_core.world import NOON, World
from wallet_core import use_cases
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.people import Access, Caller, Role
from wallet_core.domain.record import Document, Target
from wallet_core.domain.recurrence import Every, Rule
from wallet_core.domain.two_factor import use_recovery_code
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import admit, operator_only, use_case
from wallet_core.use_cases.grant_role import grant_role
from wallet_core.use_cases.quote_send import Picked

UseCase = Callable[..., Any]
#: What the use cases share: they have callers of their own behind the gate, and are no use cases.
SHARED = {
    "access_changes",
    "admins",
    "approvals",
    "balances",
    "books",
    "cached_sums",
    "case_outcomes",
    "case_row",
    "cases",
    "claim_links",
    "claimables",
    "codes",
    "compared_guards",
    "day_figures",
    "decisions",
    "dry_runs",
    "found_people",
    "gate",
    "health_figures",
    "held_back",
    "identities",
    "intents",
    "journal_pages",
    "key_registers",
    "kyc_applications",
    "level_drafts",
    "level_tables",
    "limits",
    "looks",
    "mass_policies",
    "mass_preview",
    "mass_sends",
    "moves",
    "named_people",
    "nodes",
    "offered_payouts",
    "offers",
    "paces",
    "pay_links",
    "policy_drafts",
    "policy_facts",
    "policy_sets",
    "present_receipt",
    "queue_place",
    "recurring",
    "refunds",
    "refusals",
    "requests",
    "resets",
    "reviews",
    "role_changes",
    "seals",
    "send_offers",
    "sending",
    "sent_before",
    "strays",
    "switchboard",
    "told_admins",
    "volumes",
}


def public_coroutines() -> dict[str, UseCase]:
    """Every public coroutine that a module of the package defines itself, by its full name."""
    found: dict[str, UseCase] = {}
    for info in pkgutil.iter_modules(use_cases.__path__):
        module = importlib.import_module(f"{use_cases.__name__}.{info.name}")
        for name, function in vars(module).items():
            own = getattr(function, "__module__", None) == module.__name__ and not name.startswith("_")
            if own and inspect.iscoroutinefunction(inspect.unwrap(function)):
                found[f"{info.name}.{name}"] = function
    return found


COROUTINES = public_coroutines()
#: Coroutines of SHARED modules, and one that shows an enrolment to whoever the gate has let in.
HELPING = {name for name in COROUTINES if name.split(".")[0] in SHARED} | {
    "begin_enrolment.enrolment_of",
    "show_history.history_page",
}
USE_CASES = {name: function for name, function in COROUTINES.items() if name not in HELPING}
CHAT = {name: function for name, function in USE_CASES.items() if getattr(function, "access", None) is not None}
ENROLLED = {name: function for name, function in CHAT.items() if function.access is not Access.ANYONE}
ADMINS = {name: function for name, function in CHAT.items() if function.access > Access.ENROLLED}
OPERATORS = set(USE_CASES) - set(CHAT)

for_each = pytest.mark.parametrize
#: Of what some of them take besides.
SAMPLES = {Rule: Rule(every=Every.DAY, minute=0), Picked: Picked(1)}


def arguments(function: UseCase) -> dict[str, Any]:
    """Something of the right type for each parameter after the ports and the caller."""
    plain = inspect.unwrap(function)
    hints = typing.get_type_hints(plain)
    return {name: _sample(hints[name]) for name in list(inspect.signature(plain).parameters)[2:]}


def _sample(hint: Any) -> Any:
    if typing.get_origin(hint) is UnionType:
        hint = typing.get_args(hint)[0]
    if typing.get_origin(hint) is Sequence:
        return ()
    if issubclass(hint, Enum):
        return next(iter(hint))
    plain = {str: "1", int: 1, bool: True, bytes: b"1", datetime: NOON, timedelta: timedelta(days=1)}
    return plain[hint] if hint in plain else SAMPLES[hint]


def left(world: World) -> dict[Target, Document]:
    """Everything but the records of refusals, and the groups that records stand in."""
    return {
        target: document
        for target, document in world.memory.documents.items()
        if target.collection != "groups" and document.get("kind") not in ("admin_refused", "person_looked_up")
    }


async def refusal(function: UseCase, ports: Ports, caller: Caller) -> Reason | None:
    """Why the use case refused, and nothing else may come out of it."""
    try:
        await function(ports, caller, **arguments(function))
    except Refused as refused:
        return refused.reason
    return None


def test_the_walk_finds_the_use_cases() -> None:
    assert {"request_withdrawal.request_withdrawal", "confirm_send.confirm_send"} <= ENROLLED.keys()
    assert {"review_withdrawal.review_withdrawal", "clear_alarm.clear_alarm"} <= ADMINS.keys()
    assert {"verify_books.verify_books", "grant_role.grant_role"} <= OPERATORS


@for_each("name", USE_CASES)
def test_every_use_case_says_whom_it_serves(name: str) -> None:
    assert hasattr(USE_CASES[name], "access"), f"{name} carries neither @use_case nor @operator_only"


@for_each("name", USE_CASES)
def test_every_use_case_is_called_like_its_file_and_stands_alone_in_it(name: str) -> None:
    module, _, function = name.partition(".")
    assert function == module
    assert [other for other in USE_CASES if other.startswith(f"{module}.")] == [name]


def test_only_enrolment_recovery_and_profiles_are_open_to_anyone() -> None:
    anyone = {name.partition(".")[0] for name in CHAT.keys() - ENROLLED.keys()}
    moving = {"begin_move", "ask_move", "cancel_move", "complete_move", "show_move"}
    assert anyone == moving | {"begin_enrolment", "confirm_enrolment", "recover_access", "remember_person"}


@for_each("name", sorted(HELPING))
def test_what_is_no_use_case_is_marked_as_none(name: str) -> None:
    assert not hasattr(COROUTINES[name], "access")


@for_each("name", ENROLLED)
async def test_nobody_does_anything_before_two_factor_authentication_is_on(name: str, world: World) -> None:
    assert await refusal(ENROLLED[name], world.ports, Caller(1)) is Reason.ENROL_FIRST
    assert left(world) == {}


@for_each("name", ENROLLED)
async def test_a_role_does_not_replace_two_factor_authentication(name: str, world: World) -> None:
    await grant_role(world.ports, 1, Role.OWNER)
    before = left(world)
    assert await refusal(ENROLLED[name], world.ports, Caller(1)) is Reason.ENROL_FIRST
    assert left(world) == before


@for_each("name", ADMINS)
async def test_people_without_a_role_reach_nothing_of_the_admins(name: str, world: World) -> None:
    caller = await world.person(1)
    before = left(world)
    assert await refusal(ADMINS[name], world.ports, caller) is Reason.NOT_ALLOWED
    assert left(world) == before


@for_each("role", [Role.SUPPORT, Role.FINANCE])
@for_each("name", ADMINS)
async def test_a_lower_role_does_not_reach_what_is_a_higher_ones(name: str, role: Role, world: World) -> None:
    caller = await world.person(1, role=role)
    before = left(world)
    reached = {Role.SUPPORT: Access.SUPPORT, Role.FINANCE: Access.FINANCE}[role]
    refused = await refusal(ADMINS[name], world.ports, caller)
    assert (refused is Reason.NOT_ALLOWED) is (ADMINS[name].access > reached)
    if refused is Reason.NOT_ALLOWED:
        assert left(world) == before


@for_each("name", ADMINS)
async def test_an_owner_reaches_everything(name: str, world: World) -> None:
    caller = await world.person(1, role=Role.OWNER)
    assert await refusal(ADMINS[name], world.ports, caller) is not Reason.NOT_ALLOWED


@for_each("name", [name for name in ADMINS if "code" not in arguments(ADMINS[name])])
async def test_what_takes_no_code_of_an_admin_changes_nothing(name: str, world: World) -> None:
    caller = await world.person(1, role=Role.OWNER)
    await world.open_rail()
    before = left(world)
    # Of a file only a preview is made, from which no money moves without a code.
    refused_for_its_content = (
        Reason.NOT_FOUND,
        Reason.NO_PAYABLE_ROWS,
        Reason.BAD_POLICY,
        Reason.BAD_LEVEL,
        Reason.BAD_FILTER,
    )
    assert await refusal(ADMINS[name], world.ports, caller) in (None, *refused_for_its_content)
    assert left(world) == before


@for_each("name", sorted(OPERATORS))
def test_what_only_an_operator_can_do_takes_no_caller_from_a_chat(name: str) -> None:
    hints = typing.get_type_hints(inspect.unwrap(USE_CASES[name]))
    assert Caller not in hints.values()


# The gate itself


async def test_who_loses_the_second_factor_loses_every_role_with_it(world: World) -> None:
    caller = await world.person(1, role=Role.OWNER)
    assert (await admit(world.ports, caller, Access.OWNER)).role is Role.OWNER
    await world.post(changes=(use_recovery_code(1, "1", b"new", timedelta(0)),))
    with pytest.raises(Refused) as refused:
        await admit(world.ports, caller, Access.ENROLLED)
    assert refused.value.reason is Reason.ENROL_FIRST


async def test_a_refused_caller_never_reaches_the_function(world: World) -> None:
    reached: list[Caller] = []

    @use_case(Access.ENROLLED)
    async def do_something(_ports: Ports, caller: Caller) -> None:
        reached.append(caller)

    with pytest.raises(Refused):
        await do_something(world.ports, Caller(1))
    assert reached == []
    await do_something(world.ports, await world.person(1))
    assert reached == [Caller(1)]


def test_an_operators_function_is_marked_as_reached_by_no_chat() -> None:
    @operator_only
    async def do_something() -> None: ...

    assert do_something.access is None  # type: ignore[attr-defined]  # the mark is put there
