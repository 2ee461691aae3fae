"""One JSON line for each thing that happened, on standard output."""

from __future__ import annotations

import logging

import structlog


def log_json(level: str) -> None:
    """Sets the logs up; below ``level`` (DEBUG, INFO, WARNING, ERROR) nothing is said."""
    logging.basicConfig(format="%(message)s", level=logging.WARNING)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping().get(level.upper(), 20)),
    )
