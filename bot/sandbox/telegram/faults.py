"""Failures on request: the next calls of a method answer with an error."""

from dataclasses import dataclass

from bot.sandbox.telegram.errors import ApiError, too_many

DESCRIPTIONS = {
    400: "Bad Request: chat not found",
    401: "Unauthorized",
    403: "Forbidden: bot was blocked by the user",
    404: "Not Found",
    409: "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
    429: "Too Many Requests",
    500: "Internal Server Error",
    502: "Bad Gateway",
    504: "Gateway Timeout",
}


@dataclass
class Fault:
    """One ordered failure; `applied` means that the call is carried out and only its answer is lost."""

    method: str
    error_code: int
    times: int = 1
    retry_after: int | None = None
    description: str | None = None
    applied: bool = False
    chat: int | None = None

    def matches(self, method: str, chat: str | None) -> bool:
        """Whether a call falls under this fault."""
        wanted = self.method.lower() in {method.lower(), "*"}
        return self.times > 0 and wanted and (self.chat is None or str(self.chat) == chat)

    def error(self) -> ApiError:
        """The refusal that the caller gets."""
        if self.error_code == 429:
            return too_many(1 if self.retry_after is None else self.retry_after)
        return ApiError(self.error_code, self.description or DESCRIPTIONS.get(self.error_code, "Error"))


class Faults:
    """The ordered failures, the oldest first."""

    def __init__(self) -> None:
        self._ordered: list[Fault] = []

    def order(self, fault: Fault) -> None:
        """Adds a failure."""
        self._ordered.append(fault)

    def clear(self) -> None:
        """Takes all orders back."""
        self._ordered.clear()

    def pending(self) -> list[Fault]:
        """What is still to come."""
        return list(self._ordered)

    def take(self, method: str, chat: str | None) -> Fault | None:
        """The fault of this call, used once more."""
        fault = next((fault for fault in self._ordered if fault.matches(method, chat)), None)
        if fault:
            fault.times -= 1
            self._ordered = [fault for fault in self._ordered if fault.times > 0]
        return fault
