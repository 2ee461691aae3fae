"""Whether a webhook is the card company's own: the signature scheme of https://docs.stripe.com/webhooks/signature."""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import datetime
from typing import Final

#: Stripe's own libraries refuse what is older: five minutes.
TOLERANCE_SECONDS: Final = 300
_SCHEME: Final = "v1"
_LONGEST_HEADER: Final = 2_000
_SECONDS: Final = re.compile(r"[0-9]{1,12}", re.ASCII)


def is_genuine(raw: bytes, header: str, secret: str, now: datetime) -> bool:
    """Whether the header signs these very bytes with the secret, at a time no more than five minutes from ``now``.

    While a secret is being changed there are several signatures; one has to fit. An empty secret fits nothing.
    """
    fields = [part.strip().partition("=") for part in header[:_LONGEST_HEADER].split(",")]
    times = [value for name, _, value in fields if name == "t"]
    if not secret or len(times) != 1 or not _SECONDS.fullmatch(times[0]):
        return False
    if abs(now.timestamp() - int(times[0])) > TOLERANCE_SECONDS:
        return False
    wanted = hmac.new(secret.encode(), f"{times[0]}.".encode() + raw, hashlib.sha256).hexdigest()
    given = [value for name, _, value in fields if name == _SCHEME]
    return any(hmac.compare_digest(wanted.encode(), value.encode()) for value in given)
