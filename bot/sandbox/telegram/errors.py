"""What the Bot API answers when it refuses.

ApiError
├── bad_request    400, the caller's mistake, described as Telegram describes it
├── forbidden      403, the person or the chat is out of reach
├── conflict       409, two pollers, or a poller beside a webhook
└── too_many       429, with `retry_after` in seconds
"""

from typing import Any

NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)
QUERY_TOO_OLD = "query is too old and response timeout expired or query ID is invalid"


class ApiError(Exception):
    """A refusal, carried to the caller as `error_code`, `description` and `parameters`."""

    def __init__(self, code: int, description: str, parameters: dict[str, Any] | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters

    def envelope(self) -> dict[str, Any]:
        """The JSON body of the answer."""
        body: dict[str, Any] = {"ok": False, "error_code": self.code, "description": self.description}
        if self.parameters:
            body["parameters"] = self.parameters
        return body


def bad_request(reason: str) -> ApiError:
    """400: the caller's mistake."""
    return ApiError(400, f"Bad Request: {reason}")


def forbidden(reason: str) -> ApiError:
    """403: the person blocked the bot, or never started it."""
    return ApiError(403, f"Forbidden: {reason}")


def conflict(reason: str) -> ApiError:
    """409: somebody else is fetching the updates."""
    return ApiError(409, f"Conflict: {reason}")


def too_many(retry_after_seconds: int) -> ApiError:
    """429: the caller has to pause for so many seconds."""
    return ApiError(429, f"Too Many Requests: retry after {retry_after_seconds}", {"retry_after": retry_after_seconds})
