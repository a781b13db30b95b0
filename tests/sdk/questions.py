"""What is asked through the SDKs, path by path: a row for each path that is served."""

from collections.abc import Mapping
from typing import Final

from tests.sdk import activities, definitions, members, programmes, things
from tests.sdk.question import Questions

QUESTIONS: Final[Mapping[str, Questions]] = {
    **members.QUESTIONS,
    **programmes.QUESTIONS,
    **things.QUESTIONS,
    **definitions.QUESTIONS,
    **activities.QUESTIONS,
}
"""By the path as the vendor documents it."""
