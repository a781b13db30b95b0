"""The demo, smaller than the shipped one, with the real `serve` as a process of its own."""

import io
import os
import sys
from dataclasses import replace
from pathlib import Path
from shlex import quote

import pytest
from rich.console import Console

from tests.voucherify_sync.simulator.telling import simulated
from voucherify_sync import demo
from voucherify_sync.simulator.compare import Comparison
from voucherify_sync.simulator.likeness import Difference
from voucherify_sync.simulator.screen import WIDTH

SMALL = replace(demo.DEFAULT, cards=20, events=400, rate=None)


def writing() -> tuple[Console, io.StringIO]:
    """A console and what is written on it."""
    text = io.StringIO()
    return Console(file=text, width=WIDTH, color_system=None), text


async def test_the_demo_proves_that_the_state_equals_the_truth() -> None:
    """With everything on one screen, and nothing left of it."""
    console, text = writing()
    assert 0 == await demo.run(SMALL, console=console)
    shown = text.getvalue()
    assert "✔ The state equals the truth" in shown
    assert "to visible" in shown
    assert "voucherify-sync simulate --url" in shown
    folders = [word for word in shown.split() if "voucherify-sync-demo-" in word]
    assert [False] == list(map(os.path.exists, folders))


async def test_differences_are_shown_and_fail_the_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 1, and what is different."""

    async def wrong(*_: object, **__: object) -> Comparison:
        checked = dict.fromkeys(("cards", "ledgers"), 1)
        return Comparison([Difference("card v_1", "balance", 1, 2)], checked, 1)

    monkeypatch.setattr(demo, "compare", wrong)
    console, text = writing()
    assert 1 == await demo.run(replace(SMALL, events=100, cards=3), console=console)
    assert "card v_1: balance should be 1, is 2" in text.getvalue()
    assert "Next:" not in text.getvalue()


async def test_a_serve_that_does_not_start_is_reported(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """With what it said last."""
    failing = tmp_path / "failing"
    write_program(failing, "import sys; sys.exit('this is what is wrong')")
    monkeypatch.setattr(sys, "executable", str(failing))
    console, text = writing()
    assert 1 == await demo.run(replace(SMALL, events=100), console=console)
    assert "this is what is wrong" in text.getvalue()


async def test_a_serve_that_ends_badly_fails_the_demo(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Whatever it did before."""
    script = (
        "import os, http.server\n"
        "class Ready(http.server.BaseHTTPRequestHandler):\n"
        "    def do_GET(self):\n"
        "        self.send_response(200); self.end_headers()\n"
        "    def do_POST(self):\n"
        "        self.send_response(202); self.end_headers()\n"
        "port = int(os.environ['VOUCHERIFY_SYNC_PORT'])\n"
        "http.server.HTTPServer(('127.0.0.1', port), Ready).serve_forever()\n"
    )
    pretending = tmp_path / "pretending"
    write_program(pretending, script)
    monkeypatch.setattr(sys, "executable", str(pretending))
    monkeypatch.setattr(demo, "_demonstrate", lambda *_: _nothing())
    console, text = writing()
    assert 1 == await demo.run(replace(SMALL, events=100), console=console)
    assert "serve ended with -15" in text.getvalue()


def write_program(path: Path, source: str) -> None:
    """An executable that runs this Python, wherever the interpreter lies (spaces in it, too)."""
    code = path.with_suffix(".py")
    code.write_text(source)
    path.write_text(f"#!/bin/sh\nexec {quote(sys.executable)} {quote(str(code))}\n")
    path.chmod(0o700)


async def _nothing() -> None:
    return None


async def test_the_demo_shows_one_project() -> None:
    """Several would need API keys."""
    options = replace(SMALL, projects=2)
    console, _ = writing()
    with pytest.raises(demo.DemoError, match="one project"):
        await demo._demonstrate(simulated(1), options, "http://127.0.0.1:9", console)
