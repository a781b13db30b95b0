"""`voucherify-sync gaps` as a person or a script meets it."""

import json

from tests.state.factories import PROJECT, entered, tell
from tests.voucherify_sync.installation import Installation
from tests.voucherify_sync.program import run

DAY = "2025-01-01T00:00:0"


async def have_gaps(installation: Installation) -> None:
    """Two cards with holes in their ledgers, and one without."""
    for card, balance in (("v_1", 9), ("v_2", 2.5), ("v_3", 2)):
        await tell(
            installation.state,
            entered(f"{card}a", f"{DAY}1Z", 1, 1, card),
            entered(f"{card}c", f"{DAY}3Z", 1, balance, card),  # type: ignore[arg-type] # money
        )
    await installation.state.check_ledgers(10)


async def test_list(installation: Installation) -> None:
    """A line for each that nobody waits for any more; how many there are stands beside them."""
    await have_gaps(installation)

    done = run("gaps", "list", "--gap-wait", "0s", cwd=installation.folder)

    rows = sorted(line.split("\t") for line in done.stdout.splitlines())
    first, third = f"{DAY}1.000Z", f"{DAY}3.000Z"
    assert [
        ["v_1", "7", first, third, "v_1a", "v_1c"],
        ["v_2", "0.5", first, third, "v_2a", "v_2c"],
    ] == [row[:-1] for row in rows]
    assert (0, "2 gaps\n") == (done.returncode, done.stderr)


async def test_what_may_just_be_late(installation: Installation) -> None:
    """Is counted, and listed where it is asked for."""
    await have_gaps(installation)

    done = run("gaps", "list", cwd=installation.folder)
    some = run("gaps", "list", "--all", "--limit", "1", cwd=installation.folder)

    assert (0, "", "0 gaps; 2 more may just be late\n") == (
        done.returncode,
        done.stdout,
        done.stderr,
    )
    assert 1 == len(some.stdout.splitlines())


async def test_list_as_json(installation: Installation) -> None:
    """One object a line, and nothing else."""
    await have_gaps(installation)

    done = run("gaps", "list", "--all", "--json", cwd=installation.folder)

    told = {one["card"]: one for one in map(json.loads, done.stdout.splitlines())}
    assert {"v_1", "v_2"} == told.keys()
    del told["v_1"]["seen_at"]
    expected = {
        "project": PROJECT,
        "card": "v_1",
        "points": 7,
        "since": f"{DAY}1.000Z",
        "until": f"{DAY}3.000Z",
        "after": "v_1a",
        "before": "v_1c",
    }
    assert (expected, 0, "") == (told["v_1"], done.returncode, done.stderr)
