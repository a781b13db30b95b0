"""The nearest peer, applying its own events into a PostgreSQL of ours.

The peer (stripe-sync-engine) keeps what Stripe's webhooks tell: one object of 700 bytes an event,
verified and written at once by 50 callers. Its script stands beside the repository, and no copy of
it here; without it, or without Node.js, there is no peer.
"""

import json
import resource
import shutil
import subprocess
from pathlib import Path
from typing import Final, NamedTuple

from benchmarks.services import Services

_SCRIPT: Final = Path(__file__).parents[2] / "shared" / "peers" / "stripe-sync-engine"


class Applied(NamedTuple):
    """How fast events were applied, and the CPU time for each, in µs, the database's apart."""

    per_second: float
    cpu: float


def missing() -> str | None:
    """What there would have to be for a peer; None where all is there."""
    if not _SCRIPT.is_dir():
        return f"{_SCRIPT.parent.name}/{_SCRIPT.name} beside the repository"
    return next((name for name in ("node", "npm") if shutil.which(name) is None), None)


class Peer:
    """The script with the packages that it names, installed into a new folder."""

    def __init__(self, folder: Path) -> None:
        shutil.copytree(_SCRIPT, folder, copy_function=shutil.copyfile)
        folder.chmod(0o755)
        install = ["npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--silent"]
        subprocess.run(install, cwd=folder, check=True)
        self._script = folder / "bench.mjs"

    def applied(self, running: Services, events: int) -> Applied:
        """So many events, into an empty database."""
        database = running.settings()["VOUCHERIFY_SYNC_STATE"]
        before = _cpu_of_ended()
        done = subprocess.run(
            ["node", self._script, database, str(events)],  # noqa: S607 - wherever it is installed
            cwd=self._script.parent,
            check=True,
            capture_output=True,
            text=True,
        )
        used = _cpu_of_ended() - before
        told = json.loads(done.stdout.splitlines()[-1])
        return Applied(told["per_second"], used / events * 1e6)


def _cpu_of_ended() -> float:
    """CPU seconds of all processes that ended; the peer's making of its events is among them."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
