"""Refuses to play with anything that could be real: a sandbox is started with no live secret in its environment."""

import ipaddress
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

#: What a secret of the real world looks like, whatever the variable is called.
SHAPES = {
    "a Telegram bot token": re.compile(r"\b[0-9]{8,12}:[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])"),
    "a live Stripe key": re.compile(r"\b[sr]k_live_[A-Za-z0-9]"),
    "an extended private key of a main network": re.compile(r"\b(?:xprv|zprv|yprv|Ltpv)[1-9A-HJ-NP-Za-km-z]{90,}"),
}
#: Addresses of servers that must be on this machine.
LOCAL_ONLY = re.compile(r"^(MONGODB_URI|[A-Z]+_RPC_URL|STRIPE_API_BASE|TELEGRAM_API_BASE_URL|TELEGRAM_API_FILE_URL)$")


def findings(environment: Mapping[str, str]) -> list[str]:
    """What in this environment belongs to the real world, a sentence each; never with the value itself."""
    found = [f"{name} holds {what}" for name, value in environment.items() for what in _shapes_in(value)]
    found += [
        f"{name} points to another machine"
        for name, value in environment.items()
        if LOCAL_ONLY.match(name) and value and not _is_local(value)
    ]
    if environment.get("WALLET_ENV", "sandbox") != "sandbox":
        found.append("WALLET_ENV is not sandbox")
    return sorted(found)


def _shapes_in(value: str) -> list[str]:
    return [what for what, shape in SHAPES.items() if shape.search(value)]


def _is_local(address: str) -> bool:
    """True if every host of the address is this machine; MongoDB's may name several, and `+srv` asks the DNS."""
    scheme, _, rest = address.partition("://")
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0].rpartition("@")[2]
    hosts = [urlsplit(f"//{host}").hostname or "" for host in authority.split(",")]
    return not scheme.endswith("+srv") and bool(hosts) and all(_is_loopback(host) for host in hosts)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
