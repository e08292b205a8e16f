import json
from datetime import UTC, datetime
from typing import Any

import msgspec

from console.manifests.documents import read
from tests.console.commandline import run
from tests.console.test_inject import CART
from tests.webhook.observed.examples import DIGEST, application
from webhook.images.profile import Profile, Reference, write
from webhook.images.profile.model import Learnt
from webhook.observed import started

AT = datetime(2026, 11, 20, tzinfo=UTC)

SIDECAR = "      - name: istio-proxy\n        image: istio/proxyv2:1.22\n"
ODD = "      - name: odd\n        image: example.com/odd:1\n"
FIELDS = [
    "kind", "namespace", "name", "container", "decision", "language", "version", "libc", "reason",
    "message", "evidence",
]  # fmt: skip
EVIDENCE = ["source", "fact", "language", "version", "libc", "decides"]


def records(text: str, *arguments: str) -> list[dict[str, Any]]:
    """What `explain -o json` says of a text."""
    ran = run("explain", "-o", "json", *arguments, stdin=text)
    assert ran.code == 0
    found: list[dict[str, Any]] = json.loads(ran.text)
    return found


def test_json_has_one_object_per_container_with_stable_fields() -> None:
    """The field names and their order are a promise to programs."""
    app, sidecar, odd = records(CART + SIDECAR + ODD, "-n", "shop")

    assert [list(one) for one in (app, sidecar, odd)] == [FIELDS] * 3
    assert [list(one) for one in app["evidence"]] == [EVIDENCE] * len(app["evidence"])
    assert {key: app[key] for key in FIELDS[:9]} == {
        "kind": "Deployment", "namespace": "shop", "name": "cart", "container": "app",
        "decision": "inject", "language": "python", "version": "3.12", "libc": "glibc",
        "reason": None,
    }  # fmt: skip
    assert (sidecar["decision"], sidecar["reason"]) == ("skip", "KnownSidecar")
    assert (odd["decision"], odd["reason"], odd["language"]) == ("skip", "LanguageUnknown", None)


def test_yaml_says_the_same() -> None:
    """Both forms for programs hold the same values."""
    ran = run("explain", "-o", "yaml", stdin=CART + SIDECAR)
    (document,) = read("f.yaml", ran.text)

    assert document.data == records(CART + SIDECAR)


def test_nothing_is_an_empty_array() -> None:
    """Without pods programs get no objects, people a sentence."""
    assert records("kind: Service\n") == []
    assert "Nothing here makes pods." in run("explain", stdin="kind: Service\n").text
    assert run("explain", "-o", "yaml", stdin="kind: Service\n").text == "[]\n"


def test_people_see_decision_evidence_and_remedy() -> None:
    """Per container: what, why, the evidence, and for a skip what to do, ready to be copied."""
    ran = run("explain", "-n", "shop", stdin=CART + SIDECAR + ODD)

    assert ran.code == 0
    assert "Deployment cart  in shop" in ran.text
    assert "● app  inject  Python 3.12, glibc" in ran.text
    assert "→ Python" in ran.text
    assert "○ odd  skip  LanguageUnknown" in ran.text
    assert 'spanhook.dev/languages: "odd=<language>"' in ran.text
    assert "3 containers: 1 inject, 2 skip" in ran.text


def test_piped_output_is_plain_and_fits() -> None:
    """Where nobody sees colours there are none, nor blanks at line ends; 100 columns are enough."""
    text = run("explain", stdin=CART + ODD).text

    assert not any(line.endswith(" ") for line in text.splitlines())
    assert "\x1b" not in text
    assert max(map(len, text.splitlines())) <= 100


def test_notes_and_warnings_are_shown() -> None:
    """What a person should know beside the decision stands with it."""
    probe = "        livenessProbe: {exec: {command: [python, check.py]}}\n"
    unread = "        envFrom: [{secretRef: {name: s}}]\n"

    text = run("explain", stdin=CART + probe + unread).text

    assert "note" in text
    assert "livenessProbe" in text
    assert 'Secret "s"' in text


def test_a_skip_is_no_failure_and_a_broken_document_is() -> None:
    """The exit code says whether the input could be read, not what was decided."""
    assert run("explain", stdin=CART + ODD).code == 0
    assert run("explain", stdin="a: [").code == 1
    assert run("explain", "-o", "xml", stdin=CART).code == 2


def _seen(**changes: str) -> str:
    """A Deployment whose image says nothing, and what node agents saw run in it."""
    image = "acme/cart:1"
    container = {"image": image, "command": ["python", "app.py"]}
    key = started(container)
    text = CART.replace("python:3.12", image)
    assert image in text
    written = application("java", version="21.0.4", libc="glibc")
    written["spec"]["languages"][0]["commandKey"] = key
    written["spec"]["languages"][0] |= changes
    profile = write(
        Profile(DIGEST, (Reference("docker.io/acme/cart:1", AT),), (), (), Learnt(AT, "x"))
    )
    told = msgspec.json.encode(profile).decode()
    return f"{text}---\n{json.dumps(written)}\n---\n{told}\n"


def test_what_was_seen_run_counts_where_it_is_given() -> None:
    """As `kubectl get deployments,instrumentedapplications -o yaml` prints it."""
    (app,) = records(_seen(), "-n", "shop")

    assert (app["decision"], app["language"], app["version"]) == ("inject", "java", "21.0.4")
    assert app["evidence"][0] == {
        "source": "observed",
        "fact": "main ran in Deployment cart from this image",
        "language": "java",
        "version": "21.0.4",
        "libc": "glibc",
        "decides": True,
    }


def test_what_is_wrong_with_it_is_said() -> None:
    """With file, document and field."""
    ran = run("explain", "-n", "shop", stdin=_seen(language="cobol"))

    assert ran.code != 0
    assert "InstrumentedApplication deployment-cart: spec.languages[0].language" in ran.stderr
