"""`voucherify-sync doctor`, from settings to what is printed."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, replace
from typing import Final

import click
from rich.console import Console
from rich.text import Text

from query.keys import ANYONE, ApiKey
from schemas import jsontext, placeholder
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
from voucherify_sync.doctor_delivery import Out, Way
from voucherify_sync.doctor_parts import PARTS, Part
from voucherify_sync.findings import Finding, Level, skipped, warning
from voucherify_sync.mending import printable
from voucherify_sync.settings import Settings, SettingsError
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
    has = PARTS[part]
    about_settings = list(doctor_settings.look(settings, has))
    for finding in about_settings:
        yield finding
    if any(one.check == "settings" and one.level is Level.FAILURE for one in about_settings):
        yield skipped("the rest", "settings are wrong", "correct them, then look again")
        return
    about_log = await doctor_log.look(settings, has)
    for finding in about_log.findings:
        yield finding
    async for finding in doctor_state.look(settings, has, log_is_whole=about_log.is_whole):
        yield finding
    async for finding in _delivered(settings, has, url, query_url):
        yield finding
    for finding in await doctor_registration.look(settings, url):
        yield finding


async def _delivered(
    settings: Settings, part: Part, url: str | None, query_url: str | None
) -> AsyncIterator[Finding]:
    if url is None:
        yield doctor_delivery.not_asked()
        return
    try:
        way = Way(url, wiring.webhook_secrets(settings).current()[0])
    except SettingsError as missing:
        yield skipped("delivery", f"nothing can be signed: {missing}")
        return
    if query_url or part.answers_queries:
        key = _key(settings)
        known = await _projects(settings) if part.has_state else []
        way = replace(way, out=_out(settings, query_url, key), project=_project(key, known))
        if part.has_state and key.project_id not in (None, *known):
            yield warning(
                "API key",
                f"nothing was ever told of its project {key.project_id}",
                "is it misspelt? look again after the first webhook",
            )
    async for finding in doctor_delivery.look(way):
        yield finding


def _out(settings: Settings, query_url: str | None, key: ApiKey) -> Out:
    headers = {} if key is ANYONE else {"X-App-Id": key.app_id, "X-App-Token": key.token}
    return Out(query_url or _own_url(settings), headers)


def _own_url(settings: Settings) -> str:
    """Where a query API with these settings answers on this machine."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104
    return f"http://[{host}]:{settings.port}" if ":" in host else f"http://{host}:{settings.port}"


def _key(settings: Settings) -> ApiKey:
    """The query API's first key, if it has any."""
    keys = wiring.api_keys(settings)
    return next(iter(keys() if callable(keys) else keys), ANYONE)


async def _projects(settings: Settings) -> Sequence[str]:
    """The projects that the state was told of, as far as it can be read."""
    reader = open_reader(settings)
    try:
        return (await reader.standing()).projects
    except StateUnavailableError:
        return []
    finally:
        await reader.close()


def _project(key: ApiKey, known: Sequence[str]) -> str | None:
    """The key's project, or the one that there is: a key without a project sees no other.

    None where nothing was told of it: a test delivery must not be the first to.
    """
    if key.project_id is not None:
        return key.project_id if key.project_id in known else None
    projects = placeholder.without(known)
    return projects[0] if len(projects) == 1 else None


def _line(finding: Finding) -> Text:
    line = Text(f"{finding.level:<8}", style=_STYLES[finding.level])
    line.append(f" {finding.check}: {printable(finding.says)}", style="not bold default")
    if finding.mend and finding.level is not Level.OK:
        line.append(f"\n         -> {printable(finding.mend)}", style="not bold default")
    return line
