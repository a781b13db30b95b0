"""A Voucherify made of its specification: Prism checks what is asked and answers with examples.

Fetched once and kept outside the tree, at the versions that stand in `prism/`.
"""

import asyncio
import hashlib
import json
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import httpx

from tests.acceptance.server import free_port
from tests.sdk import environments
from tests.services import cache
from tests.services.cache import ServiceMissingError

SPECIFICATION: Final = (
    Path(__file__).parents[4] / "shared" / "voucherify" / "api-v2018-08-01.openapi.json"
)
_PACKAGES: Final = [
    Path(__file__).parent / "prism" / name for name in ("package.json", "package-lock.json")
]
_START_SECONDS: Final = 60


def program() -> list[str]:
    """The command that runs Prism. Raises ServiceMissingError."""
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in _PACKAGES)).hexdigest()[:10]
    folder = cache.kept(f"prism-{digest}", _make, saying="Prism (some 90 MB)")
    script = folder / "node_modules" / "@stoplight" / "prism-cli" / "dist" / "index.js"
    return [*environments.node(), str(script)]


@asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[str]:
    """Serve the specification's part about webhooks; gives the URL."""
    (folder / "api.json").write_text(json.dumps(_management()))
    port = free_port()
    with (folder / "prism.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *(*program(), "mock", "--port", str(port), str(folder / "api.json")),
            stdout=log,
            stderr=log,
        )
    try:
        url = f"http://127.0.0.1:{port}"
        async with asyncio.timeout(_START_SECONDS):
            while not await _answers(url):
                assert process.returncode is None, (folder / "prism.log").read_text()
                await asyncio.sleep(0.1)
        yield url
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _answers(url: str) -> bool:
    async with httpx.AsyncClient() as client:
        try:
            await client.get(url)
        except httpx.HTTPError:
            return False
    return True


def _management() -> dict[str, Any]:
    told: dict[str, Any] = json.loads(SPECIFICATION.read_text())
    paths = {path: one for path, one in told["paths"].items() if path.startswith("/management/")}
    return told | {"paths": paths}


def _make(folder: Path) -> None:
    folder.mkdir()
    for file in _PACKAGES:
        shutil.copy(file, folder)
    (node,) = environments.node()
    npm = Path(node).parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    options = ["--prefix", str(folder), "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run([node, str(npm), "ci", *options], capture_output=True, text=True)
    if done.returncode:
        raise ServiceMissingError(f"Prism could not be fetched: {done.stderr.strip()[-300:]}")
