"""The objects of each overlay and of the chart with the same values, as their tools render them."""

import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from tests.deploy.go_tools import HELM, KUBECTL, KUBERNETES
from tests.deploy.made import DEPLOY

Object = dict[str, Any]

NAME: Final = "voucherify-sync"
OVERLAYS: Final = ("one-node", "production", "production-strimzi-keda")

_HASHED: Final = re.compile(rf"{NAME}-[0-9a-z]{{10}}\b")


@cache
def overlay_text(name: str) -> str:
    """An overlay, as `kubectl kustomize` renders it."""
    return _output(str(KUBECTL.path()), "kustomize", str(DEPLOY / "kubernetes/overlays" / name))


@cache
def chart_text(name: str, *options: str) -> str:
    """The chart with the values of this example, and with options of `helm template`."""
    return _output(*_chart(name, *options))


def chart_refusal(name: str, *options: str) -> str:
    """Why the chart is not rendered so."""
    done = subprocess.run(_chart(name, *options), capture_output=True, text=True, check=False)
    assert done.returncode, done.stdout
    return done.stderr


def _chart(name: str, *options: str) -> Sequence[str]:
    values = str(DEPLOY / "chart/examples" / f"{name}.yaml")
    chart = str(DEPLOY / "chart")
    return (
        *(str(HELM.path()), "template", NAME, chart, "--values", values),
        *("--namespace", NAME, "--kube-version", KUBERNETES, *options),
    )


def with_component(name: str, component: str, folder: Path) -> Sequence[Object]:
    """An overlay as somebody's own has it, with a component more; `folder` is an empty one."""
    own = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": [f"deploy/kubernetes/overlays/{name}"],
        "components": [f"deploy/kubernetes/components/{component}"],
    }
    return own_overlay(yaml.safe_dump(own), folder)


def own_overlay(text: str, folder: Path) -> Sequence[Object]:
    """The objects of somebody's own overlay, which names ours by `deploy/…`."""
    ours = os.path.relpath(DEPLOY, folder.resolve())
    (folder / "kustomization.yaml").write_text(text.replace("deploy/", f"{ours}/"))
    return _plain(_output(str(KUBECTL.path()), "kustomize", str(folder.resolve())))


def overlay(name: str) -> Sequence[Object]:
    """An overlay's objects; the ConfigMap without the hash that rolls the pods when it changes."""
    return _plain(overlay_text(name))


def _plain(text: str) -> Sequence[Object]:
    hashed = {found for found in _HASHED.findall(text) if f"name: {found}\n" in text}
    for found in hashed & _config_maps(text):
        text = text.replace(found, NAME)
    return _objects(text)


def chart(name: str, *options: str) -> Sequence[Object]:
    """The chart's objects."""
    return _objects(chart_text(name, *options))


def title(found: Object) -> str:
    """An object's kind and name."""
    return f"{found['kind']}/{found['metadata']['name']}"


def of_kind(objects: Sequence[Object], *kinds: str) -> list[Object]:
    """The objects of these kinds."""
    return [found for found in objects if found["kind"] in kinds]


def workloads(objects: Sequence[Object]) -> list[Object]:
    """Whatever has pods."""
    return of_kind(objects, "Deployment", "StatefulSet", "Job")


def pod(workload: Object) -> Object:
    """The specification of a workload's pods."""
    found: Object = workload["spec"]["template"]["spec"]
    return found


def container(workload: Object) -> Object:
    """The one container of a workload's pods."""
    (found,) = pod(workload)["containers"]
    assert isinstance(found, dict)
    return found


def labels(workload: Object) -> dict[str, str]:
    """The labels of a workload's pods."""
    found: dict[str, str] = workload["spec"]["template"]["metadata"]["labels"]
    return found


def selects(selector: dict[str, str], labelled: dict[str, str]) -> bool:
    """Whether a selector by labels chooses this."""
    return selector.items() <= labelled.items()


def _config_maps(text: str) -> set[str]:
    return {found["metadata"]["name"] for found in of_kind(_objects(text), "ConfigMap")}


def _objects(text: str) -> list[Object]:
    return list(_each(text))


def _each(text: str) -> Iterator[Object]:
    for found in yaml.safe_load_all(text):
        if found is not None:
            assert isinstance(found, dict)
            yield found


def _output(*command: str | Path) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert 0 == done.returncode, done.stderr
    return done.stdout
