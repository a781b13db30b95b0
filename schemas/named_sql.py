"""Loads SQL that stands in named blocks of a stage's `.sql` file: `-- name: insert_thing`."""

from functools import cache
from importlib.resources import files


@cache
def load(package: str, file_name: str) -> dict[str, str]:
    """The statements of a file below a package by their names."""
    text = files(package).joinpath(file_name).read_text(encoding="utf-8")
    blocks: dict[str, str] = {}
    for block in text.split("-- name: ")[1:]:
        name, _, statement = block.partition("\n")
        blocks[name.strip()] = statement.strip()
    return blocks
