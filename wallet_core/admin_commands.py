"""``wallet admin`` and ``wallet approvals``: who the admins are, and the second pair of eyes on the server."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from wallet_core.command_line import Json, print_result, run, with_ports
from wallet_core.domain.approval import Approval
from wallet_core.domain.people import Role
from wallet_core.use_cases.approve_at_server import approve_at_server
from wallet_core.use_cases.grant_role import grant_role
from wallet_core.use_cases.list_admins import Admin, list_admins
from wallet_core.use_cases.list_approvals import list_approvals

admin = typer.Typer(no_args_is_help=True, help="Who may use /admin.")
approvals = typer.Typer(no_args_is_help=True, help="What waits for a second pair of eyes.")
BreakGlass = Annotated[
    str, typer.Option(help="Why roles are changed here although an owner could: recorded, and told to all owners.")
]


@admin.command("add")
def admin_add(
    person: Annotated[int, typer.Argument(help="The numeric Telegram id.")],
    role: Annotated[
        Role, typer.Option(help="support looks, finance decides about money, owner about everything.")
    ] = Role.OWNER,
    break_glass: BreakGlass = "",
    json_: Json = False,
) -> None:
    """Make somebody an admin; they use it once their two-factor authentication is on."""
    run(with_ports(lambda ports: grant_role(ports, person, role, break_glass)))
    print_result({"person": person, "role": role}, json_, lambda: [f"{person} is now {role}"])


@admin.command("remove")
def admin_remove(
    person: Annotated[int, typer.Argument(help="The numeric Telegram id.")],
    break_glass: BreakGlass = "",
    json_: Json = False,
) -> None:
    """Take somebody's role away."""
    run(with_ports(lambda ports: grant_role(ports, person, None, break_glass)))
    print_result({"person": person, "role": None}, json_, lambda: [f"{person} has no role any more"])


@admin.command("list")
def admin_list(json_: Json = False) -> None:
    """Show who has a role, and whether it counts: one that nobody gave, or from before roles were sealed, does not."""
    found = run(with_ports(list_admins))
    print_result([asdict(one) for one in found], json_, lambda: [_said_of_admin(one) for one in found])


def _said_of_admin(one: Admin) -> str:
    counts = "" if one.counts else "; NOT SEALED, it opens nothing: give it anew with `wallet admin add`"
    return f"{one.person} {one.name or ''}: {one.role}{'' if one.enrolled else ', not enrolled'}{counts}"


@approvals.command("list")
def approvals_list(json_: Json = False) -> None:
    """Show what admins asked for and nobody has answered, word by word."""
    found: list[Approval] = run(with_ports(list_approvals))
    shown = [one.model_dump(mode="json") for one in found]
    print_result(shown, json_, lambda: [f"{one.id} {one.kind} {one.subject}, asked by {one.asked_by}" for one in found])


@approvals.command("approve")
def approvals_approve(approval: Annotated[str, typer.Argument(help="Its id.")], json_: Json = False) -> None:
    """Be the second pair of eyes where there is no second owner: for roles, rules and limits, never for money."""
    _answer(approval, json_, approve=True)


@approvals.command("refuse")
def approvals_refuse(approval: Annotated[str, typer.Argument(help="Its id.")], json_: Json = False) -> None:
    """Nothing comes of it."""
    _answer(approval, json_, approve=False)


def _answer(approval: str, json_: bool, *, approve: bool) -> None:
    found: Approval = run(with_ports(lambda ports: approve_at_server(ports, approval, approve)))
    print_result({"approval": found.id, "state": found.state}, json_, lambda: [f"{found.id}: {found.state}"])
