"""The methods by which the bot gets its updates."""

from typing import Any
from urllib.parse import urlsplit

from bot.sandbox.telegram.errors import bad_request
from bot.sandbox.telegram.parameters import Parameters
from bot.sandbox.telegram.service import Telegram
from bot.sandbox.telegram.state import Json


async def get_me(telegram: Telegram, call: Parameters) -> Json:
    """getMe."""
    return {
        **telegram.bot,
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": True,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


async def get_updates(telegram: Telegram, call: Parameters) -> list[Json]:
    """getUpdates: a long poll."""
    telegram.updates.allow(_kinds(call))
    limit, timeout = call.integer("limit"), call.integer("timeout")
    found = await telegram.updates.fetch(call.integer("offset") or 0, 100 if limit is None else limit, timeout or 0)
    telegram.snapshot.changed()
    return found


def _kinds(call: Parameters) -> list[str] | None:
    kinds: Any = call.structure("allowed_updates")
    if kinds is not None and not isinstance(kinds, list):
        raise bad_request("can't parse allowed_updates: Expected an Array of String")
    return kinds


async def set_webhook(telegram: Telegram, call: Parameters) -> bool:
    """setWebhook: updates are posted to an address, with the secret in a header."""
    address = call.text("url") or ""
    if not address:
        return await delete_webhook(telegram, call)
    if urlsplit(address).scheme not in {"http", "https"}:
        raise bad_request("bad webhook: invalid webhook URL specified")
    telegram.updates.allow(_kinds(call))
    if call.flag("drop_pending_updates"):
        telegram.updates.drop()
    telegram.state.webhook = {"url": address, "secret_token": call.text("secret_token")}
    _tell(telegram)
    return True


async def delete_webhook(telegram: Telegram, call: Parameters) -> bool:
    """deleteWebhook."""
    telegram.state.webhook = None
    if call.flag("drop_pending_updates"):
        telegram.updates.drop()
    _tell(telegram)
    return True


async def get_webhook_info(telegram: Telegram, call: Parameters) -> Json:
    """getWebhookInfo."""
    webhook = telegram.state.webhook or {}
    info: Json = {
        "url": webhook.get("url", ""),
        "has_custom_certificate": False,
        "pending_update_count": len(telegram.state.updates),
    }
    if telegram.state.allowed_updates:
        info["allowed_updates"] = telegram.state.allowed_updates
    return info | {key: webhook[key] for key in ("last_error_date", "last_error_message") if key in webhook}


async def confirm(telegram: Telegram, call: Parameters) -> bool:
    """close and logOut: nothing has to be moved to another server here."""
    return True


def _tell(telegram: Telegram) -> None:
    telegram.snapshot.changed()
    telegram.updates.pulse.beat()
