"""What the tests of the commands that mend have in common."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.voucherify_sync.installation import Installation


@pytest.fixture
async def installation(tmp_path: Path) -> AsyncIterator[Installation]:
    """An installation to which nothing was delivered yet."""
    made = Installation(tmp_path)
    await made.state.migrate()
    yield made
    await made.close()
