"""What needs programs that Go builds runs with `--cluster` alone: `make test-cluster`."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--cluster`, for `make test-cluster`."""
    parser.addoption("--cluster", action="store_true", help="run what needs Go's tools")


def pytest_configure(config: pytest.Config) -> None:
    """The mark of what renders manifests or starts an API server."""
    config.addinivalue_line("markers", "cluster: needs programs that Go builds first")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without the option it is skipped, and says how to run it."""
    if not config.getoption("--cluster", default=False):
        skipped = pytest.mark.skip(reason="needs programs that Go builds: make test-cluster")
        for item in items:
            if item.get_closest_marker("cluster"):
                item.add_marker(skipped)
