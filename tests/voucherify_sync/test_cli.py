"""The command line as a person meets it: help, wrong use, failures, all as real processes."""

import socket
import sys
from pathlib import Path

import pytest

from tests.voucherify_sync.program import run

COMMANDS = [
    "serve",
    "receiver",
    "handlers",
    "query",
    "simulate",
    "migrate",
    "demo",
    "dead-letters",
    "dead-letters list",
    "dead-letters show",
    "dead-letters redrive",
    "dead-letters discard",
    "positions",
    "positions list",
    "positions skip-lost",
    "gaps list",
    "rebuild",
    "diff",
    "register",
    "doctor",
    "tail",
    "copy",
]


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_an_example(command: str, tmp_path: Path) -> None:
    """Every command explains itself with an example."""
    done = run(*command.split(), "--help", cwd=tmp_path)

    assert (0, "") == (done.returncode, done.stderr)
    assert "Example:" in done.stdout
    assert "voucherify-sync" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "environment", "says"),
    [
        (["serve"], {}, "VOUCHERIFY_SYNC_WEBHOOK_SECRETS is not set"),
        (["receiver"], {"VOUCHERIFY_SYNC_WEBHOOK_SECRETS": " , "}, "is not set"),
        (["receiver", "--webhook-secrets-file", "none"], {}, "WEBHOOK_SECRETS_FILE"),
        (["receiver", "--webhook-secrets", "s", "--log", "redis://x"], {}, "SYNC_LOG"),
        (["receiver", "--webhook-secrets", "s", "--allowed-sources", "mars"], {}, "mars"),
        (["query", "--host", "0.0.0.0"], {}, "VOUCHERIFY_SYNC_API_KEYS"),  # noqa: S104 - refused
        (["query", "--api-keys", "just-an-id"], {}, "entry 1 is not app-id:token"),
        (["query", "--api-keys", "a:b,a:b:c:d"], {}, "entry 2 is not app-id:token"),
        (["query", "--api-keys-file", sys.executable], {}, "is not text in UTF-8"),
        (["handlers"], {"VOUCHERIFY_SYNC_PORT": "many"}, "VOUCHERIFY_SYNC_PORT"),
        (["dead-letters", "redrive"], {}, "by their ids, by --reason, or say --all"),
        (["dead-letters", "redrive", "t/0/1", "--all"], {}, "by --reason, or say --all"),
        (["dead-letters", "discard", "--reason", "", "--yes"], {}, "by --reason, or say --all"),
        (["dead-letters", "discard", "--all"], {}, "--yes does it without a question"),
        (["dead-letters", "list", "--limit", "0"], {}, "--limit"),
        (["dead-letters", "list", "--state", "redis://x"], {}, "SYNC_STATE"),
        (["positions", "skip-lost"], {}, "--yes does it without a question"),
        (["positions", "list", "--log", "redis://x"], {}, "SYNC_LOG"),
        (["fly"], {}, "No such command"),
        (["serve", "--wings"], {}, "No such option"),
    ],
)
def test_wrong_use(
    arguments: list[str], environment: dict[str, str], says: str, tmp_path: Path
) -> None:
    """Wrong use ends with 2 and says, without a trace, what is wrong."""
    done = run(*arguments, cwd=tmp_path, environment=environment)

    assert 2 == done.returncode
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_migrate(tmp_path: Path) -> None:
    """The state database is made, and made again, without harm."""
    for _ in range(2):
        done = run("migrate", cwd=tmp_path)
        assert (0, "") == (done.returncode, done.stderr)
    assert (tmp_path / "data" / "state.db").exists()


def test_migrate_where_nothing_can_be_made(tmp_path: Path) -> None:
    """A failure ends with 1 and one line that names the thing."""
    (tmp_path / "data").write_text("a file, not a folder")

    done = run("migrate", cwd=tmp_path)

    assert 1 == done.returncode
    assert "data" in done.stderr
    assert 1 == len(done.stderr.splitlines())


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    """The failure names the address and what to set."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run("query", "--port", str(port), cwd=tmp_path)

    assert 1 == done.returncode
    assert f"can't listen on 127.0.0.1:{port}" in done.stderr
    assert "VOUCHERIFY_SYNC_PORT" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_misspelt_variable_is_pointed_out(tmp_path: Path) -> None:
    """A variable with our prefix that is no setting is most likely misspelt."""
    done = run("migrate", cwd=tmp_path, environment={"VOUCHERIFY_SYNC_STAT": "sqlite:///x"})

    assert "VOUCHERIFY_SYNC_STAT is no setting" in done.stderr

    (tmp_path / ".env").write_text("VOUCHERIFY_SYNC_PROT=1\n")
    assert "VOUCHERIFY_SYNC_PROT is no setting" in run("migrate", cwd=tmp_path).stderr


def test_version(tmp_path: Path) -> None:
    """The program knows its version."""
    assert "0.1.0" in run("--version", cwd=tmp_path).stdout
