"""Limits that Stripe states in words and not in types (https://docs.stripe.com/api/metadata and others)."""

from bot.sandbox.stripe.errors import invalid
from bot.sandbox.stripe.state import Json

METADATA_KEYS = 50
METADATA_KEY_LENGTH = 40
METADATA_VALUE_LENGTH = 500


def require_metadata(metadata: Json, param: str) -> None:
    """Up to 50 keys of 40 characters without brackets, values of 500; raises `ApiError` 400."""
    if len(metadata) > METADATA_KEYS:
        raise invalid(f"Metadata can have up to {METADATA_KEYS} keys", param)
    for key, value in metadata.items():
        if len(key) > METADATA_KEY_LENGTH:
            raise invalid(f"Metadata keys must be under {METADATA_KEY_LENGTH} characters long", f"{param}[{key}]")
        if len(value) > METADATA_VALUE_LENGTH:
            raise invalid(f"Metadata values must be under {METADATA_VALUE_LENGTH} characters long", f"{param}[{key}]")


def require_length(values: Json, name: str, most: int, param: str | None = None) -> None:
    """A text of at most so many characters; raises `ApiError` 400."""
    if len(values.get(name, "")) > most:
        raise invalid(f"Invalid string: must be at most {most} characters", param or name)


def require_email(values: Json, name: str) -> None:
    """Something with one @ inside; raises `ApiError` 400."""
    head, _, tail = values.get(name, "a@b").partition("@")
    if not head or not tail or "@" in tail:
        raise invalid(f"Invalid email address: {values[name]}", name, "email_invalid")
