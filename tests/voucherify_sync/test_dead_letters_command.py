"""`voucherify-sync dead-letters` as a person or a script meets it."""

import json
import subprocess
from dataclasses import replace
from typing import Any

import pytest

from state.store import Batch, DeadLetter, LetterPlace
from tests.voucherify_sync.installation import (
    EMAIL,
    Installation,
    defect,
    not_applied,
    not_understood,
)
from tests.voucherify_sync.program import answering, run
from tests.voucherify_sync.test_dead_letters import fail, letter
from voucherify_sync import dead_letters_command
from voucherify_sync.dead_letters import Redriven


def dead_letters(
    installation: Installation, *arguments: str, **more: Any
) -> subprocess.CompletedProcess[str]:
    """The command on this installation."""
    return run("dead-letters", *arguments, cwd=installation.folder, **more)


async def keep(installation: Installation, *letters: DeadLetter) -> None:
    """Have these dead letters."""
    await installation.state.apply(Batch((), {}, letters))


async def test_list(installation: Installation) -> None:
    """A line for each, fit for a script; how many of which reason stands beside them."""
    await fail(installation, not_understood, 3, 5)
    first, second = await installation.letters()

    done = dead_letters(installation, "list")

    rows = [line.split("\t") for line in done.stdout.splitlines()]
    reason = first.reason
    assert [str(first.place), "voucher.updated", "evt_3", reason] == [rows[0][0], *rows[0][2:]]
    assert [str(second.place), "voucher.updated", "evt_5", reason] == [rows[1][0], *rows[1][2:]]
    assert rows[0][1].endswith("Z")
    assert (0, f"2 dead letters: 2 x {reason}\n") == (done.returncode, done.stderr)


async def test_list_some(installation: Installation) -> None:
    """At most so many, of a reason; the totals are of all of that reason."""
    await keep(
        installation,
        *(letter(number) for number in range(5)),
        *(replace(letter(number), reason="ValueError") for number in range(5, 8)),
    )

    of_one = dead_letters(installation, "list", "--reason", "Value", "--limit", "2")
    of_all = dead_letters(installation, "list", "--limit", "1")

    assert ["t/0/5", "t/0/6"] == [line.split("\t")[0] for line in of_one.stdout.splitlines()]
    assert "3 dead letters: 3 x ValueError\n" == of_one.stderr
    assert "8 dead letters: 5 x KeyError, 3 x ValueError\n" == of_all.stderr


async def test_list_as_json(installation: Installation) -> None:
    """One object a line, and nothing else."""
    await keep(installation, letter(1), letter(2))

    done = dead_letters(installation, "list", "--json")

    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert ["t/0/1", "t/0/2"] == [one["id"] for one in told]
    assert "1970-01-01T00:00:01.000Z" == told[0]["recorded_at"]
    assert (0, "") == (done.returncode, done.stderr)


async def test_nothing_to_list(installation: Installation) -> None:
    """Which is as it should be."""
    done = dead_letters(installation, "list")

    assert (0, "", "0 dead letters\n") == (done.returncode, done.stdout, done.stderr)


async def test_show(installation: Installation) -> None:
    """All that is known; the body is for those who ask for it."""
    await fail(installation, not_understood, 3)
    (one,) = await installation.letters()

    done = dead_letters(installation, "show", str(one.place))
    with_body = dead_letters(installation, "show", str(one.place), "--body")

    told = dict(line.split(maxsplit=1) for line in done.stdout.splitlines() if "header" not in line)
    assert {"id": str(one.place), "reason": one.reason, "about": ", ".join(one.about)}.items() <= (
        told.items()
    )
    assert f"{len(one.value)} bytes" in told["body"]
    for name, value in one.headers:
        assert any(
            line.startswith(f"header {name} ") and line.endswith(value.decode())
            for line in done.stdout.splitlines()
        )
    assert with_body.stdout == f"{done.stdout}\n{one.value.decode()}\n"


