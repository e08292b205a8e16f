from datetime import timedelta

from console.status.model import Cause, Counts, Remedy
from console.status.pods import Rules
from console.status.remedies import SHOWN, Pending
from console.status.tally import Tally
from kube.times import parse
from tests.console.status.documents import of_deployment, pod, stamp
from tests.console.status.test_pods import injected
from webhook.model import Namespace
from webhook.optin import LABEL

SHOP = Namespace("shop", {LABEL: "enabled"})


def test_counts_by_workload() -> None:
    """Pods are grouped by what a person calls their workload; what is over does not count."""
    tally = Tally(Rules(SHOP))
    for suffix in ("aaaaa", "bbbbb"):
        tally.add(of_deployment("cart", suffix))
    tally.add(injected(of_deployment("cart", "ccccc")))
    tally.add(of_deployment("cart", "ddddd", phase="Succeeded"))
    tally.add(of_deployment("cart", "eeeee", deletionTimestamp=stamp()))
    tally.add(pod("postgres:16", "db-0", owner=("StatefulSet", "db")))
    tally.add(pod(name="night-29000000-x", owner=("Job", "night-29000000")))
    tally.add(pod(name="alone", labels={LABEL: "disabled"}))

    found = tally.status({("Deployment", "cart"): Remedy("line")})

    assert found.counts == Counts(pods=6, instrumented=1, pending=3, skipped=1, opted_out=1)
    assert [(one.kind, one.name, one.counts.pods) for one in found.workloads] == [
        ("CronJob", "night", 1),
        ("Deployment", "cart", 3),
        ("Pod", "alone", 1),
        ("StatefulSet", "db", 1),
    ]
    assert [one.remedy for one in found.workloads] == [None, Remedy("line"), None, None]
    assert [(one.state, one.pods) for one in found.workloads[1].containers] == [
        ("instrumented", 1),
        ("pending", 2),
    ]


def test_pending() -> None:
    """Pending workloads come with some of their pods' names, however many there are."""
    tally = Tally(Rules(SHOP))
    for number in range(SHOWN + 5):
        tally.add(pod(name=f"web-{number}", owner=("ReplicaSet", "web")))
    tally.add(injected(pod(name="done", owner=("ReplicaSet", "done"))))

    names = tuple(f"web-{number}" for number in range(SHOWN))
    assert list(tally.pending()) == [Pending("ReplicaSet", "web", "shop", names, SHOWN + 5)]


def test_causes() -> None:
    """Pods of one workload may be pending for different causes."""
    opted_in = parse(stamp(timedelta(hours=2)))
    tally = Tally(Rules(SHOP, opted_in=opted_in))
    tally.add(of_deployment("cart", "aaaaa", age=timedelta(hours=3)))
    tally.add(of_deployment("cart", "bbbbb", age=timedelta(hours=1)))
    tally.add(injected(of_deployment("cart", "ccccc", age=timedelta(hours=3))))

    (cart,) = tally.status({}).workloads

    assert cart.causes == {Cause.BEFORE_OPT_IN: 1, Cause.SINCE_OPT_IN: 1}


def test_by_own_label() -> None:
    """In a namespace that is not opted in only pods count that are, or that are instrumented."""
    tally = Tally(Rules(Namespace("shop")), opted_in=False)
    tally.add(pod(name="none"))

    assert not tally.counted

    tally.add(pod(name="labelled", labels={LABEL: "enabled"}))
    tally.add(injected(pod(name="once")))
    found = tally.status({})

    assert not found.opted_in
    assert found.counts == Counts(pods=2, instrumented=1, pending=1, skipped=0, opted_out=0)
    assert [one.name for one in found.workloads] == ["labelled", "once"]
