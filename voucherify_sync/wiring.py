"""The composition root: builds the parts that a command runs, and starts and ends them in order.

The only place that knows every stage. Nothing connects before a process is started.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from importlib import metadata

import structlog
from starlette.applications import Starlette
from starlette.routing import BaseRoute

import query.documents
import query.routes
import receiver.routes
from handlers.consumer import Consumer, Pace
from query import cors, freshness
from query.keys import ApiKey, FollowedKeys, Keys, parse
from query.manners import Manners
from receiver.secrets import FileSecrets, FixedSecrets, Secrets
from receiver.sources import AllowedSources
from schemas import moment, topics
from voucherify_sync import errors, health, metrics
from voucherify_sync.clock import now_ms
from voucherify_sync.settings import PREFIX, Settings, SettingsError
from voucherify_sync.stores import Log, open_log, open_reader, open_state
from voucherify_sync.tracing.parts import Tracing, Untraced, tracing

log = structlog.get_logger()

Start = Callable[[AsyncExitStack], object]
"""Starts a part and leaves on the stack how it ends."""


@dataclass
class Process:
    """What one command serves and runs; parts end in the reverse order of their start.

    `farewells` are called as soon as it is told to end, while answers are still under way.
    """

    routes: list[BaseRoute] = field(default_factory=list)
    checks: dict[str, health.Check] = field(default_factory=dict)
    starts: list[Start] = field(default_factory=list)
    farewells: list[Callable[[], None]] = field(default_factory=list)
    tracing: Tracing = field(default_factory=Untraced)

    def app(self) -> Starlette:
        """The application: the parts' routes, then health, readiness and metrics."""
        app = Starlette(
            routes=[*self.routes, *health.routes(self.checks)],
            exception_handlers=errors.HANDLERS,
            lifespan=self._lifespan,
        )
        app.router.redirect_slashes = False  # a wrong path is 404, not a redirect
        return app

    @asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self.tracing.close)  # last: ending parts still make spans
            for start in self.starts:
                start(stack)
            log.info("started", parts=sorted(self.checks))
            yield
        log.info("ended")


def serve(settings: Settings) -> Process:
    """Receiver, handlers and query API in one process."""
    process = _process("serve")
    event_log = _add_log(settings, process, topics.ALL_TOPICS)
    _add_receiver(settings, process, event_log)
    _add_handlers(settings, process, event_log)
    _add_query(settings, process)
    return process


def receive(settings: Settings) -> Process:
    """The webhook endpoint alone."""
    process = _process("receiver")
    written = (*topics.EVENT_TOPICS, topics.QUARANTINE)
    _add_receiver(settings, process, _add_log(settings, process, written))
    return process


def handle(settings: Settings) -> Process:
    """The handlers alone."""
    process = _process("handlers")
    _add_handlers(settings, process, _add_log(settings, process, (topics.DEAD_LETTER,)))
    return process


def answer(settings: Settings) -> Process:
    """The query API alone."""
    process = _process("query")
    _add_query(settings, process)
    return process


def _process(command: str) -> Process:
    return Process(tracing=tracing(command, _version()))


async def migrate(settings: Settings) -> None:
    """Bring the state database to this version."""
    state = open_state(settings)
    try:
        await state.migrate()
    finally:
        await state.close()


def _add_log(settings: Settings, process: Process, writes: Sequence[str]) -> Log:
    event_log = open_log(settings, writes)
    process.checks["log"] = event_log.writer.check
    process.starts.append(lambda stack: stack.push_async_callback(event_log.close))
    return process.tracing.log(event_log)


def _add_receiver(settings: Settings, process: Process, event_log: Log) -> None:
    routes = receiver.routes.routes(
        log=event_log.writer,
        secrets=webhook_secrets(settings),
        sources=_sources(settings),
        max_body=settings.max_body,
        now_ms=now_ms,
    )
    process.routes += map(process.tracing.webhook, routes)
    metrics.PARTS.labels("receiver").set(1)


