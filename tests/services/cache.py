"""What tests fetch once and keep outside the tree, by version, so that a fresh checkout finds it.

Knows no service: who needs something says how it is made.
"""

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path


class ServiceMissingError(Exception):
    """What the tests need is not on this machine; the message says what to install."""


def kept(name: str, make: Callable[[Path], None], *, saying: str) -> Path:
    """The folder of this name, made if it is not there.

    It is made under a temporary name: what is broken off leaves nothing that looks whole.
    """
    folder = _root() / name
    if folder.is_dir():
        return folder
    sys.stderr.write(f"Fetching {saying} into {folder}\n")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
        made = Path(temporary) / "made"
        make(made)
        try:
            made.rename(folder)
        except OSError:
            if not folder.is_dir():  # else another process was faster
                raise
    return folder


def _root() -> Path:
    root = os.environ.get("XDG_CACHE_HOME")
    return (Path(root) if root else Path.home() / ".cache") / "voucherify-sync"
