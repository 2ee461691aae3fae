"""The running code of an `otpauth://` address (key URI format of Google Authenticator, RFC 6238)."""

import time
from typing import Any

import pyotp

from bot.sandbox.control.requests import ControlError


def running_code(uri: str) -> dict[str, Any]:
    """The code of this moment and the seconds for which it stays."""
    try:
        device = pyotp.parse_uri(uri)
        if not isinstance(device, pyotp.TOTP):
            raise ControlError("only time-based codes are shown")
        code = device.now()
    except ValueError as error:
        raise ControlError(f"no authenticator takes this address: {error}") from None
    left = device.interval - time.time() % device.interval
    return {"code": code, "valid_for_seconds": max(1, int(left)), "period_seconds": device.interval}