async def test_personal_data_is_not_printed(
    installation: Installation, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not even where what failed quotes it."""
    await fail(installation, not_understood, 3)
    (place,) = await installation.ids()

    printed = ""
    for arguments in (
        ["list"],
        ["list", "--json"],
        ["show", place],
        ["redrive", place, "--dry-run"],
    ):
        done = dead_letters(installation, *arguments)
        printed += done.stdout + done.stderr
    with defect(not_applied, "evt_3"):
        await dead_letters_command.redrive(installation.settings, [place], None, dry_run=False)
    printed += "".join(capsys.readouterr())

    assert "evt_3" in printed
    assert EMAIL not in printed
    assert EMAIL in dead_letters(installation, "show", place, "--body").stdout


async def test_redrive(installation: Installation) -> None:
    """All go through, and the state is complete."""
    await fail(installation, not_understood, 3, 5)
    (_, second) = await installation.ids()

    dry = dead_letters(installation, "redrive", "--all", "--dry-run")
    one = dead_letters(installation, "redrive", second)
    rest = dead_letters(installation, "redrive", "--reason", "KeyError")

    assert (0, "2 of 2 dead letters understood now; nothing was changed\n", "") == (
        dry.returncode,
        dry.stdout,
        dry.stderr,
    )
    assert (0, "1 of 1 dead letter applied\n", "") == (one.returncode, one.stdout, one.stderr)
    assert (0, "1 of 1 dead letter applied\n", "") == (rest.returncode, rest.stdout, rest.stderr)
    assert 10 == len(installation.things())


async def test_redriving_what_fails_again(
    installation: Installation, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 1, and one line says how many and why."""
    await fail(installation, not_understood, 3, 5, 7)

    with defect(not_applied, "evt_3", "evt_5"):
        code = await dead_letters_command.redrive(installation.settings, [], None, dry_run=False)

    out, err = capsys.readouterr()
    (reason,) = {one.reason for one in await installation.letters()}
    assert (1, "1 of 3 dead letters applied") == (code, out.splitlines()[-1])
    assert err == f"voucherify-sync: 2 failed again, most often: {reason}\n"


def test_what_else_is_said_of_a_redriving() -> None:
    """That others were at it, and that it was interrupted."""
    redriven = Redriven(total=1_500, applied=1_000, vanished=100)

    said = dead_letters_command.outcome(redriven, dry_run=False)
    troubles = list(dead_letters_command.troubles(redriven))

    assert (
        "1,000 of 1,500 dead letters applied (100 were redriven or discarded by somebody else)"
        == said
    )
    assert ["interrupted; 400 are left"] == troubles


async def test_discard(installation: Installation) -> None:
    """Those that were meant, once it is said that it is meant."""
    await keep(installation, letter(1), letter(2), replace(letter(3), reason="ValueError"))

    dry = dead_letters(installation, "discard", "--all", "--dry-run")
    one = dead_letters(installation, "discard", "--reason", "Value", "--yes")
    none = dead_letters(installation, "discard", "--reason", "Value", "--yes")

    assert (0, "3 dead letters would be discarded\n") == (dry.returncode, dry.stdout)
    assert (0, "1 dead letter discarded\n") == (one.returncode, one.stdout)
    assert (0, "0 dead letters discarded\n") == (none.returncode, none.stdout)
    assert ["t/0/1", "t/0/2"] == await installation.ids()


@pytest.mark.parametrize(("answer", "code", "left"), [("y", 0, []), ("n", 1, ["t/0/1"])])
async def test_discarding_asks_on_a_terminal(
    installation: Installation, answer: str, code: int, left: list[str]
) -> None:
    """And does it only if the answer is yes."""
    await keep(installation, letter(1))
    with answering(answer) as terminal:
        done = dead_letters(installation, "discard", "t/0/1", stdin=terminal)

    assert "Discard 1 dead letter?" in done.stderr
    assert (code, left) == (done.returncode, await installation.ids())
    assert (answer == "n") == ("nothing was discarded" in done.stderr)


@pytest.mark.parametrize("command", [["show"], ["redrive"], ["discard", "--yes"]])
@pytest.mark.parametrize(
    ("id_", "says"), [("nonsense", "is no id of a dead letter"), ("t/0/9", "under t/0/9")]
)
async def test_ids_that_name_nothing(
    installation: Installation, command: list[str], id_: str, says: str
) -> None:
    """One line names the id."""
    done = dead_letters(installation, *command, id_)

    assert (1, "") == (done.returncode, done.stdout)
    assert says in done.stderr
    assert 1 == len(done.stderr.splitlines())


@pytest.mark.parametrize(
    ("is_there", "says"), [(False, "there is no state database at"), (True, "migrate`")]
)
async def test_a_state_that_is_no_state_yet(
    installation: Installation, is_there: bool, says: str
) -> None:
    """It is said what to do, and looking at it does not make it."""
    path = installation.folder / "other.db"
    if is_there:
        path.touch()

    done = dead_letters(installation, "list", "--state", "sqlite:///other.db")

    assert (1, 1) == (done.returncode, len(done.stderr.splitlines()))
    assert says in done.stderr
    assert is_there == path.exists()


async def test_texts_from_outside_are_harmless(installation: Installation) -> None:
    """They neither begin a line nor command the terminal."""
    hostile = ("ce_id", b"evt\n\x1b[2J\t\xff")
    await keep(
        installation,
        replace(
            letter(1),
            place=LetterPlace("t\x1b", 0, 1),
            reason="Key\nError\ud800",
            headers=(hostile,),
            key=b"\x1b\xff",
        ),
    )

    for arguments in (["list"], ["show", "t\x1b/0/1"]):
        done = dead_letters(installation, *arguments)
        assert 0 == done.returncode
        assert "\x1b" not in done.stdout + done.stderr
        assert ("\t" in done.stdout) == (arguments == ["list"])
    assert 1 == len(dead_letters(installation, "list").stdout.splitlines())
    told = json.loads(dead_letters(installation, "list", "--json").stdout)
    assert "t\x1b/0/1" == told["id"]
