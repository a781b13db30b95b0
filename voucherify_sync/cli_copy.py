"""The command `copy`: its flags. What it does is imported when it runs."""

import asyncio
import sys
from pathlib import Path
from typing import Any

import click

from voucherify_sync.flags import LOG, STATE, example, settings_of, settings_options


@click.command(
    epilog=example(
        "voucherify-sync copy --into-log kafka://broker:9092 --into-state-file state-url"
    )
)
@click.option("--into-log", required=True, metavar="URL", help="The new log: kafka://HOST:PORT...")
@click.option("--into-state", metavar="URL", help="The new state: postgresql://..., sqlite:///PATH")
@click.option(
    "--into-state-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file that holds that URL, with its password.",
)
@click.option(
    "--into-topic-prefix", metavar="TEXT", help="The new topics' prefix; else the old one's."
)
@settings_options(*LOG, *STATE)
def copy(
    into_log: str,
    into_state: str | None,
    into_state_file: Path | None,
    into_topic_prefix: str | None,
    **flags: Any,
) -> None:
    """Carry a log and its state to others, such as Kafka and PostgreSQL, without loss.

    End the old installation first: Voucherify sends again what it can't deliver meanwhile. The new
    log and state have to be empty. Interrupted, the same command goes on. At the end both states
    are compared.
    """
    settings = settings_of(flags)
    from voucherify_sync import copy_command

    if (into_state is None) == (into_state_file is None):
        raise click.UsageError("name the new state by --into-state or --into-state-file")
    url = into_state or (into_state_file.read_text().strip() if into_state_file else "")
    sys.exit(asyncio.run(copy_command.run(settings, into_log, url, prefix=into_topic_prefix)))
