"""The command line: each part of the system is a command of `voucherify-sync`.

Exit codes: 0 success, 1 failure, 2 wrong use; a failure says on stderr, in one line, what is wrong
and what to do. What takes long is imported by the command that needs it.
"""

import asyncio
import sys
from pathlib import Path
from typing import Any, NoReturn

import click

from voucherify_sync import (
    cli_copy,
    cli_doctor,
    cli_gaps,
    cli_mending,
    cli_proving,
    cli_register,
    cli_tail,
)
from voucherify_sync.flags import (
    GAPS,
    HANDLERS,
    LISTEN,
    LOG,
    QUERY,
    RECEIVER,
    STATE,
    example,
    settings_of,
    settings_options,
)
from voucherify_sync.settings import SettingsError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="voucherify-sync")
def cli() -> None:
    """Verified Voucherify webhooks in, a local copy of loyalty and publication state out."""


@cli.command(epilog=example("VOUCHERIFY_SYNC_WEBHOOK_SECRETS=secret voucherify-sync serve"))
@settings_options(*RECEIVER, *LISTEN, *LOG, *STATE, *HANDLERS, *GAPS, *QUERY)
def serve(**flags: Any) -> None:
    """Run receiver, handlers and query API in one process."""
    _run_process("serve", flags)


@cli.command(epilog=example("voucherify-sync receiver --host 0.0.0.0 --port 8080"))
@settings_options(*RECEIVER, *LISTEN, *LOG)
def receiver(**flags: Any) -> None:
    """Run the webhook endpoint alone."""
    _run_process("receiver", flags)


@cli.command(epilog=example("voucherify-sync handlers --port 8081"))
@settings_options(*LISTEN, *LOG, *STATE, *HANDLERS, *GAPS)
def handlers(**flags: Any) -> None:
    """Run the consumers that update the local state."""
    _run_process("handlers", flags)


@cli.command(epilog=example("voucherify-sync query --port 8082"))
@settings_options(*LISTEN, *STATE, *GAPS, *QUERY)
def query(**flags: Any) -> None:
    """Run the read API alone."""
    _run_process("query", flags)


@cli.command(epilog=example("voucherify-sync migrate --state sqlite:///./data/state.db"))
@settings_options(*STATE)
def migrate(**flags: Any) -> None:
    """Bring the state database to this version."""
    settings = settings_of(flags)
    from voucherify_sync import wiring

    asyncio.run(wiring.migrate(settings))
    click.echo("The state database is at this program's version.")


@cli.command(
    epilog=example(
        "voucherify-sync simulate --url http://127.0.0.1:8080/webhooks/voucherify --secret secret"
    )
)
@click.option("--url", required=True, help="Where to send to: the webhook endpoint.")
@click.option("--secret", required=True, help="The webhook secret to sign with.")
@click.option("--seed", type=int, default=1, show_default=True, help="Same seed, same bytes.")
@click.option("--cards", type=int, default=120, show_default=True, help="Loyalty cards.")
@click.option("--events", type=int, default=2_400, show_default=True, help="Webhooks to make.")
@click.option("--rate", type=float, help="Webhooks a second; without it, as fast as answered.")
@click.option(
    "--disorder", type=float, default=0.0, show_default=True, help="0 in order to 1 in none."
)
@click.option(
    "--duplicates", type=float, default=0.0, show_default=True, help="Share that is sent again."
)
@click.option("--projects", type=int, default=1, show_default=True, help="Projects to tell of.")
@click.option("--days", type=int, default=60, show_default=True, help="Days that it tells of.")
@click.option(
    "--truth",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write down the state that it stands for, as JSON.",
)
@click.option("--watch", is_flag=True, help="Show live what is sent.")
def simulate(url: str, secret: str, truth: Path | None, watch: bool, **asked: Any) -> None:
    """Be a pretend Voucherify: send signed, realistic webhooks, seeded and with retries."""
    from voucherify_sync.simulator.options import SimulationOptions
    from voucherify_sync.simulator.simulation import simulate as run

    try:
        options = SimulationOptions(**asked)
    except ValueError as error:
        raise click.UsageError(f"--{error}") from None
    report = asyncio.run(run(url, secret, options, truth_file=truth, watch=watch))
    sys.exit(report.exit_code)


@cli.command(epilog=example("voucherify-sync demo"))
def demo() -> None:
    """Run the main job in a temporary folder, and compare its state with the truth."""
    from voucherify_sync.demo import run

    sys.exit(asyncio.run(run()))


cli.add_command(cli_mending.dead_letters)
cli.add_command(cli_mending.positions)
cli.add_command(cli_gaps.gaps)
cli.add_command(cli_proving.rebuild)
cli.add_command(cli_proving.diff)
cli.add_command(cli_copy.copy)
cli.add_command(cli_register.register)
cli.add_command(cli_tail.tail)
cli.add_command(cli_doctor.doctor)


def _run_process(command: str, flags: dict[str, Any]) -> NoReturn:
    settings = settings_of(flags)
    from voucherify_sync import server, wiring

    sys.exit(server.run(wiring.COMMANDS[command](settings), settings))


def main() -> NoReturn:
    """Run the command line and end the process with its exit code."""
    try:
        cli(standalone_mode=False)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.ClickException as wrong_use:
        wrong_use.show()
        sys.exit(2)
    except SettingsError as wrong_setting:
        _fail(str(wrong_setting), 2)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except Exception as error:
        if isinstance(error, _expected()):
            _fail(str(error), 1)
        raise
    sys.exit(0)


def _expected() -> tuple[type[Exception], ...]:
    """Failures whose message says what to do; anything else is a defect and shows its trace."""
    from eventlog.log import LogUnavailableError, PositionLostError
    from handlers.brake import BrakeError
    from state.store import SchemaMismatchError, StateUnavailableError
    from voucherify_sync.copying import CopyError
    from voucherify_sync.dead_letters import DeadLetterError
    from voucherify_sync.demo import DemoError
    from voucherify_sync.management import ManagementError
    from voucherify_sync.positions import PositionChangedError
    from voucherify_sync.rebuild import NotEmptyError
    from voucherify_sync.server import ListenError

    return (
        BrakeError,
        CopyError,
        DeadLetterError,
        ListenError,
        LogUnavailableError,
        ManagementError,
        NotEmptyError,
        PositionChangedError,
        PositionLostError,
        SchemaMismatchError,
        StateUnavailableError,
        DemoError,
        OSError,
    )


def _fail(message: str, code: int) -> NoReturn:
    click.echo(f"voucherify-sync: {message}", err=True)
    sys.exit(code)
