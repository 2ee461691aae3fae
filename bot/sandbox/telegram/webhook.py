"""Delivers updates to the bot's webhook, with the secret in Telegram's header."""

import asyncio
import time

import httpx

from bot.sandbox.telegram.service import Telegram
from bot.sandbox.telegram.state import Json

#: Bot API, setWebhook.
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the name of a header
RETRY_SECONDS = 1.0
ANSWER_SECONDS = 30.0


async def deliver(telegram: Telegram) -> None:
    """Posts pending updates one by one until the server stops; what is not answered with 2xx is sent again."""
    async with httpx.AsyncClient(timeout=ANSWER_SECONDS, trust_env=False) as client:
        while not telegram.updates.pulse.stopped:
            webhook, pending = telegram.state.webhook, telegram.state.updates
            if not webhook or not pending:
                await telegram.updates.pulse.wait(3600)
            elif not await _post(client, webhook, pending[0]):
                await asyncio.sleep(RETRY_SECONDS)
            else:
                telegram.updates.acknowledge(pending[0]["update_id"] + 1)
                telegram.snapshot.changed()


async def _post(client: httpx.AsyncClient, webhook: Json, update: Json) -> bool:
    headers = {SECRET_HEADER: webhook["secret_token"]} if webhook["secret_token"] else {}
    try:
        answer = await client.post(webhook["url"], json=update, headers=headers)
    except httpx.HTTPError as error:
        return _note_failure(webhook, str(error) or "Connection failed")
    if not answer.is_success:
        return _note_failure(webhook, f"Wrong response from the webhook: {answer.status_code} {answer.reason_phrase}")
    return True


def _note_failure(webhook: Json, reason: str) -> bool:
    webhook |= {"last_error_date": int(time.time()), "last_error_message": reason}
    return False
