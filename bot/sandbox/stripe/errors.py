"""Refusals in Stripe's envelope, with Stripe's types, codes and wording (https://docs.stripe.com/api/errors)."""

from typing import Any

INVALID = "invalid_request_error"


class ApiError(Exception):
    """A refusal that is carried to the caller as ``{"error": {…}}`` with an HTTP status."""

    def __init__(
        self, status: int, message: str, *, kind: str = INVALID, code: str | None = None, param: str | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self._facts = {"message": message, "type": kind, "code": code, "param": param}

    def envelope(self) -> dict[str, Any]:
        """The JSON body of the answer."""
        return {"error": {name: value for name, value in self._facts.items() if value is not None}}


def invalid(message: str, param: str | None = None, code: str | None = None) -> ApiError:
    """400: the caller's mistake."""
    return ApiError(400, message, param=param, code=code)


def missing_parameter(param: str) -> ApiError:
    """400: a parameter that must be there."""
    return invalid(f"Missing required param: {param}.", param, "parameter_missing")


def unsupported(param: str) -> ApiError:
    """400: Stripe knows this parameter or value and the stand-in does not; it says so rather than ignore it."""
    message = f"The sandbox's stand-in for Stripe does not support {param}, although Stripe does."
    return invalid(message, param, "sandbox_unsupported")


def no_such(what: str, key: str, param: str = "id") -> ApiError:
    """404: there is no object with this id."""
    return ApiError(404, f"No such {what}: '{key}'", param=param, code="resource_missing")
