"""What `register` asks is what the vendor's specification says: a server made of it takes it.

The specification is not part of the project: without it beside the checkout these tests skip.
"""

import asyncio
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tests.voucherify_sync.program import run
from tests.voucherify_sync.registration import prism_server
from voucherify_sync import register, webhook_events
from voucherify_sync.management import Management, ManagementError

URL = "https://sync.example.com/webhooks/voucherify"
KEY = ("id", "token")

pytestmark = [
    pytest.mark.skipif(
        not prism_server.SPECIFICATION.exists(), reason="the vendor's specification is not here"
    ),
    pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not here"),
]


async def test_all_that_is_asked_is_as_specified(tmp_path: Path) -> None:
    """List, create with every event type, update; the names are taken as the list spells them."""
    async with prism_server.serving(tmp_path) as url:
        management = Management(url, "proj_1", KEY)
        try:
            found = await management.webhooks()
            todo = register.plan(found, URL, webhook_events.ALL)
            made, left_out = await register.carry_out(management, todo)
            updated = await management.update(replace(found[0], events=tuple(todo.added[:1])))
        finally:
            await management.close()

    assert [2, True, True] == [len(found), made.id.startswith("wh_"), bool(updated.id)]
    assert ["customer.updated"] == list(left_out)


async def test_what_is_not_as_specified_is_refused(tmp_path: Path) -> None:
    """Else the test before would prove nothing: no key, and an event type of nobody."""
    async with prism_server.serving(tmp_path) as url:
        for key, event, status in ((KEY, "no.such", 422), (("", ""), "voucher.created", 401)):
            management = Management(url, "proj_1", key)
            todo = register.plan([], URL, [event])
            with pytest.raises(ManagementError, match=f"answered {status}"):
                await register.carry_out(management, todo)
            await management.close()


async def test_the_command(tmp_path: Path) -> None:
    """The webhooks of the specification's example are listed, and one is created."""
    async with prism_server.serving(tmp_path) as url:
        done = await asyncio.to_thread(
            run,
            *("register", "--url", "https://sync.example.com", "--yes"),
            cwd=tmp_path,
            environment={
                "VOUCHERIFY_SYNC_API_URL": url,
                "VOUCHERIFY_SYNC_MANAGEMENT_ID": "id",
                "VOUCHERIFY_SYNC_MANAGEMENT_TOKEN": "token",
                "VOUCHERIFY_SYNC_PROJECT": "proj_1",
            },
        )

    assert 0 == done.returncode, done.stderr
    assert f"create a webhook to {URL}" in done.stdout
    assert "takes no customer.updated" in done.stderr
