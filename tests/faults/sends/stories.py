"""What people do with each other while bot and worker are killed. Each story is of new people, with 20 ITD to send."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from bot.start_links import CLAIM, REQUEST
from tests.faults.sends.people import Human, until
from tests.faults.sends.world import SendWorld
from wallet_core.domain.changes import Move
from wallet_core.domain.claimable import WAITING, Claimable, ClaimableState
from wallet_core.domain.errors import AlreadyDone, Refused
from wallet_core.domain.intent import Intent, IntentState
from wallet_core.domain.ledger import Posting
from wallet_core.domain.payment_request import Payers, PaymentRequest, RequestState
from wallet_core.domain.recurring_send import RecurringSend, RecurringState
from wallet_core.use_cases.cancel_request import cancel_request
from wallet_core.use_cases.claim_links import start_parameter
from wallet_core.use_cases.codes import new_id
from wallet_core.use_cases.recurring import sealed
from wallet_core.use_cases.request_payment import request_payment
from wallet_core.use_cases.take_back_send import take_back_send

ITD_EACH: Final = 20
_DAY: Final = timedelta(days=1)
_LONGEST_PAUSE_SECONDS: Final = 0.5


@dataclass
class Stage:
    """Where stories are played, and who played in them."""

    world: SendWorld
    chance: random.Random
    #: Everybody, and what they had in the beginning, in whole ITD.
    people: dict[int, int] = field(default_factory=dict)

    async def human(self, name: str, itd: int = 0) -> Human:
        """Somebody new."""
        person, username = await self.world.resident(name, itd)
        self.people[person] = itd
        return Human(self.world, person, username)

    async def pair(self) -> tuple[Human, Human]:
        """Ana, who has money, and Ben, who has none."""
        return await self.human("Ana", ITD_EACH), await self.human("Ben")

    async def state_of(self, claimable_id: str) -> Claimable:
        """The held send as it is now."""
        found = await self.world.ports.store.get(Claimable, claimable_id)
        assert found is not None
        return found

    async def held_by_link(self, ana: Human) -> str:
        """Ana sends 5 ITD by a link."""
        card = await ana.says_until("/send 5 link thanks", "Confirm")

        async def is_held() -> bool:
            return await self.world.ports.store.count(Claimable, {"person": ana.person}) > 0

        await ana.presses_until("Confirm", is_held, card)
        (held,) = await self.world.ports.store.find(Claimable, {"person": ana.person})
        return held.id

    async def is_asked(self, ben: Human, held: str) -> None:
        """Ben opens the link until it waits for Ana's word."""
        link = start_parameter(self.world.ports, held)

        async def asked() -> bool:
            return (await self.state_of(held)).state is ClaimableState.ASKED

        await ben.does_until(lambda: ben.say(f"/start {CLAIM}{link}"), asked)

    def has_ended(self, held: str, *states: ClaimableState) -> Callable[[], Awaitable[bool]]:
        """Whether it has come to one of these ends, or to any."""

        async def ended() -> bool:
            state = (await self.state_of(held)).state
            return state in states if states else state not in WAITING

        return ended

    async def expires(self, held: str, seconds: float = 0) -> None:
        """Its time is over in so many seconds."""
        found, now = await self.state_of(held), await self.world.ports.store.now()
        fields = {"expires_at": now + timedelta(seconds=seconds)}
        with suppress(Refused):
            await self._post(Move(Claimable, held, frozenset({found.state}) & WAITING, found.state, fields))

    async def is_due(self, send: RecurringSend) -> None:
        """It is due: its next time is a day earlier, which has just passed."""
        fields, read = {"next_at": send.next_at - _DAY}, {"next_at": send.next_at}
        move = Move(RecurringSend, send.id, frozenset({send.state}), send.state, fields, read)
        await self._post(sealed(self.world.ports, send, move))

    async def pauses(self) -> None:
        """A moment, or a while."""
        await asyncio.sleep(self.chance.uniform(0, _LONGEST_PAUSE_SECONDS))

    async def _post(self, move: Move) -> None:
        await self.world.ports.ledger.post(Posting(f"test:{new_id()}", "test", "test", changes=(move,)))


Story = Callable[[Stage], Awaitable[None]]


