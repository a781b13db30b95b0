"""What describes the resources of others that the manifests use: their CustomResourceDefinitions.

KEDA, the Gateway API and the Prometheus operator have them in their Go modules; Strimzi's own
generator makes its from its classes.
"""

import hashlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.deploy.go_tools import cache, module_folder
from tests.services.cache import ServiceMissingError
from tests.services.kafka_jars import java

_POM: Final = Path(__file__).with_name("strimzi") / "pom.xml"
_GENERATOR: Final = "io.strimzi.crdgenerator.CrdGenerator"
_STRIMZI: Final = {
    "topics": "io.strimzi.api.kafka.model.topic.KafkaTopic",
    "users": "io.strimzi.api.kafka.model.user.KafkaUser",
}
_KEDA: Final = ("github.com/kedacore/keda/v2", "v2.21.0", "config/crd/bases/keda.sh")
_GATEWAY: Final = (
    "sigs.k8s.io/gateway-api",
    "v1.5.0",
    "config/crd/standard/gateway.networking.k8s.io",
)
_PROMETHEUS: Final = (
    "github.com/prometheus-operator/prometheus-operator",
    "v0.85.0",
    "example/prometheus-operator-crd/monitoring.coreos.com",
)
_IN_MODULES: Final = (
    (*_KEDA, "scaledobjects"),
    (*_KEDA, "triggerauthentications"),
    (*_GATEWAY, "gateways"),
    (*_GATEWAY, "httproutes"),
    (*_PROMETHEUS, "servicemonitors"),
    (*_PROMETHEUS, "prometheusrules"),
)


def definitions() -> Iterator[Path]:
    """Files with the definitions. Raises ServiceMissingError."""
    for name, version, place, kind in _IN_MODULES:
        yield module_folder(name, version) / f"{place}_{kind}.yaml"
    yield from _strimzi()


def _strimzi() -> Iterator[Path]:
    content = hashlib.sha256(_POM.read_bytes()).hexdigest()[:16]
    folder = cache() / f"strimzi-{content}"
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
            _generate(Path(temporary))
            (Path(temporary) / "crds").rename(folder)
    yield from sorted(folder.iterdir())


def _generate(folder: Path) -> None:
    maven = shutil.which("mvn")
    if maven is None:
        raise ServiceMissingError("Strimzi's resources need Maven: apt-get install maven")
    copy = ["dependency:copy-dependencies", "-DincludeScope=runtime"]
    _run(maven, "-q", "-B", "-f", str(_POM), *copy, f"-DoutputDirectory={folder / 'jars'}")
    (folder / "crds").mkdir()
    made = (f"{name}={folder / 'crds' / place}.yaml" for place, name in _STRIMZI.items())
    _run(java(), "-cp", f"{folder / 'jars'}/*", _GENERATOR, "--yaml", *made)


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stdout + done.stderr).strip().splitlines()
        raise ServiceMissingError(f"{command[0]}: {said[0] if said else 'no word why'}")
