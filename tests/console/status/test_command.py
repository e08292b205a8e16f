"""The command's edges: options, exit codes, errors; what it reads is tested beside it."""

import json
from pathlib import Path

import pytest

from console.manifests.errors import InputError
from console.status.model import Status
from tests.console.commandline import run
from tests.console.status.answering import FakeClient, answers, ask
from tests.console.status.documents import of_deployment
from tests.console.status.test_pods import injected


@pytest.fixture(name="found")
def fixture_found(monkeypatch: pytest.MonkeyPatch) -> list[Status]:
    """What the command finds in place of a cluster; the test puts it in."""
    found: list[Status] = []
    monkeypatch.setattr("console.commands.status._read", lambda *_: found[0])
    return found


def test_exit_codes(found: list[Status]) -> None:
    """0 where all is well, 1 where something is wrong."""
    found.append(ask(FakeClient(answers(injected(of_deployment("cart"))))))
    assert run("status").code == 0

    found[0] = ask(FakeClient(answers(of_deployment("cart"))))
    assert run("status").code == 1


def test_forms(found: list[Status]) -> None:
    """JSON and YAML say the same as the table."""
    found.append(ask(FakeClient(answers(of_deployment("cart")))))

    as_json, as_yaml, table = (run("status", "-o", form) for form in ("json", "yaml", "table"))

    line = "kubectl rollout restart deployment/cart -n shop"
    (shop,) = json.loads(as_json.text)["namespaces"]
    assert shop["workloads"][0]["remedy"]["command"] == line
    assert line in as_yaml.text
    assert line in table.text
    assert {one.code for one in (as_json, as_yaml, table)} == {1}


def test_wrong_use() -> None:
    """What does not go together is wrong use."""
    both = run("status", "-A", "-n", "shop")

    assert both.code == 2
    assert "exclude each other" in both.stderr
    assert run("status", "-o", "xml").code == 2


def test_no_kubeconfig(tmp_path: Path) -> None:
    """A kubeconfig that is not there is named."""
    ran = run("status", "--kubeconfig", str(tmp_path / "gone"))

    assert ran.code == 1
    assert str(tmp_path / "gone") in ran.stderr
    assert ran.stdout == b""


def test_help() -> None:
    """The help has examples."""
    ran = run("status", "--help")

    assert ran.code == 0
    assert "spanhook status -n shop" in ran.text


def test_errors_are_sentences(monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be done is said on stderr, and nothing on stdout."""

    def fail(*_: object) -> Status:
        raise InputError('there is no namespace "shpo"')

    monkeypatch.setattr("console.commands.status._read", fail)
    ran = run("status", "-n", "shpo", "-o", "json")

    assert ran.code == 1
    assert ran.stderr == 'spanhook: there is no namespace "shpo"\n'
    assert ran.stdout == b""
