import io
import re
import shutil
import sys
from pathlib import Path

import pytest
from rich.console import Console

from demo.cache import Cache
from demo.display import WIDTH
from demo.node_agent import NodeAgent
from demo.provision import provision
from demo.run import Options, run
from demo.runtimes.java import JAVA
from demo.runtimes.model import Prepared
from demo.runtimes.nodejs import NODEJS
from demo.runtimes.python import PYTHON

pytestmark = pytest.mark.e2e


class _Unheard:
    """A progress that nobody follows."""

    def step(self, language: str, text: str) -> None:
        """A step."""

    def done(self, language: str, text: str, *, ready: bool, seconds: float) -> None:
        """An end."""


def test_a_verbose_run_whose_folder_is_kept() -> None:
    """Every patch and every trace is shown; logs and certificates stay to be looked at."""
    page = io.StringIO()

    report = run(
        Options(once=True, rounds=1, keep=True, verbose=True), Console(file=page, width=WIDTH)
    )

    text = page.getvalue()
    kept = re.search(r"Pods, logs and certificates are in (\S+)", text)
    assert report.code == 0, text
    assert kept is not None
    folder = Path(kept[1])
    try:
        assert "prices add /spec/initContainers" in text
        assert text.count("\nTrace ") == 5
        assert (folder / "certificates" / "ca.crt").exists()
        assert list(folder.glob("cart-*/cart.log"))
        assert list(folder.glob("prices-*/volumes/spanhook-agent-java/javaagent.jar"))
    finally:
        shutil.rmtree(folder)


def test_a_node_agent_that_ends_too_early(tmp_path: Path) -> None:
    """It is said with its last words, and nobody waits for spans that cannot come."""
    agent = tmp_path / "agent.py"
    agent.write_text(
        "import sys\n"
        "if '--check' not in sys.argv:\n"
        "    print('tracing process 1: stock')\n"
        "    sys.exit('torn away')\n"
    )
    page = io.StringIO()

    report = run(
        Options(once=True, rounds=1),
        Console(file=page, width=WIDTH),
        NodeAgent((sys.executable, str(agent))),
    )

    assert report.code == 1
    assert report.document["missing"] == [
        "the node agent ended: torn away",
        "there is no stock server span",
    ]
    assert "torn away" in page.getvalue()


def test_the_applications_are_built_from_their_sources(tmp_path: Path) -> None:
    """With an empty cache each language installs or compiles its service, and has its agent."""
    outcomes = provision(Cache(tmp_path), _Unheard(), languages=[JAVA, NODEJS, PYTHON])

    files = {"prices": "prices.jar", "storefront": "node_modules/express", "cart": "cart.py"}
    for service, file in files.items():
        outcome = outcomes[service]
        assert isinstance(outcome, Prepared), outcome
        assert (outcome.image.files["/app"] / file).exists()
        assert outcome.agent is not None
        assert outcome.agent.is_dir()
