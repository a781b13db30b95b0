"""Loads SQL that stands in named blocks of a `.sql` file of this stage: `-- name: append`."""

from functools import cache
from importlib.resources import files


@cache
def load(file_name: str) -> dict[str, str]:
    """The statements of `eventlog/<file_name>` by their names."""
    blocks: dict[str, str] = {}
    text = (files("eventlog") / file_name).read_text(encoding="utf-8")
    for block in text.split("-- name: ")[1:]:
        name, _, statement = block.partition("\n")
        blocks[name.strip()] = statement.strip()
    return blocks
