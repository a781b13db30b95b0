"""What needs programs built by Go runs with `--cluster` alone: `make test-cluster`."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--cluster`, for `make test-cluster`."""
    parser.addoption("--cluster", action="store_true", help="run what needs Go's tools")


@pytest.fixture(scope="session")
def cluster_tools(request: pytest.FixtureRequest) -> None:
    """Asked for by whatever renders manifests or starts an API server."""
    if not request.config.getoption("--cluster", default=False):
        pytest.skip("renders with programs that Go builds first: make test-cluster")
