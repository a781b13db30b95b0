"""Starts and ends the processes that are measured; CPU time is the operating system's account."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

SECRET = "benchmark-secret"  # noqa: S105 - of a server that lives for seconds on loopback
_TICKS = os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    """A port of the loopback address that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def started(
    arguments: list[str],
    folder: Path,
    port: int,
    ready: str,
    settings: Mapping[str, str] | None = None,
) -> Iterator[int]:
    """The process, once it answers at `ready`; gives its id and ends it."""
    environment = os.environ | {
        "VOUCHERIFY_SYNC_WEBHOOK_SECRETS": SECRET,
        "VOUCHERIFY_SYNC_LOG_LEVEL": "warning",
        **(settings or {}),
    }
    process = subprocess.Popen([sys.executable, "-m", *arguments], cwd=folder, env=environment)
    try:
        _wait(f"http://127.0.0.1:{port}{ready}", process)
        yield process.pid
    finally:
        process.terminate()
        process.wait(20)


@contextmanager
def serving(
    command: str, folder: Path, settings: Mapping[str, str] | None = None
) -> Iterator[tuple[int, int]]:
    """A command of voucherify-sync, on the embedded defaults; gives its port and process id."""
    port = free_port()
    arguments = ["voucherify_sync", command, "--port", str(port)]
    with started(arguments, folder, port, "/healthz/ready", settings) as process:
        yield port, process


@contextmanager
def started_only(command: str, folder: Path, settings: Mapping[str, str]) -> Iterator[int]:
    """A command of voucherify-sync, not waited for; gives its id and ends it."""
    port = free_port()
    arguments = [sys.executable, "-m", "voucherify_sync", command, "--port", str(port)]
    environment = os.environ | {"VOUCHERIFY_SYNC_LOG_LEVEL": "warning", **settings}
    process = subprocess.Popen(arguments, cwd=folder, env=environment)
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait(20)


@contextmanager
def bare(folder: Path, *answer: Path) -> Iterator[tuple[int, int]]:
    """The same Starlette and uvicorn, only reading bodies, or only answering what is in a file."""
    port = free_port()
    with started(["benchmarks.bare", str(port), *map(str, answer)], folder, port, "/") as process:
        yield port, process


def cpu_seconds(process: int) -> float:
    """CPU time that a process has used, user and system."""
    fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def peak_megabytes(process: int) -> float:
    """The most memory that a process has had resident."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"a process ended with {process.returncode} before it was ready")
        try:
            with urllib.request.urlopen(url, timeout=1):  # noqa: S310 - a URL of our own
                return
        except urllib.error.HTTPError as error:
            error.close()
            if error.code in (404, 405):
                return
        except OSError:
            pass
        time.sleep(0.02)
    raise RuntimeError(f"no answer at {url}")
