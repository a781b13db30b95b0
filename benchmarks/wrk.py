"""wrk, where it is installed: it takes less of the shared cores than a load generator in Python."""

import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_UNITS = {"us": 0.001, "ms": 1.0, "s": 1_000.0}
_SCRIPT = """\
local requests, number = {}, 0
function init()
  for one = 0, %d do
    local file = io.open("%s/" .. one .. ".request", "rb")
    requests[one] = file:read("*a")
    file:close()
  end
end
function request()
  number = (number + 1) %% (#requests + 1)
  return requests[number]
end
"""


@dataclass(frozen=True, slots=True)
class Sent:
    """How many answers came, in how many seconds, and their 99th percentile."""

    answers: int
    seconds: float
    p99_ms: float


class Wrk:
    """Sends prepared requests in turn; they are kept as files in `folder`."""

    def __init__(self, folder: Path, requests: Sequence[bytes]) -> None:
        self._script = folder / "wrk.lua"
        self._script.write_text(_SCRIPT % (len(requests) - 1, folder))
        for number, request in enumerate(requests):
            (folder / f"{number}.request").write_bytes(request)

    @staticmethod
    def is_there() -> bool:
        """Whether it is installed."""
        return shutil.which("wrk") is not None

    def run(self, port: int, seconds: float, connections: int = 64) -> Sent:
        """As fast as answers come. Raises RuntimeError where one is no success."""
        options = ["-t1", f"-c{connections}", f"-d{round(seconds)}s", "--latency"]
        said = subprocess.run(
            ["wrk", *options, "-s", str(self._script), f"http://127.0.0.1:{port}"],  # noqa: S607
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        if "Non-2xx" in said or "Socket errors" in said:
            raise RuntimeError(f"not every delivery was accepted: {said}")
        requests = re.search(r"(\d+) requests in ([\d.]+)s", said)
        p99 = re.search(r"99%\s+([\d.]+)(us|ms|s)", said)
        if not requests or not p99:
            raise RuntimeError(f"wrk said something else than expected: {said}")
        return Sent(int(requests[1]), float(requests[2]), float(p99[1]) * _UNITS[p99[2]])
