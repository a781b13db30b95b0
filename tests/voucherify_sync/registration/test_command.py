"""`voucherify-sync register` as a real process, at a Voucherify on a real port."""

import asyncio
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.receiver.server import serving
from tests.voucherify_sync.program import answering, run, terminal
from tests.voucherify_sync.registration.fake import ID, PROJECT, TOKEN, Voucherify

URL = "https://sync.example.com/webhooks/voucherify"
KEY = {
    "VOUCHERIFY_SYNC_MANAGEMENT_ID": ID,
    "VOUCHERIFY_SYNC_MANAGEMENT_TOKEN": TOKEN,
    "VOUCHERIFY_SYNC_PROJECT": PROJECT,
}


async def register(
    vendor: Voucherify,
    folder: Path,
    *arguments: str,
    environment: Mapping[str, str] = KEY,
    stdin: int = subprocess.DEVNULL,
) -> subprocess.CompletedProcess[str]:
    """Run it while that Voucherify is served."""
    async with serving(vendor.app()) as port:
        return await asyncio.to_thread(
            run,
            *("register", "--url", "https://sync.example.com", *arguments),
            cwd=folder,
            environment={"VOUCHERIFY_SYNC_API_URL": f"http://127.0.0.1:{port}", **environment},
            stdin=stdin,
        )


async def test_it_says_what_it_changes_and_then_has_nothing_to_change(tmp_path: Path) -> None:
    """What is there stands first; the key stands nowhere."""
    vendor = Voucherify()
    vendor.has("https://else.example.com/hooks", "voucher.created", active=False)

    first = await register(vendor, tmp_path, "--yes")
    again = await register(vendor, tmp_path, "--yes")

    assert (0, "") == (first.returncode, first.stderr)
    assert "wh_1\tdisabled\t1\thttps://else.example.com/hooks" in first.stdout
    assert f"create a webhook to {URL}" in first.stdout
    assert "wh_2 is active and sends 61 event types." in first.stdout
    assert (0, 1) == (again.returncode, again.stdout.count("Nothing to change: wh_2"))
    assert TOKEN not in first.stdout + first.stderr


async def test_a_dry_run_changes_nothing(tmp_path: Path) -> None:
    """It asks for what is there, and for nothing else."""
    vendor = Voucherify()

    done = await register(vendor, tmp_path, "--dry-run", "--events", "voucher.created")

    assert (0, {}) == (done.returncode, vendor.webhooks)
    assert "a webhook: add voucher.created\nNothing was changed" in done.stdout
    assert [f"GET /management/v1/projects/{PROJECT}/webhooks"] == vendor.seen


async def test_a_person_is_asked(tmp_path: Path) -> None:
    """No is no."""
    vendor = Voucherify()
    with answering("n") as terminal:
        done = await register(vendor, tmp_path, stdin=terminal)

    assert (1, {}) == (done.returncode, vendor.webhooks)
    assert "nothing was changed" in done.stderr


async def test_what_changes_while_a_person_thinks_is_kept(tmp_path: Path) -> None:
    """A change overwrites the events: it is shown anew, and asked for again."""
    vendor = Voucherify()
    vendor.has(URL, "voucher.created")
    with terminal() as (person, stdin):
        running = asyncio.create_task(
            register(vendor, tmp_path, "--events", "voucher.deleted", stdin=stdin)
        )
        async with asyncio.timeout(20):
            while not vendor.seen:
                await asyncio.sleep(0.01)
        vendor.webhooks["wh_1"]["events"].append("customer.updated")
        os.write(person, b"y\ny\n")
        done = await running

    expected = ["voucher.created", "customer.updated", "voucher.deleted"]
    assert (0, expected) == (done.returncode, vendor.webhooks["wh_1"]["events"]), done.stderr
    assert (1, 2) == (
        done.stdout.count("Somebody has changed it meanwhile."),
        done.stdout.count("wh_1: add voucher.deleted"),
    )


async def test_the_token_may_stand_in_a_file(tmp_path: Path) -> None:
    """And on no command line: there is no flag for it."""
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    environment = KEY | {
        "VOUCHERIFY_SYNC_MANAGEMENT_TOKEN": "",
        "VOUCHERIFY_SYNC_MANAGEMENT_TOKEN_FILE": "token",
    }
    done = await register(Voucherify(), tmp_path, "--yes", environment=environment)
    flag = await register(Voucherify(), tmp_path, "--management-token", TOKEN)

    assert 0 == done.returncode, done.stderr
    assert 2 == flag.returncode


async def test_failures_are_a_line(tmp_path: Path) -> None:
    """With what to do, whether it is the vendor's word or ours."""
    wrong = KEY | {"VOUCHERIFY_SYNC_MANAGEMENT_TOKEN": "wrong"}
    refused = await register(Voucherify(), tmp_path, "--yes", environment=wrong)
    keyless = await register(Voucherify(), tmp_path, "--yes", environment={})
    half = {"VOUCHERIFY_SYNC_MANAGEMENT_ID": ID}
    tokenless = await register(Voucherify(), tmp_path, "--yes", environment=half)
    misspelt = await register(Voucherify(), tmp_path, "--yes", "--events", "voucher.made")
    nobody = await register(Voucherify(), tmp_path)

    assert (1, 1) == (refused.returncode, refused.stderr.count("\n"))
    assert "check VOUCHERIFY_SYNC_MANAGEMENT_ID" in refused.stderr
    assert [2, 2, 2, 2] == [one.returncode for one in (keyless, tokenless, misspelt, nobody)]
    assert "make a key in Voucherify" in keyless.stderr
    assert "VOUCHERIFY_SYNC_MANAGEMENT_TOKEN is not set" in tokenless.stderr
    assert "does not send voucher.made" in misspelt.stderr


def test_a_region_is_a_name_or_a_url(tmp_path: Path) -> None:
    """Anything else is wrong use, by the setting's name."""
    done = run(
        *("register", "--url", "https://x.example", "--yes", "--api-url", "eu7"),
        cwd=tmp_path,
        environment=KEY,
    )

    assert 2 == done.returncode
    assert "VOUCHERIFY_SYNC_API_URL: is one of eu1, us1, as1" in done.stderr
