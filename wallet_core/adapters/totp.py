"""``ports.Totp`` by pyotp."""

from __future__ import annotations

import hmac
from datetime import datetime
from typing import Final

import pyotp

_STEP_SECONDS: Final = 30
#: A code counts one step early and one late: clocks of telephones differ (RFC 6238, section 5.2).
_WINDOW: Final = 1
_ISSUER: Final = "ITD Wallet"


class PyotpTotp:
    """Codes as every authenticator makes them."""

    def new_secret(self) -> str:
        """See ``ports.Totp.new_secret``."""
        return pyotp.random_base32()

    def uri(self, secret: str, account: str) -> str:
        """See ``ports.Totp.uri``."""
        return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=_ISSUER)

    def step_of(self, secret: str, code: str, at: datetime) -> int | None:
        """See ``ports.Totp.step_of``; every candidate is compared, in constant time each."""
        totp = pyotp.TOTP(secret)
        now = int(at.timestamp()) // _STEP_SECONDS
        steps = range(now - _WINDOW, now + _WINDOW + 1)
        fitting = [s for s in steps if hmac.compare_digest(totp.generate_otp(s).encode(), code.encode())]
        return fitting[-1] if fitting else None
