"""JSON logs on standard output, for our own lines and for the libraries'."""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any, Final

import structlog

_CHATTY: Final = ("httpx", "httpcore", "telegram", "uvicorn.access", "apscheduler", "pymongo")


def configure(level: str, secrets: tuple[str, ...]) -> None:
    """Sets logging up; ``secrets`` never appear in a line, whoever wrote it."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    last: list[Any] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, _Redact(secrets), _json]
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processors=last, foreign_pre_chain=shared))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)


_json: Final = structlog.processors.JSONRenderer(ensure_ascii=False, default=str)


class _Redact:
    """Replaces secrets in every value: a library may put a whole address with the token into an error."""

    def __init__(self, secrets: tuple[str, ...]) -> None:
        self._secrets = [secret for secret in secrets if secret]

    def __call__(self, _logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        return {name: self._clean(value) for name, value in event.items()}

    def _clean(self, value: Any) -> Any:
        text = value if isinstance(value, str) else str(value)
        hits = [secret for secret in self._secrets if secret in text]
        for secret in hits:
            text = text.replace(secret, "***")
        return text if hits else value
