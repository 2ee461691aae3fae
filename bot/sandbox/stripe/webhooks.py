"""Webhooks (https://docs.stripe.com/webhooks): each event is posted, signed, until the endpoint answers with 2xx.

The header is ``Stripe-Signature: t=<seconds>,v1=<hex>``, the HMAC-SHA256 of ``<t>.<body>`` under the endpoint's secret,
made anew for each attempt. As with Stripe nothing is promised about order or about how often an event comes.
"""

import hashlib
import hmac
import json
import random
import time
from collections import deque
from dataclasses import dataclass, replace

import httpx

from bot.sandbox.stripe import events
from bot.sandbox.stripe.state import Json, State

HEADER = "Stripe-Signature"
ANSWER_SECONDS = 10.0
ATTEMPTS_LIMIT = 16
#: Stripe's pauses grow to hours over three days; these grow to a minute.
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 60.0
ORDERS = ("created", "reversed", "shuffled")
SHOWN_DELIVERIES = 200


@dataclass(frozen=True)
class Endpoint:
    """Who gets the events; an empty `url` gets none."""

    url: str = ""
    secret: str = ""


@dataclass(frozen=True)
class Manner:
    """How events are delivered: so many `copies` each, `delay_seconds` late, in one of `ORDERS`; `held`: not yet."""

    copies: int = 1
    delay_seconds: float = 0
    order: str = "created"
    held: bool = False


@dataclass(frozen=True)
class Forgery:
    """What is wrong with a delivery by hand: nothing, unless it is said."""

    secret: str | None = None
    age_seconds: int = 0
    livemode: bool = False
    tampered: bool = False


@dataclass(frozen=True)
class _Job:
    event_id: str
    due: float
    attempt: int = 1


def signature(payload: str, secret: str, at: int) -> str:
    """The header's value for a body that is sent at this second."""
    mac = hmac.new(secret.encode(), f"{at}.{payload}".encode(), hashlib.sha256)
    return f"t={at},v1={mac.hexdigest()}"


class Webhooks:
    """The endpoint, what it still has to get, and what became of each attempt."""

    def __init__(self, state: State, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.manner = Manner()
        self.deliveries: deque[Json] = deque(maxlen=SHOWN_DELIVERIES)
        self._state = state
        self._jobs: list[_Job] = []
        self._seen = 0

    @property
    def waiting(self) -> int:
        """How many deliveries are still to be made."""
        self._take_new()
        return len(self._jobs)

    async def run(self) -> None:
        """Delivers until the state's pulse is stopped."""
        async with httpx.AsyncClient(timeout=ANSWER_SECONDS, trust_env=False) as client:
            while not self._state.pulse.stopped:
                due = self._due()
                if not due:
                    await self._state.pulse.wait(self._pause_seconds())
                for job in due:
                    await self._deliver(client, job)

    async def by_hand(self, event: Json, forgery: Forgery, endpoint: Endpoint) -> int:
        """Delivers an event once, right now, and answers the endpoint's status; raises `httpx.HTTPError`."""
        shown = {**event, "livemode": forgery.livemode}
        payload, at = json.dumps(shown, indent=2), self._state.now() - forgery.age_seconds
        header = signature(payload, forgery.secret or endpoint.secret, at)
        body = payload.replace('"livemode"', '"livemode" ', 1) if forgery.tampered else payload
        async with httpx.AsyncClient(timeout=ANSWER_SECONDS, trust_env=False) as client:
            return await _post(client, endpoint.url, body, header)

    def _take_new(self) -> None:
        known = self._state.table(events.TABLE)
        if len(known) == self._seen or not self.endpoint.url:
            return
        due = time.monotonic() + self.manner.delay_seconds
        new = [one for one in list(known.values())[self._seen :] if one["pending_webhooks"]]
        self._jobs += [_Job(one["id"], due) for one in new for _ in range(self.manner.copies)]
        self._seen = len(known)

    def _due(self) -> list[_Job]:
        self._take_new()
        if self.manner.held or not self.endpoint.url:
            return []
        due = [job for job in self._jobs if job.due <= time.monotonic()]
        if self.manner.order == "reversed":
            due.reverse()
        elif self.manner.order == "shuffled":
            random.shuffle(due)
        return due

    def _pause_seconds(self) -> float:
        if self.manner.held or not self._jobs:
            return 3600
        return max(min(job.due for job in self._jobs) - time.monotonic(), 0.01)

    async def _deliver(self, client: httpx.AsyncClient, job: _Job) -> None:
        event, at = self._state.get(events.TABLE, job.event_id), self._state.now()
        payload = json.dumps(event, indent=2)
        try:
            status = await _post(client, self.endpoint.url, payload, signature(payload, self.endpoint.secret, at))
        except httpx.HTTPError as error:
            status, reason = 0, str(error) or type(error).__name__
        else:
            reason = ""
        facts = {"event": job.event_id, "type": event["type"], "attempt": job.attempt, "at": at}
        self.deliveries.append({**facts, "status": status, "error": reason})
        self._jobs.remove(job)
        if 200 <= status < 300:
            self._delivered(job)
        elif job.attempt < ATTEMPTS_LIMIT:
            self._jobs.append(replace(job, attempt=job.attempt + 1, due=time.monotonic() + pause_seconds(job.attempt)))

    def _delivered(self, job: _Job) -> None:
        self._state.change(events.TABLE, job.event_id, pending_webhooks=0)
        self._state.commit()


def pause_seconds(attempt: int) -> float:
    """How long to wait after an attempt that failed, the first being 1."""
    return min(FIRST_PAUSE_SECONDS * 2.0 ** (attempt - 1), LONGEST_PAUSE_SECONDS)


async def _post(client: httpx.AsyncClient, url: str, body: str, header: str) -> int:
    headers = {HEADER: header, "Content-Type": "application/json; charset=utf-8", "User-Agent": "Sandbox (not Stripe)"}
    return (await client.post(url, content=body.encode(), headers=headers)).status_code
