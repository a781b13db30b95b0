"""The README's own receiver in three steps, as it stands there."""

import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest

from tests.acceptance.server import running

_README: Final = Path(__file__).parents[2] / "README.md"
_ADDRESS: Final = "http://127.0.0.1:8080"


def block(first: str) -> str:
    """The lines of the code block that begins so."""
    lines = iter(_README.read_text().splitlines())
    found: list[str] = []
    for line in lines:
        if found and line.strip() == "```":
            break
        if found or line.strip().startswith(first):
            found.append(line.strip())
    return "\n".join(found)


@pytest.mark.skipif(
    not (shutil.which("curl") and shutil.which("openssl")),
    reason="the commands need curl and openssl",
)
async def test_a_webhook_by_hand_and_the_answer(tmp_path: Path) -> None:
    """A signed webhook by curl is accepted, and its card is read, without a key."""
    async with running("serve", tmp_path, WEBHOOK_SECRETS="your-secret") as server:
        told = _shell(block("BODY="), server.url)
        await server.caught_up()
        read = _shell(block(f"curl -i {_ADDRESS}/v1/loyalties"), server.url)

    assert "202" in told.splitlines()[0]
    assert "200" in read.splitlines()[0]
    assert "voucherify-sync-as-of" in read
    assert '"balance":70' in read


def _shell(commands: str, url: str) -> str:
    assert _ADDRESS in commands
    script = commands.replace(_ADDRESS, url)
    done = subprocess.run(["/bin/sh", "-c", script], capture_output=True, text=True, check=True)
    return done.stdout
