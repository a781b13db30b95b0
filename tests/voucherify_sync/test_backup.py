"""What `docs/operations.md` says of copies of log and state, done."""

import sqlite3
from pathlib import Path

from tests.voucherify_sync.installation import Installation
from tests.voucherify_sync.program import run
from tests.voucherify_sync.test_dead_letters import told
from voucherify_sync.diff import differences
from voucherify_sync.stores import open_reader


def back_up(database: Path, name: str = "copy") -> Path:
    """A copy made while it is open, as SQLite's shell makes one."""
    copy = database.with_suffix(f".{name}")
    source, target = sqlite3.connect(database), sqlite3.connect(copy)
    source.backup(target)
    source.close()
    target.close()
    return copy


def put_back(copy: Path, database: Path) -> None:
    """In place of what is there; nothing has it open."""
    for suffix in ("-wal", "-shm"):
        Path(f"{database}{suffix}").unlink(missing_ok=True)
    copy.rename(database)


async def same(first: Installation, second: Installation) -> bool:
    """Whether their states are equal."""
    readers = [open_reader(one.settings) for one in (first, second)]
    found = [one async for one in differences(readers[0], readers[1])]
    for reader in readers:
        await reader.close()
    return not found


async def test_an_older_state_catches_up(installation: Installation, tmp_path: Path) -> None:
    """From its own position, with the log that went on."""
    await installation.accept(*map(told, range(10)))
    await installation.handle()
    copy = back_up(installation.state_path)
    live = tmp_path / "live"
    await installation.accept(*map(told, range(10, 20)))
    await installation.handle()
    await installation.close()
    (live / "data").mkdir(parents=True)
    back_up(installation.state_path, "later").rename(live / "data" / "state.db")
    put_back(copy, installation.state_path)

    restored, before = Installation(tmp_path), Installation(live)
    await restored.handle()
    assert await same(before, restored)
    for one in (restored, before):
        await one.close()


async def test_an_older_log_is_read_again_before_anything_starts(
    installation: Installation, tmp_path: Path
) -> None:
    """Then what is delivered next is applied, though it stands where other records stood."""
    await installation.accept(*map(told, range(10)))
    await installation.handle()
    copy = back_up(installation.log_path)
    await installation.accept(*map(told, range(10, 20)))
    await installation.handle()
    await installation.close()
    put_back(copy, installation.log_path)

    looked = run(
        "doctor", cwd=tmp_path, environment={"VOUCHERIFY_SYNC_WEBHOOK_SECRETS": "0123456789abcdef"}
    )
    moved = run("positions", "skip-lost", "--yes", cwd=tmp_path)
    restored = Installation(tmp_path)
    await restored.accept(*map(told, range(20, 35)))
    await restored.handle()

    ids = {key[2] for key in restored.things()}
    assert (1, True) == (looked.returncode, "1 position lost" in looked.stdout), looked.stdout
    assert 0 == moved.returncode, moved.stderr
    assert {f"v_{number}" for number in range(35)} <= ids
    await restored.close()
