"""Runs one process's application on uvicorn until it is told to end.

SIGTERM and Ctrl-C: no new connection is taken, what is in flight is answered, the parts end in
order, the exit code is 0.
"""

import asyncio
import ctypes
import gc
import signal
import socket
import sys
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

import uvicorn
from starlette.routing import BaseRoute

from voucherify_sync.settings import PREFIX, Settings
from voucherify_sync.wiring import Process

_GRACE_SECONDS = 15
_BACKLOG = 2_048
_COLLECT_AFTER = 50_000
_SWITCH_SECONDS = 0.0005
_KEPT_BYTES = 16 * 1024 * 1024
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # of glibc's malloc.h


class ListenError(Exception):
    """The address can't be listened on; the message says which and how to choose another."""


class _Server(uvicorn.Server):
    """uvicorn without its signal handling, which ends by raising the signal once more.

    It waits for all answers under way; `farewells` cut those short that would only wait.
    """

    def __init__(self, config: uvicorn.Config, farewells: Sequence[Callable[[], None]]) -> None:
        super().__init__(config)
        self._farewells = farewells

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        for farewell in self._farewells:
            farewell()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)


def run(process: Process, settings: Settings) -> int:
    """Serve until told to end; 0 after a clean end. Raises ListenError."""
    app = process.app()
    config = uvicorn.Config(
        app,
        http=_connections(app.routes),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # the endpoint believes X-Forwarded-For from trusted proxies alone
        timeout_graceful_shutdown=_GRACE_SECONDS,
        timeout_keep_alive=30,
    )
    server = _Server(config, process.farewells)
    with _listen(settings) as listening:
        spare_the_interpreter()
        server.run(sockets=[listening])
    return 0 if server.started else 1


def _connections(routes: Iterable[BaseRoute]) -> Any:
    """What uvicorn makes its connections with: of its own choice where httptools is not there."""
    try:
        from receiver.connection import connections
    except ModuleNotFoundError:
        return "auto"
    return connections(routes) or "auto"


def run_alone(work: Coroutine[Any, Any, int]) -> int:
    """Run a command's work on the same event loop and under the same settings as a server's."""
    spare_the_interpreter()
    loops = uvicorn.Config("", log_config=None).get_loop_factory()
    with asyncio.Runner(loop_factory=loops) as runner:
        return runner.run(work)


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    address = (settings.host, settings.port)
    try:
        return socket.create_server(address, family=family, backlog=_BACKLOG)
    except OSError as error:
        raise ListenError(
            f"can't listen on {settings.host}:{settings.port} ({error.strerror}); "
            f"choose with {PREFIX}HOST and {PREFIX}PORT"
        ) from None


def spare_the_interpreter() -> None:
    """Settings of the interpreter for a process that handles many small payloads on few threads.

    Payloads are hundreds of small objects without cycles: with the default threshold each delivery
    starts a collection, which looks at everything imported. And a thread that comes back from
    SQLite waits for the event loop to let go of the interpreter: by default up to 5 ms each time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_COLLECT_AFTER, 20, 100)
    sys.setswitchinterval(_SWITCH_SECONDS)
    _keep_freed_memory()


def _keep_freed_memory() -> None:
    """Let glibc keep what is freed, up to some megabytes, for the next batch of the same size.

    By default it gives large pieces back at once, and each page of the next one is a fault: some
    three for each delivery, which was a fifth of its CPU time. Other C libraries are left alone.
    """
    with suppress(AttributeError, OSError):
        adjust = ctypes.CDLL(None).mallopt
        adjust(_M_MMAP_THRESHOLD, _KEPT_BYTES // 2)
        adjust(_M_TRIM_THRESHOLD, _KEPT_BYTES)
