"""Logs: an event name and fields, never words, user ids or tokens; no local variables in tracebacks."""

from __future__ import annotations

import logging
import sys
from typing import TextIO

import structlog

from config.settings import LogFormat

#: These print request and response bodies, or statements with values, at finer levels.
_QUIET = (
    *("linebot", "aiohttp", "httpx", "httpcore", "sqlalchemy", "aiosqlite", "apscheduler", "alembic", "asyncio"),
    *("procrastinate", "psycopg"),
)


def configure(log_format: LogFormat, stream: TextIO | None = None) -> None:
    """Set up structlog and the standard library's logging to write one line per event to stderr."""
    stream = stream or sys.stderr
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last = _json() if log_format is LogFormat.JSON else _console(stream)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def _json() -> list[structlog.typing.Processor]:
    traceback = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
    return [structlog.processors.ExceptionRenderer(traceback), structlog.processors.JSONRenderer(ensure_ascii=False)]


def _console(stream: TextIO) -> list[structlog.typing.Processor]:
    plain = structlog.dev.plain_traceback
    return [structlog.dev.ConsoleRenderer(colors=stream.isatty(), exception_formatter=plain, pad_event_to=0)]
