"""One handler process beside the nearest peer, each applying its events into the same PostgreSQL.

The peer (stripe-sync-engine) keeps what Stripe's webhooks tell: one object of 700 bytes an event,
verified and written at once by 50 callers. Its script stands beside the repository, and no copy of
it here; without it, or without Node.js, nothing is measured. The two take turns.
"""

import json
import resource
import shutil
import statistics
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from benchmarks import services
from benchmarks.applied import Applied, handled, messages
from eventlog.log import Message
from handlers import table
from schemas import envelope
from schemas.envelope import Envelope

_SCRIPT: Final = Path(__file__).parents[2] / "shared" / "peers" / "stripe-sync-engine"


def run(events: int = 20_000, rounds: int = 5) -> list[str]:
    """Rounds over an empty database each; lines for the report."""
    missing = _missing()
    if missing:
        return [f"beside the peer: not measured, there is no {missing}"]
    told = messages(events)
    with tempfile.TemporaryDirectory() as folder, services.running() as running:
        script = _installed(Path(folder) / "peer")
        pairs = [
            (_peer(script, running, events), handled(told, running, copies=1))
            for _ in range(rounds)
        ]
    return _lines(pairs, _facts(told))


def _missing() -> str | None:
    if not _SCRIPT.is_dir():
        return f"{_SCRIPT.parent.name}/{_SCRIPT.name} beside the repository"
    return next((name for name in ("node", "npm") if shutil.which(name) is None), None)


def _installed(folder: Path) -> Path:
    """The script with the packages that it names."""
    shutil.copytree(_SCRIPT, folder, copy_function=shutil.copyfile)
    folder.chmod(0o755)
    install = ["npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--silent"]
    subprocess.run(install, cwd=folder, check=True)
    return folder / "bench.mjs"


def _peer(script: Path, running: services.Services, events: int) -> Applied:
    database = running.settings()["VOUCHERIFY_SYNC_STATE"]
    before = _cpu_of_ended()
    done = subprocess.run(
        ["node", script, database, str(events)],  # noqa: S607 - wherever Node.js is installed
        cwd=script.parent,
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


def _facts(told: list[Message]) -> float:
    """Facts of an event, on average over some."""
    some = told[:100]
    events = [envelope.read(message.value) for message in some]
    return sum(len(list(table.facts(e))) for e in events if isinstance(e, Envelope)) / len(some)


def _lines(pairs: list[tuple[Applied, Applied]], facts: float) -> list[str]:
    peers, own = zip(*pairs, strict=True)
    peer, ours = _medians(peers), _medians(own)
    ratio = statistics.median(ours.per_second / peer.per_second for peer, ours in pairs)
    return [
        f"events applied/s into PostgreSQL, one handler process ÷ the peer: {ratio:.2f} "
        f"({ours.per_second:.0f} ÷ {peer.per_second:.0f}; {ours.cpu:.0f} and {peer.cpu:.0f} µs of "
        "CPU for each, the database's apart)",
        f"facts merged/s ÷ the peer's objects/s: {ratio * facts:.1f} ({facts:.1f} facts an event)",
    ]


def _medians(rounds: Sequence[Applied]) -> Applied:
    return Applied(
        statistics.median(one.per_second for one in rounds),
        statistics.median(one.cpu for one in rounds),
    )
