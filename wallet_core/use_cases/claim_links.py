"""The link to held money: its id, and a word that nobody can make without the key that the database never sees.

``c<id><word>`` is the parameter of ``t.me/<bot>?start=``, which Telegram limits to 64 letters, digits, ``_`` and ``-``.
"""

from __future__ import annotations

import hmac
from typing import Final

from wallet_core.domain.claimable import WAITING, Claimable, ClaimBy, link_terms
from wallet_core.domain.errors import Reason, Refused
from wallet_core.ports import Ports
from wallet_core.use_cases.claimables import check_terms
from wallet_core.use_cases.codes import outbox_bound_to

#: 96 bits in hex: enough that nobody guesses one, and all that fits beside the id.
_WORD_LENGTH: Final = 24
_ID_LENGTH: Final = 32


def start_parameter(ports: Ports, claimable_id: str) -> str:
    """What the link starts the bot with, at most 64 characters, without the letter that says that it is a claim."""
    return claimable_id + ports.vault.mac(link_terms(claimable_id))[:_WORD_LENGTH]


async def linked(ports: Ports, parameter: str) -> Claimable:
    """The held money of a link. Raises ``Refused(NOT_FOUND)`` for a link that is not one of ours."""
    claimable_id = parameter[:_ID_LENGTH]
    found = await ports.store.get(Claimable, claimable_id)
    right = start_parameter(ports, claimable_id).encode()
    if not hmac.compare_digest(parameter.encode(), right) or found is None or found.by is not ClaimBy.LINK:
        raise Refused(Reason.NOT_FOUND, what=Claimable.collection)
    check_terms(ports, found)
    return found


def sealed_link(ports: Ports, claimable: Claimable) -> bytes | None:
    """The link's parameter for the sender's eyes alone, while there is something to claim by it."""
    if claimable.by is not ClaimBy.LINK or claimable.state not in WAITING:
        return None
    return ports.vault.seal(start_parameter(ports, claimable.id).encode(), bound_to=outbox_bound_to(claimable.person))
