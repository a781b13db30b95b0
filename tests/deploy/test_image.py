"""The image, without an engine: the Dockerfile's own steps, in a clean folder, as another user."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from receiver.signature import sign
from tests.acceptance.server import free_port
from tests.deploy.dockerfile import Ignored, Image, steps
from tests.deploy.made import DEPLOY

ROOT: Final = DEPLOY.parent
FILE: Final = DEPLOY / "image" / "Dockerfile"
SECRET: Final = "image-secret"
KEPT: Final = ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "SSL_CERT_FILE")


@pytest.fixture(scope="module")
def python() -> Path:
    """A Python that every user of this machine may run."""
    for candidate in ("/usr/local/bin/python3", "/usr/bin/python3", sys.executable):
        if _runs(candidate):
            return Path(candidate)
    pytest.skip("no Python with venv on this machine that another user may run")


@pytest.fixture(scope="module")
def image(python: Path) -> Iterator[Image]:
    """The image in a folder that everybody may look into, unlike those of pytest."""
    with tempfile.TemporaryDirectory(prefix="voucherify-sync-image-") as folder:
        Path(folder).chmod(0o755)
        (Path(folder) / "bin").mkdir()
        (Path(folder) / "bin" / "python").symlink_to(python)
        environ = {"PATH": f"{folder}/bin:/usr/bin:/bin", "HOME": folder} | _registry()
        ignored = Ignored.read(FILE.with_name("Dockerfile.dockerignore"))
        made = Image(Path(folder) / "root", ROOT, ignored)
        made.build(FILE.read_text(), environ)
        yield made


def test_the_linter_finds_nothing() -> None:
    """hadolint has no word against it."""
    linter = Path(sys.executable).with_name("hadolint")
    if not linter.exists():
        pytest.skip("hadolint has no wheel for this machine")
    done = subprocess.run([linter, "--no-color", FILE], capture_output=True, text=True, check=False)
    assert ("", 0) == (done.stdout, done.returncode)


def test_all_stages_stand_on_one_base_that_can_be_pinned() -> None:
    """The base is an argument, so that a build may name it by its digest."""
    found = list(steps(FILE.read_text()))
    bases = {rest.split()[0] for name, rest in found if name == "FROM"}
    (argument,) = (rest for name, rest in found if name == "ARG")

    assert {"${PYTHON}"} == bases
    assert "slim" in argument
    assert f"{argument}@sha256:<digest>" in FILE.read_text()


def test_what_is_secret_or_of_no_use_stays_out() -> None:
    """Of the source, only what the image is built from can be copied."""
    ignored = Ignored.read(FILE.with_name("Dockerfile.dockerignore"))

    assert not ignored.match("receiver/app.py")
    for path in (".env", ".git/config", "data/log.db", "tests/x.py", "state/.env", ".venv/x"):
        assert ignored.match(path), path


def test_it_runs_as_nobody_that_is_root(image: Image) -> None:
    """By number, and nothing but the data folder is that user's."""
    uid = int(image.user.split(":")[0])
    mine = {
        path.relative_to(image.folder).parts[0]
        for path in image.folder.rglob("*")
        if path.lstat().st_uid == uid or path.lstat().st_mode & stat.S_IWOTH & ~stat.S_IFLNK
        if not path.is_symlink()
    }
    assert uid > 0
    assert {"data"} == mine if os.geteuid() == 0 else uid


def test_nothing_that_only_builds_is_in_it(image: Image) -> None:
    """No pip, no source, no tests."""
    packages = next((image.folder / "opt/voucherify-sync/lib").glob("python*")) / "site-packages"
    names = {path.name for path in packages.iterdir()}

    assert {"receiver", "handlers", "query", "voucherify_sync"} <= names
    assert set() == names & {"pip", "setuptools", "hatchling", "pytest", "tests"}
    assert not (image.folder / "src").exists()


