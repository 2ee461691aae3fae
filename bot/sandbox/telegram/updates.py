"""The queue of updates and getUpdates, which acknowledges by offset."""

import time

from bot.sandbox.telegram.errors import conflict
from bot.sandbox.telegram.pulse import Pulse
from bot.sandbox.telegram.state import Json, State

#: Bot API, getUpdates: at most 100 updates; the server waits no longer than this.
BATCH_LIMIT = 100
WAIT_LIMIT_SECONDS = 50
QUEUE_LIMIT = 100_000
#: Bot API, getUpdates: what an empty list of allowed updates leaves out.
ONLY_ON_REQUEST = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
TERMINATED = "terminated by other getUpdates request; make sure that only one bot instance is running"
WEBHOOK_ACTIVE = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"


class Updates:
    """Undelivered updates; an update leaves the queue only when a later offset acknowledges it."""

    def __init__(self, state: State) -> None:
        self._state = state
        self.pulse = Pulse()
        #: The poll that waits now; a new poll takes its place and ends it.
        self._poll: object | None = None

    def push(self, kind: str, content: Json) -> None:
        """Queues an update, unless the bot did not ask for its kind."""
        if not self._is_wanted(kind):
            return
        update_id = self._state.next_update_id
        self._state.next_update_id += 1
        self._state.updates.append({"update_id": update_id, kind: content})
        del self._state.updates[:-QUEUE_LIMIT]
        self.pulse.beat()

    def allow(self, kinds: list[str] | None) -> None:
        """Remembers `allowed_updates`; None leaves the former choice."""
        if kinds is not None:
            self._state.allowed_updates = kinds

    def drop(self) -> None:
        """Forgets what is pending."""
        self._state.updates.clear()

    def acknowledge(self, offset: int) -> None:
        """Everything below the offset is done; a negative one keeps only the newest so many."""
        pending = self._state.updates
        if offset < 0:
            del pending[:offset]
        else:
            self._state.updates[:] = [update for update in pending if update["update_id"] >= offset]

    async def fetch(self, offset: int, limit: int, timeout_seconds: float) -> list[Json]:
        """One getUpdates call: what is pending, or what comes within the time; 409 when another poll begins."""
        if self._state.webhook:
            raise conflict(WEBHOOK_ACTIVE)
        self.acknowledge(offset)
        poll = self._poll = object()
        self.pulse.beat()
        try:
            await self._wait(poll, min(timeout_seconds, WAIT_LIMIT_SECONDS))
        finally:
            if self._poll is poll:
                self._poll = None
        return self._state.updates[: max(1, min(limit, BATCH_LIMIT))]

    async def _wait(self, poll: object, timeout_seconds: float) -> None:
        deadline = time.monotonic() + timeout_seconds
        while not self._state.updates and not self.pulse.stopped:
            rest = deadline - time.monotonic()
            if rest <= 0:
                return
            await self.pulse.wait(rest)
            if self._poll is not poll:
                raise conflict(TERMINATED)

    def _is_wanted(self, kind: str) -> bool:
        allowed = self._state.allowed_updates
        return kind in allowed if allowed else kind not in ONLY_ON_REQUEST
