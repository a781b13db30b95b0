"""Sets up the log lines: one event a line, key names that stay, to stderr.

On a terminal they are coloured and short, elsewhere they are JSON. Nothing here filters personal
data: lines never hold any in the first place.
"""

import logging
import sys
from typing import Any, Literal

import structlog

from schemas import jsontext

Format = Literal["console", "json"]


def set_up(level: str, form: Format | None) -> None:
    """Configure structlog, and bring what libraries log (warnings and worse) into the same form."""
    chosen = form or ("console" if sys.stderr.isatty() else "json")
    severity = logging.getLevelNamesMapping()[level.upper()]
    shared: list[Any] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, *_renderers(chosen)],
        wrapper_class=structlog.make_filtering_bound_logger(severity),
        logger_factory=_factory(chosen),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _text_renderer(chosen),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=max(severity, logging.WARNING), force=True)
    # It writes a traceback for each answer that is no Kafka's; our own lines say it, once.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)


def _renderers(form: Format) -> list[Any]:
    if form == "console":
        return [_text_renderer(form)]
    return [lambda _logger, _name, line: jsontext.encode(line)]


def _text_renderer(form: Format) -> Any:
    if form == "console":
        return structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    return lambda _logger, _name, line: jsontext.encode(line).decode()


def _factory(form: Format) -> Any:
    if form == "console":
        return structlog.WriteLoggerFactory(file=sys.stderr)
    return structlog.BytesLoggerFactory(file=sys.stderr.buffer)
