"""``python -m bot``: the Telegram bot, configured by the environment alone."""

from __future__ import annotations

import asyncio
import sys

import structlog
from pydantic import ValidationError
from telegram.error import InvalidToken

from bot import log
from bot.service import run
from wallet_core.settings import Process, Settings


def main() -> int:
    """Runs the bot; 0 after a clean end, 2 when the configuration does not allow to start."""
    try:
        settings = Settings()
    except ValidationError as error:
        print(error, file=sys.stderr)  # noqa: T201 - there is no log level yet
        return 2
    log.configure(settings.log_level, (settings.telegram_bot_token.get_secret_value(),))
    logger = structlog.get_logger("bot")
    unsafe = settings.unsafe_in_production(Process.BOT)
    for sentence in unsafe:
        logger.error("unsafe in production", what=sentence)
    if unsafe:
        return 2
    try:
        asyncio.run(run(settings))
    except InvalidToken:
        logger.error("Telegram does not know TELEGRAM_BOT_TOKEN")
        return 2
    except FileNotFoundError as error:
        logger.error("a file is missing; `wallet keys new` makes the keys", file=error.filename)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
