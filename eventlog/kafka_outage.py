"""Says once that Kafka is away and once that it is back, however often it is tried between."""

import structlog

log = structlog.get_logger()


class Outage:
    """`problem` is what keeps `part` (writer or reader) from its work, None while nothing does."""

    def __init__(self, part: str) -> None:
        self._part = part
        self.problem: str | None = None

    def begin(self, problem: str) -> None:
        """It does not work now; a line is written where it did before."""
        if self.problem is None:
            log.error("log_away", part=self._part, problem=problem)
        self.problem = problem

    def end(self) -> None:
        """It works; a line is written where it did not before."""
        if self.problem is not None:
            log.info("log_back", part=self._part)
        self.problem = None
