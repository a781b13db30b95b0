"""State databases that a command is given by their URLs, beside the one of the settings."""

from pydantic import SecretStr

from state.reading import Reading
from state.store import StateUnavailableError
from voucherify_sync.settings import PREFIX, Settings, SettingsError
from voucherify_sync.stores import open_reader


def with_state(settings: Settings, url: str, name: str) -> Settings:
    """The settings with another state database. Raises SettingsError by the argument's name."""
    chosen = settings.model_copy(update={"state": SecretStr(url), "state_file": None})
    if chosen.state_path() is None:
        try:
            chosen.state_url()
        except SettingsError as error:
            raise SettingsError(str(error).replace(f"{PREFIX}STATE", name)) from None
    return chosen


async def opened_reader(settings: Settings, url: str, name: str) -> Reading:
    """The database at a URL for reading, reachable and of this version; the caller closes it."""
    chosen = with_state(settings, url, name)
    path = chosen.state_path()
    if path is not None and not path.exists():
        raise StateUnavailableError(f"there is no state database at {path}")
    reader = open_reader(chosen)
    try:
        await reader.check()
    except BaseException:
        await reader.close()
        raise
    return reader