async def claimed(stage: Stage) -> None:
    """By a link, refused to the wrong one first, and given to the right one."""
    ana, ben = await stage.pair()
    held = await stage.held_by_link(ana)
    wrong = await stage.human("Zoe")
    await stage.is_asked(wrong, held)

    async def refused() -> bool:
        return (await stage.state_of(held)).recipient is None

    await ana.presses_until("No", refused)
    await stage.is_asked(ben, held)
    await ana.presses_until("Yes, give it", stage.has_ended(held, ClaimableState.CLAIMED))


async def taken_back(stage: Stage) -> None:
    """Nobody has come yet, and the sender wants it again."""
    ana = await stage.human("Ana", ITD_EACH)
    held = await stage.held_by_link(ana)
    await ana.presses_until("Take back", stage.has_ended(held, ClaimableState.TAKEN_BACK))


async def returned(stage: Stage) -> None:
    """Somebody asked, and nobody answered until its time was over."""
    ana, ben = await stage.pair()
    held = await stage.held_by_link(ana)
    await stage.is_asked(ben, held)
    await stage.expires(held)
    await until(stage.has_ended(held, ClaimableState.RETURNED))


async def raced(stage: Stage) -> None:
    """Given in the chat, taken back by another process, and over, all in the same moment."""
    ana, ben = await stage.pair()
    held = await stage.held_by_link(ana)
    await stage.is_asked(ben, held)
    await stage.expires(held, stage.chance.uniform(0, 1))

    async def take_back() -> None:
        await asyncio.sleep(stage.chance.uniform(0, 1))
        with suppress(Refused, AlreadyDone):
            await take_back_send(stage.world.ports, ana.caller, held)

    await asyncio.gather(take_back(), ana.presses_until("Yes, give it", stage.has_ended(held)))


async def paid(stage: Stage) -> None:
    """A request is paid by its link; sometimes it is cancelled in the same moment."""
    ana, ben = await stage.human("Ana"), await stage.human("Ben", ITD_EACH)
    request = await request_payment(stage.world.ports, ana.caller, "5", Payers.ONE, note="dinner")
    await ben.says_until(f"/start {REQUEST}{request.id}", "Pay 5 ITD")

    async def is_offered() -> bool:
        return await ben.card("Confirm") is not None

    await ben.presses_until("Pay 5 ITD", is_offered)
    card = await ben.card("Confirm")

    async def ended() -> bool:
        found = await stage.world.ports.store.get(PaymentRequest, request.id)
        return found is not None and found.state is not RequestState.OPEN

    async def cancel() -> None:
        await stage.pauses()
        with suppress(Refused):
            await cancel_request(stage.world.ports, ana.caller, request.id)

    rival = [cancel()] if stage.chance.random() < 0.3 else []
    await asyncio.gather(ben.presses_until("Confirm", ended, card), *rival)


async def sent(stage: Stage) -> None:
    """To somebody who is here, and the button is pressed twice at once."""
    ana, ben = await stage.pair()
    card = await ana.says_until(f"/send 5 @{ben.username}", "Confirm")

    async def confirmed() -> bool:
        states = {"person": ana.person, "state": IntentState.CONFIRMED}
        return await stage.world.ports.store.count(Intent, states) > 0

    await asyncio.gather(*(ana.presses_until("Confirm", confirmed, card) for _ in range(2)))


async def recurring(stage: Stage) -> None:
    """A send that comes again is set up, and is due."""
    ana, ben = await stage.pair()
    due = await stage.world.ports.store.now() - timedelta(minutes=2)
    card = await ana.says_until(f"/recurring 5 @{ben.username} daily {due:%H:%M} pocket money", "Confirm")
    await ana.presses_until("Confirm", lambda: ana.reads("6-digit code"), card)

    async def found(**more: object) -> list[RecurringSend]:
        return await stage.world.ports.store.find(RecurringSend, {"person": ana.person, **more})

    async def runs() -> bool:
        return bool(await found(state=RecurringState.RUNNING))

    await ana.gives_codes_until(runs)
    (send,) = await found(state=RecurringState.RUNNING)
    await stage.is_due(send)

    async def made() -> bool:
        return (await found(state=RecurringState.RUNNING))[0].runs > 0

    await until(made)


STORIES: Final[tuple[Story, ...]] = (claimed, taken_back, returned, raced, paid, sent, recurring)
