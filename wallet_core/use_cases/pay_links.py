"""The link by which anybody pays one person: the id, and a word that shows that it is theirs to give away.

Without the word somebody could ask of any number at Telegram whether it has a wallet here.
"""

from __future__ import annotations

import hmac
import re
from typing import Final

from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.people import Person
from wallet_core.ports import Ports

_WORD_LENGTH: Final = 16
_PARAMETER: Final = re.compile(r"([0-9]{1,19})-([0-9a-f]{16})", re.ASCII)


def pay_parameter(ports: Ports, person: int) -> str:
    """What the link starts the bot with, without the letter that says what it is."""
    return f"{person}-{_word(ports, person)}"


async def payee_of(ports: Ports, parameter: str) -> Person:
    """Whose link it is. Raises ``Refused(NOT_FOUND)`` for one that nobody gave away."""
    match = _PARAMETER.fullmatch(parameter)
    if match is None or not hmac.compare_digest(match[2], _word(ports, int(match[1]))):
        raise Refused(Reason.NOT_FOUND, what="link")
    person = await ports.store.get(Person, int(match[1]))
    if person is None:
        raise Refused(Reason.NOT_FOUND, what="link")
    return person


def _word(ports: Ports, person: int) -> str:
    return ports.vault.mac(b"pay link " + str(person).encode())[:_WORD_LENGTH]