def test_it_serves_and_ends_well(image: Image) -> None:
    """Ready, healthy by its own check, durable at 202, 0 at SIGTERM; only its data has changed."""
    before = _files(image.folder)
    with _running(image) as (process, port):
        body = b"{}"
        signature = {"x-voucherify-signature": sign(SECRET.encode(), body).decode()}
        url = f"http://127.0.0.1:{port}/webhooks/voucherify"
        answer = httpx.post(url, content=body, headers=signature)
        assert 202 == answer.status_code
        assert 0 == _healthy(image, port)
        process.send_signal(signal.SIGTERM)
        assert 0 == process.wait(30)

    assert 0 != _healthy(image, port)
    assert before == _files(image.folder)
    assert (image.folder / "data/log.db").stat().st_size > 0


@pytest.mark.parametrize("command", ["receiver", "handlers", "query", "migrate", "simulate"])
def test_it_is_the_image_of_every_command(image: Image, command: str) -> None:
    """The arguments of a container are a command and its flags."""
    done = subprocess.run(
        [_program(image, image.entrypoint[0]), command, "--help"],
        cwd=image.folder / "data",
        env=image.environment(),
        capture_output=True,
        text=True,
        check=False,
        **_account(image),
    )
    assert (0, True) == (done.returncode, f"voucherify-sync {command}" in done.stdout)


def test_a_module_in_the_working_directory_is_not_taken_for_ours(image: Image) -> None:
    """`receiver` and `state` are names that anybody may give a file: PYTHONSAFEPATH is set."""
    (image.folder / "data" / "receiver.py").write_text("raise SystemExit(9)")
    done = subprocess.run(
        [_program(image, "python"), "-c", "import receiver.signature"],
        cwd=image.folder / "data",
        env=image.environment(),
        check=False,
        **_account(image),
    )
    (image.folder / "data" / "receiver.py").unlink()
    assert 0 == done.returncode


@contextmanager
def _running(image: Image) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    port = free_port()
    settings = {"PORT": str(port), "WEBHOOK_SECRETS": SECRET, "API_KEYS": "app:token"}
    environ = image.environment(**{f"VOUCHERIFY_SYNC_{k}": v for k, v in settings.items()})
    program = _program(image, image.entrypoint[0])
    process = subprocess.Popen(
        [program, *image.entrypoint[1:], *image.command],
        cwd=image.folder / image.directory.lstrip("/"),
        env=environ,
        **_account(image),
    )
    try:
        _wait_until_ready(process, port)
        yield process, port
    finally:
        process.kill()
        process.wait()


def _wait_until_ready(process: subprocess.Popen[bytes], port: int) -> None:
    give_up_at = time.monotonic() + 60
    while time.monotonic() < give_up_at:
        assert process.poll() is None
        try:
            if httpx.get(f"http://127.0.0.1:{port}/healthz/ready").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError("not ready within a minute")


def _healthy(image: Image, port: int) -> int:
    """The exit code of the image's own health check."""
    environ = image.environment(VOUCHERIFY_SYNC_PORT=str(port))
    program = _program(image, image.health[0])
    command = [program, *image.health[1:]]
    account = _account(image)
    done = subprocess.run(command, env=environ, capture_output=True, check=False, **account)
    return done.returncode


def _program(image: Image, name: str) -> str:
    """Where the image finds a program."""
    found = shutil.which(name, path=image.environ["PATH"])
    assert found is not None
    return found


def _account(image: Image) -> dict[str, Any]:
    """The image's user where we may become it, else ourselves."""
    if os.geteuid() != 0:
        return {}
    uid, gid = map(int, image.user.split(":"))
    return {"user": uid, "group": gid, "extra_groups": []}


def _files(folder: Path) -> dict[str, tuple[int, int]]:
    return {
        str(path.relative_to(folder)): (path.lstat().st_size, path.lstat().st_mtime_ns)
        for path in folder.rglob("*")
        if not path.is_relative_to(folder / "data")
    }


def _registry() -> dict[str, str]:
    """How pip reaches its index from here, as a build behind a proxy would be told."""
    return {
        name: value
        for name, value in os.environ.items()
        if name in KEPT or (name.startswith("PIP_") and name != "PIP_CONSTRAINT")
    }


def _runs(python: str) -> bool:
    if not Path(python).exists():
        return False
    account: dict[str, Any] = {"user": 10001, "group": 10001} if os.geteuid() == 0 else {}
    check = "import sys, venv, pip; sys.exit(sys.version_info < (3, 11))"
    try:
        return subprocess.run([python, "-c", check], check=False, **account).returncode == 0
    except OSError:
        return False
