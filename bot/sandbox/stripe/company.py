"""The card company as one object: what it remembers, what it tells, and what people do on its page."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

from bot.sandbox.stripe import charges, disputes, expiry, payment_intents, refunds, sessions
from bot.sandbox.stripe.errors import ApiError
from bot.sandbox.stripe.faults import Faults
from bot.sandbox.stripe.state import Json, State
from bot.sandbox.stripe.webhooks import Endpoint, Webhooks
from bot.sandbox.world import HookError

#: How often sessions are looked at whose time has come.
EXPIRY_SECONDS = 1.0
Action = Callable[[State, Json, Json], Json]


class CardCompany:
    """Implements `bot.sandbox.world.Cards`; remembers in `folder`, which one at a time may use."""

    def __init__(
        self, folder: Path, *, api_key: str, endpoint: Endpoint | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        self.state = State(folder, clock)
        self.api_key = api_key
        self.webhooks = Webhooks(self.state, endpoint or Endpoint())
        self.faults = Faults()

    async def run(self) -> None:
        """Delivers webhooks and lets sessions expire, until it is stopped or cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.webhooks.run())
            group.create_task(self._expire())

    def stop(self) -> None:
        """Ends `run`."""
        self.state.pulse.stop()

    async def sessions(self) -> list[Json]:
        """The checkout sessions, the newest first, with what may happen to each."""
        expiry.expire_due(self.state)
        self.state.commit()
        return [overview(self.state, one) for one in self.state.newest(sessions.TABLE)]

    def standing(self, session: str) -> Json | None:
        """One session as `sessions` shows it; None for an unknown id."""
        expiry.expire_due(self.state)
        self.state.commit()
        found = self.state.table(sessions.TABLE).get(session)
        return overview(self.state, found) if found else None

    async def act(self, session: str, action: str, body: Json) -> Json:
        """Does one of `ACTIONS`; `body` may hold `amount` in cents for a refund or a dispute. Raises `HookError`."""
        perform = ACTIONS.get(action)
        if perform is None:
            raise HookError(f"a card payment takes {', '.join(ACTIONS)}", 404)
        try:
            expiry.expire_due(self.state)
            perform(self.state, self.state.get(sessions.TABLE, session), body)
        except ApiError as error:
            raise HookError(str(error), 404 if error.status == 404 else 409) from None
        finally:
            self.state.commit()
        return overview(self.state, self.state.get(sessions.TABLE, session))

    async def _expire(self) -> None:
        while not self.state.pulse.stopped:
            expiry.expire_due(self.state)
            self.state.commit()
            await asyncio.sleep(EXPIRY_SECONDS)


def overview(state: State, session: Json) -> Json:
    """A session in a few words for the page: amounts in dollars, and the actions that its state allows."""
    charge = payment_intents.charge_of(state, session)
    word, actions = _standing(state, session, charge)
    refunded = charge["amount_refunded"] if charge else 0
    return {
        "id": session["id"],
        "state": word,
        "amount": _usd(session["amount_total"]),
        **({"refunded": _usd(refunded)} if refunded else {}),
        "reference": session["client_reference_id"],
        "url": session["url"],
        "expires_at": session["expires_at"],
        "payment_intent": session["payment_intent"],
        "charge": charge["id"] if charge else None,
        "actions": actions,
    }


def _standing(state: State, session: Json, charge: Json | None) -> tuple[str, list[str]]:
    if session["status"] == "open":
        later = ["pay-later"] if sessions.ASYNC in session["payment_method_types"] else []
        card = ["pay", "decline"] if sessions.CARD in session["payment_method_types"] else []
        return "declined" if charge else "open", [*card, *later, "expire"]
    if session["status"] == "expired" or charge is None:
        return "expired", []
    if not charge["paid"]:
        return ("waiting", ["succeed", "fail"]) if charge["status"] == "pending" else ("failed", [])
    return _after_payment(state, charge)


def _after_payment(state: State, charge: Json) -> tuple[str, list[str]]:
    actions = _of_refunds(refunds.refunds_of(state, charge) if charge["amount_refunded"] else [])
    dispute = next(iter(disputes.disputes_of(state, charge)), None)
    if dispute and dispute["status"] != "won":
        is_open = dispute["status"] == disputes.OPEN
        return ("disputed", ["win", "lose", *actions]) if is_open else ("dispute lost", actions)
    left = charges.refundable_cents(charge)
    unrefunded = "dispute won" if dispute else "paid"
    word = unrefunded if left == charge["amount_captured"] else "partly refunded" if left else "refunded"
    return word, [*(["refund"] if left else []), *([] if dispute else ["dispute"]), *actions]


def _of_refunds(made: list[Json]) -> list[str]:
    """What may happen to the newest refund."""
    status = made[-1]["status"] if made else "failed"
    return {"pending": ["settle-refund", "fail-refund"], "succeeded": ["fail-refund"]}.get(status, [])


def _usd(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02} USD"


def _refund(state: State, session: Json, body: Json) -> Json:
    charge = _paid(state, session)
    return refunds.make(state, charge, _amount(body, charges.refundable_cents(charge)), reason="requested_by_customer")


def _dispute(state: State, session: Json, body: Json) -> Json:
    charge = _paid(state, session)
    return disputes.start(state, charge, _amount(body, charges.refundable_cents(charge) or charge["amount"]))


def _newest_refund(state: State, session: Json) -> Json:
    made = refunds.refunds_of(state, _paid(state, session))
    if not made:
        raise HookError("nothing was refunded", 409)
    return made[-1]


def _open_dispute(state: State, session: Json) -> Json:
    found = disputes.disputes_of(state, _paid(state, session))
    if not found:
        raise HookError("nothing is disputed", 409)
    return found[-1]


def _paid(state: State, session: Json) -> Json:
    charge = payment_intents.charge_of(state, session)
    if charge is None:
        raise HookError("nobody has paid this", 409)
    return charge


def _amount(body: Json, whole: int) -> int:
    amount = body.get("amount")
    if amount is None:
        return whole
    if not isinstance(amount, int) or isinstance(amount, bool):
        raise HookError('"amount" is a whole number of cents')
    return amount


#: What people, their banks and time can do to a session.
ACTIONS: dict[str, Action] = {
    "pay": lambda state, session, body: payment_intents.pay(state, session),
    "pay-later": lambda state, session, body: payment_intents.pay_later(state, session),
    "succeed": lambda state, session, body: payment_intents.settle(state, session),
    "fail": lambda state, session, body: payment_intents.fail(state, session),
    "decline": lambda state, session, body: payment_intents.decline(state, session),
    "expire": lambda state, session, body: expiry.expire(state, session),
    "refund": _refund,
    "settle-refund": lambda state, session, body: refunds.settle(state, _newest_refund(state, session)),
    "fail-refund": lambda state, session, body: refunds.fail(state, _newest_refund(state, session)),
    "dispute": _dispute,
    "win": lambda state, session, body: disputes.win(state, _open_dispute(state, session)),
    "lose": lambda state, session, body: disputes.lose(state, _open_dispute(state, session)),
}
