"""What every test run shares: the Hypothesis profiles, and the switch for the golden cases.

HYPOTHESIS_PROFILE=thorough runs every property on 20,000 examples instead of 100.
"""

import os

import pytest
from hypothesis import HealthCheck, settings

# pytest finds fixtures by their names in a conftest.
from tests.cluster.fixtures import api, controllers  # noqa: F401

# No deadlines: how long one example takes says more about the machine than about the code.
settings.register_profile("default", deadline=None, print_blob=True)
settings.register_profile(
    "thorough",
    parent=settings.get_profile("default"),
    max_examples=20_000,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


# Here, not beside its tests: pytest reads options from the outermost conftest only.
def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the switch that writes golden files."""
    parser.addoption(
        "--rewrite-golden",
        action="store_true",
        help="write the expected files of tests/golden anew; read the difference before you commit",
    )
