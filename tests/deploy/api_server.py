"""A real Kubernetes API server on this machine, with an etcd of its own, as child processes.

Nothing runs there: no scheduler, no controllers, no nodes. What it is for is to say yes or no: to
fields, to custom resources, to pods in a restricted namespace, to who may do what.
"""

import json
import os
import secrets
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.deploy.go_tools import ETCD, KUBE_APISERVER, KUBECTL

_START_SECONDS: Final = 120
_STOP_SECONDS: Final = 30


class ApiServer:
    """Up between `start` and `stop`; asked with `kubectl`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._token = secrets.token_hex(16)
        self._etcd, self._etcd_peer, self._port = (_free_port() for _ in range(3))
        self._processes: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        """Return when it answers. Raises ServiceMissingError, RuntimeError."""
        programs = ETCD.path(), KUBE_APISERVER.path(), KUBECTL.path()
        self._run("etcd", str(programs[0]), *self._of_etcd())
        self._run("kube-apiserver", str(programs[1]), *self._of_server())
        self._wait()

    def stop(self) -> None:
        """End the server first, then its store."""
        for process in reversed(self._processes):
            process.terminate()
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def kubectl(self, *arguments: str, text: str | None = None) -> subprocess.CompletedProcess[str]:
        """What `kubectl` says, whatever its exit code is."""
        return subprocess.run(
            [
                *(str(KUBECTL.path()), "--kubeconfig", os.devnull),
                *("--cache-dir", str(self._folder / "kubectl")),
                *("--server", f"https://127.0.0.1:{self._port}", "--token", self._token),
                *("--certificate-authority", str(self._folder / "certificates/apiserver.crt")),
                *arguments,
            ],
            input=text,
            capture_output=True,
            text=True,
            check=False,
        )

    def apply(self, text: str, *arguments: str) -> Sequence[str]:
        """Apply these objects strictly; a line for each of them. Raises AssertionError."""
        done = self.kubectl(
            *("apply", "--server-side", "--validate=strict", "-f", "-", *arguments), text=text
        )
        assert 0 == done.returncode, done.stderr
        return done.stdout.splitlines()

    def get(self, *arguments: str) -> list[dict[str, Any]]:
        """The objects that these arguments of `kubectl get` name."""
        done = self.kubectl("get", *arguments, "-o", "json")
        assert 0 == done.returncode, done.stderr
        items: list[dict[str, Any]] = json.loads(done.stdout)["items"]
        return items

    def _of_etcd(self) -> Sequence[str]:
        client, peer = (f"http://127.0.0.1:{port}" for port in (self._etcd, self._etcd_peer))
        return (
            *("--data-dir", str(self._folder / "etcd"), "--unsafe-no-fsync", "--log-level", "warn"),
            *("--listen-client-urls", client, "--advertise-client-urls", client),
            *("--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer),
            *("--initial-cluster", f"default={peer}"),
        )

    def _of_server(self) -> Sequence[str]:
        key = self._folder / "accounts.pem"
        key.write_bytes(_private_key())
        tokens = self._folder / "tokens.csv"
        tokens.write_text(f"{self._token},tests,tests,system:masters\n")
        return (
            f"--etcd-servers=http://127.0.0.1:{self._etcd}",
            *("--bind-address=127.0.0.1", f"--secure-port={self._port}"),
            f"--cert-dir={self._folder / 'certificates'}",
            f"--token-auth-file={tokens}",
            f"--service-account-key-file={key}",
            f"--service-account-signing-key-file={key}",
            "--service-account-issuer=https://kubernetes.default.svc",
            "--service-cluster-ip-range=10.96.0.0/16",
            "--authorization-mode=RBAC",
            # No controller makes the accounts' tokens here.
            "--disable-admission-plugins=ServiceAccount",
        )

    def _run(self, name: str, *command: str) -> None:
        with (self._folder / f"{name}.log").open("ab") as output:
            self._processes.append(subprocess.Popen(command, stdout=output, stderr=output))

    def _wait(self) -> None:
        give_up_at = time.monotonic() + _START_SECONDS
        while self.kubectl("get", "--raw", "/readyz").returncode:
            ended = any(process.poll() is not None for process in self._processes)
            if ended or time.monotonic() > give_up_at:
                log = (self._folder / "kube-apiserver.log").read_text(errors="replace")
                raise RuntimeError(f"the API server does not start:\n{log[-3000:]}")
            time.sleep(0.2)


def _private_key() -> bytes:
    return rsa.generate_private_key(public_exponent=65_537, key_size=2048).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
