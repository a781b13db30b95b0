"""What each part has: the doctor looks at that, and not at what the part is not given."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from schemas import topics


@dataclass(frozen=True, slots=True)
class Part:
    """A command that runs: the topics that it uses, none where it has no log, and what it has."""

    name: str
    topics: Sequence[str] = ()
    has_secrets: bool = False
    has_state: bool = False
    answers_queries: bool = False

    @property
    def applies(self) -> bool:
        """Whether it brings what the log has into the state."""
        return bool(self.topics) and self.has_state


_ALL: Final = (
    Part("serve", topics.ALL_TOPICS, has_secrets=True, has_state=True, answers_queries=True),
    Part("receiver", (*topics.EVENT_TOPICS, topics.QUARANTINE), has_secrets=True),
    Part("handlers", (*topics.EVENT_TOPICS, topics.DEAD_LETTER), has_state=True),
    Part("query", has_state=True, answers_queries=True),
)

PARTS: Final[Mapping[str, Part]] = {part.name: part for part in _ALL}
