"""`voucherify-sync doctor`, from settings to what is printed."""

from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Final

import click
from rich.console import Console
from rich.text import Text

from query.keys import ANYONE, ApiKey
from schemas import jsontext
from state.store import StateUnavailableError
from voucherify_sync import (
    doctor_delivery,
    doctor_log,
    doctor_registration,
    doctor_settings,
    doctor_state,
    findings,
    wiring,
)
from voucherify_sync.doctor_delivery import Way
from voucherify_sync.findings import Finding, Level, skipped
from voucherify_sync.mending import printable
from voucherify_sync.settings import Settings
from voucherify_sync.stores import open_reader

_STYLES: Final = {
    Level.OK: "green",
    Level.WARNING: "yellow",
    Level.FAILURE: "bold red",
    Level.SKIPPED: "dim",
}


async def run(
    settings: Settings, part: str, url: str | None, query_url: str | None, *, as_json: bool
) -> int:
    """Look at everything and print what is found; the exit code."""
    console = Console(highlight=False, soft_wrap=True)
    found = []
    async for finding in _look(settings, part, url, query_url):
        found.append(finding)
        if as_json:
            click.echo(jsontext.encode(asdict(finding)).decode())
        else:
            console.print(_line(finding))
    return findings.exit_code(found)


async def _look(
    settings: Settings, part: str, url: str | None, query_url: str | None
) -> AsyncIterator[Finding]:
    about_settings = list(doctor_settings.look(settings, part))
    for finding in about_settings:
        yield finding
    if any(one.check == "settings" and one.level is Level.FAILURE for one in about_settings):
        yield skipped("the rest", "settings are wrong", "correct them, then look again")
        return
    about_log = await doctor_log.look(settings)
    for finding in about_log:
        yield finding
    is_whole = {one.level for one in about_log if one.check == "log"} == {Level.OK}
    is_whole = is_whole and not any("not there yet" in one.says for one in about_log)
    async for finding in doctor_state.look(settings, log_is_there=is_whole):
        yield finding
    async for finding in _delivered(settings, url, query_url):
        yield finding
    for finding in await doctor_registration.look(settings, url):
        yield finding


async def _delivered(
    settings: Settings, url: str | None, query_url: str | None
) -> AsyncIterator[Finding]:
    secrets = doctor_settings.webhook_secrets(settings)
    if url is None:
        yield doctor_delivery.not_asked()
        return
    if not secrets:
        yield skipped("delivery", "without a webhook secret nothing can be signed")
        return
    key = _key(settings)
    way = Way(
        url=url,
        query_url=query_url or _own_url(settings),
        secret=secrets[0],
        headers={} if key is ANYONE else {"X-App-Id": key.app_id, "X-App-Token": key.token},
        project=key.project_id or await _project(settings),
    )
    async for finding in doctor_delivery.look(way):
        yield finding


def _own_url(settings: Settings) -> str:
    """Where a query API with these settings answers on this machine."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104
    return f"http://[{host}]:{settings.port}" if ":" in host else f"http://{host}:{settings.port}"


def _key(settings: Settings) -> ApiKey:
    """The query API's first key, if it has any."""
    keys = wiring.api_keys(settings)
    return next(iter(keys() if callable(keys) else keys), ANYONE)


async def _project(settings: Settings) -> str | None:
    """The one project that there is: a key without a project sees no other."""
    reader = open_reader(settings)
    try:
        projects = (await reader.standing()).projects
    except StateUnavailableError:
        return None
    finally:
        await reader.close()
    return projects[0] if len(projects) == 1 else None


def _line(finding: Finding) -> Text:
    line = Text(f"{finding.level:<8}", style=_STYLES[finding.level])
    line.append(f" {finding.check}: {printable(finding.says)}", style="not bold default")
    if finding.mend and finding.level is not Level.OK:
        line.append(f"\n         -> {printable(finding.mend)}", style="not bold default")
    return line