def _add_handlers(settings: Settings, process: Process, event_log: Log) -> None:
    state = open_state(settings)
    pace = Pace(
        retention_seconds=float(settings.log_retention),
        brake=settings.dead_letter_brake,
        gap_wait_seconds=float(settings.gap_wait),
    )
    consumer = Consumer(
        event_log.reader,
        event_log.writer,
        state,
        now_ms=now_ms,
        pace=pace,
        applying=process.tracing.applying(state),
    )

    async def working() -> health.Details:
        if consumer.problem is not None:
            raise RuntimeError(consumer.problem)
        as_of = consumer.as_of.moment
        if as_of is None:
            return {}
        behind = max(0, await state.now() - as_of) / 1000
        return {"as_of": moment.to_text(as_of), "behind_seconds": behind}

    def start(stack: AsyncExitStack) -> None:
        stop = asyncio.Event()
        task = asyncio.create_task(consumer.run(stop), name="handlers")
        stack.push_async_callback(state.close)
        stack.push_async_callback(_finish, stop, task)

    process.checks["handlers"] = working
    process.checks["state"] = state.check
    process.starts.append(start)
    metrics.PARTS.labels("handlers").set(1)


async def _finish(stop: asyncio.Event, task: asyncio.Task[None]) -> None:
    stop.set()
    await task


def _add_query(settings: Settings, process: Process) -> None:
    keys = api_keys(settings)
    if not keys and not settings.listens_on_loopback():
        raise SettingsError(
            f"{PREFIX}API_KEYS: the query API has no keys and would answer anyone who reaches "
            f"{settings.host}; set app-id:token pairs, or listen on 127.0.0.1"
        )
    reader = open_reader(settings)
    api = query.routes.query_api(reader, keys, _manners(settings))
    process.routes += [
        process.tracing.queries(api),
        *query.documents.routes(query.routes.TABLE, _version()),
    ]
    process.checks.setdefault("state", partial(freshness.check, reader))
    process.starts.append(lambda stack: stack.push_async_callback(reader.close))
    process.farewells.append(api.end_waiting)
    metrics.PARTS.labels("query").set(1)


def api_keys(settings: Settings) -> Sequence[ApiKey] | Keys:
    """The query API's keys, empty for none. Raises SettingsError for what are none."""
    try:
        if settings.api_keys_file:
            return FollowedKeys(FileSecrets(settings.api_keys_file).current)
    except ValueError as error:
        raise SettingsError(f"{PREFIX}API_KEYS_FILE: {error}") from None
    try:
        keys = parse(settings.api_key_lines())
    except ValueError as error:
        raise SettingsError(f"{PREFIX}API_KEYS: {error}") from None
    if settings.api_keys is not None and not keys:
        raise SettingsError(f"{PREFIX}API_KEYS: is set, and holds no app-id:token pair")
    return keys


def _version() -> str:
    try:
        return metadata.version("voucherify-sync")
    except metadata.PackageNotFoundError:  # runs from a folder that nobody installed
        return "unknown"


def _manners(settings: Settings) -> Manners:
    try:
        return Manners(origins=cors.checked(settings.cors_origins))
    except ValueError as error:
        raise SettingsError(f"{PREFIX}CORS_ORIGINS: {error}") from None


def webhook_secrets(settings: Settings) -> Secrets:
    """Where the webhook secrets come from. Raises SettingsError where there are none."""
    try:
        if settings.webhook_secrets_file:
            return FileSecrets(settings.webhook_secrets_file)
    except (OSError, ValueError) as error:
        raise SettingsError(f"{PREFIX}WEBHOOK_SECRETS_FILE: {error}") from None
    if not settings.secrets():
        raise SettingsError(
            f"{PREFIX}WEBHOOK_SECRETS is not set: copy the secret of the webhook from Voucherify "
            f"(Project settings, Webhooks) into it, or name a file in {PREFIX}WEBHOOK_SECRETS_FILE"
        )
    return FixedSecrets(settings.secrets())


def _sources(settings: Settings) -> AllowedSources:
    try:
        return AllowedSources.parse(settings.allowed_sources, settings.trusted_proxies)
    except ValueError as error:
        raise SettingsError(f"{PREFIX}ALLOWED_SOURCES or TRUSTED_PROXIES: {error}") from None


Build = Callable[[Settings], Process]
COMMANDS: Mapping[str, Build] = {
    "serve": serve,
    "receiver": receive,
    "handlers": handle,
    "query": answer,
}
