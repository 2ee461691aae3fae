"""People, their roles, and what each role may reach."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import ClassVar, Final

from wallet_core.domain.record import Record


class Role(StrEnum):
    """What an admin may do: support looks, finance decides about money, owner decides about everything."""

    SUPPORT = "support"
    FINANCE = "finance"
    OWNER = "owner"


class Access(IntEnum):
    """What a use case demands of its caller; each level includes the ones before it."""

    ANYONE = 0
    ENROLLED = 1
    SUPPORT = 2
    FINANCE = 3
    OWNER = 4


_ROLE_ACCESS: Final = {None: Access.ENROLLED, Role.SUPPORT: Access.SUPPORT, Role.FINANCE: Access.FINANCE}


def access_of(role: Role | None) -> Access:
    """How far an enrolled person of this role may go."""
    return _ROLE_ACCESS.get(role, Access.OWNER)


#: Stands for the server's own command line where a person's number is asked for; no person has it.
OPERATOR: Final = 0


#: What ``Refused(CHANGED_MEANWHILE)`` names when an owner who was relied on is none any more.
OWNERS: Final = "owners"


def roles_reaching(access: Access) -> tuple[Role, ...]:
    """The roles that reach so far."""
    return tuple(role for role in Role if access_of(role) >= access)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, by the numeric Telegram id: usernames change hands and own nothing."""

    person: int

    @property
    def name(self) -> str:
        """How the journal names the caller."""
        return f"person:{self.person}" if self.person != OPERATOR else "operator"


class Person(Record):
    """What Telegram last told about somebody. A profile only: it owns and decides nothing."""

    collection: ClassVar[str] = "people"
    ledgered: ClassVar[bool] = False

    id: int
    display_name: str
    username: str | None = None
    #: The username in lower case, for looking people up.
    username_key: str | None = None
    language: str = "en"
    #: By which their clock shows, such as ``Europe/Berlin``.
    zone: str = "UTC"
    seen_at: datetime
