"""Placeholder ids: what the vendor's dashboard sends in a test webhook."""

import re
from collections.abc import Sequence
from typing import Final

_ZEROS: Final = re.compile(r"(?:[a-z]+_)?[0-]*0[0-]*")


def is_placeholder(id_: str) -> bool:
    """Whether an id is made of zeros only, whatever its length and prefix."""
    return _ZEROS.fullmatch(id_) is not None


def without(projects: Sequence[str]) -> Sequence[str]:
    """The projects but the one that a test webhook tells of, where there is another."""
    return [project for project in projects if not is_placeholder(project)] or projects
