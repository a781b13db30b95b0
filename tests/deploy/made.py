"""Files under `deploy/` that are made from others, so that nothing is said twice by hand.

`python -m tests.deploy.made` writes them; a test fails while one is old.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from schemas import topics

DEPLOY: Final = Path(__file__).parents[2] / "deploy"

_DAYS: Final = 14
_NOTE: Final = "# Made by `python -m tests.deploy.made` from {}: change that, not this.\n"
_TOPIC: Final = """\
apiVersion: kafka.strimzi.io/v1
kind: KafkaTopic
metadata:
  name: {name}
  labels:
    strimzi.io/cluster: kafka
spec:
  partitions: 12
  replicas: 3
  config:
    min.insync.replicas: "2"
    retention.ms: "{retention_ms}"
    max.message.bytes: "2097152"
"""
_RULE: Final = """\
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: voucherify-sync
spec:
"""


def made() -> Mapping[Path, str]:
    """Each made file and what has to stand in it."""
    alerts = (DEPLOY / "prometheus" / "alerts.yaml").read_text()
    of_alerts = _NOTE.format("deploy/prometheus/alerts.yaml")
    of_topics = _NOTE.format("schemas/topics.py")
    components = DEPLOY / "kubernetes" / "components"
    return {
        components / "monitoring" / "alerts.yaml": of_alerts + _RULE + _indented(alerts),
        components / "strimzi" / "topics.yaml": of_topics + "---\n".join(map(_topic, _NAMES)),
        DEPLOY / "chart" / "files" / "alerts.yaml": of_alerts + alerts,
        DEPLOY / "chart" / "files" / "topics.yaml": of_topics + "".join(map(_item, _NAMES)),
    }


_NAMES: Final = topics.ALL_TOPICS


def _topic(name: str) -> str:
    return _TOPIC.format(name=name, retention_ms=_DAYS * 86_400_000)


def _item(name: str) -> str:
    return f"- {name}\n"


def _indented(text: str) -> str:
    return "".join(f"  {line}" if line.strip() else line for line in text.splitlines(True))


def _write() -> None:
    for path, text in made().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


if __name__ == "__main__":
    _write()
