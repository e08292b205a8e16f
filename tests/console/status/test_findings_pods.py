from dataclasses import replace

from console.status.model import Remedy
from console.status.pods import Rules
from console.status.tally import Tally
from tests.console.status import documents
from tests.console.status.knowledge import counts, known, namespace, said, workload
from tests.console.status.test_tally import SHOP


def test_pending() -> None:
    """Pods that somebody has to create anew are a problem; those of Jobs are not."""
    waiting = workload(Remedy("line"), instrumented=1, pending=2)
    cron = workload(Remedy(None, "its next run", needed=False), pending=1)

    assert said(known((namespace(waiting), namespace(waiting, cron)))) == [
        ("problem", "4 pods of 2 workloads would be instrumented if created anew.")
    ]
    assert said(known((namespace(cron),))) == []


def test_unreached_namespaces() -> None:
    """An opted-in namespace that no entry selects is a problem, system namespaces are no news."""
    lost = namespace(reached=False)
    by_pods = replace(namespace(reached=False, opted_in=False), counts=counts(skipped=1))
    system = namespace(name="kube-system", reached=False)

    assert [how for how, _ in said(known((lost,)))] == ["problem"]
    assert said(known((by_pods,))) == []
    assert said(known((system,))) == [
        ("note", "kube-system is labelled, but pods of system namespaces are never touched.")
    ]


def test_not_opted_in() -> None:
    """A namespace that was asked for, in which nothing is opted in, says how to."""
    found = said(known((namespace(opted_in=False),)))

    assert [how for how, _ in found] == ["note"]
    assert "kubectl label namespace shop " in found[0][1]
    assert said(known((namespace(opted_in=None),))) == []


def test_failures() -> None:
    """A pod on which Spanhook itself fails is named."""
    tally = Tally(Rules(SHOP))
    broken = documents.of_deployment("cart")
    broken["spec"]["containers"][0]["env"] = [{"value": "an entry without a name"}]
    tally.add(broken)

    found = said(known((tally.status({}),)))

    assert [how for how, _ in found] == ["problem"]
    assert "Spanhook fails on pods of Deployment cart in shop" in found[0][1]


def test_nothing_opted_in() -> None:
    """A fresh installation is told how to go on."""
    ((severity, message),) = said(known(()))

    assert severity == "note"
    assert "kubectl label namespace NAME spanhook.dev/instrument=enabled" in message


def test_nothing_opted_in_among_some() -> None:
    """Who looks at some namespaces only is not told of all."""
    assert said(replace(known(()), whole=False)) == []
