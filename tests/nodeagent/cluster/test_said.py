import pytest

from nodeagent.cluster.agent import _said
from nodeagent.kernel.uprobes import Uprobe
from nodeagent.tracing.binaries import Binary
from nodeagent.tracing.follower import Outcome, Wanted
from nodeagent.tracing.process import FileId, Life, Process

_ATTRIBUTES = {
    "k8s.namespace.name": "shop",
    "k8s.pod.name": "cart-0",
    "k8s.container.name": "app",
}
_WANTED = Wanted(Process(7), Life(0, 0, 0), attributes=_ATTRIBUTES)
_FILE = FileId(0, 0, 0, 0, 0)


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        pytest.param(
            Outcome(_WANTED, service="cart", binary=Binary(0, _FILE, "1.27", {}, (Uprobe(-1),))),
            "shop/cart-0/app: traced: cart, Go 1.27",
            id="traced",
        ),
        pytest.param(
            Outcome(_WANTED, service="cart", binary=Binary(-1, _FILE, "1.18", {"http": "old"})),
            "shop/cart-0/app: nothing to trace: cart, Go 1.18; http is off: old",
            id="off",
        ),
        pytest.param(
            Outcome(_WANTED, why_not="no functions"),
            "shop/cart-0/app: not traced: no functions",
            id="failed",
        ),
        pytest.param(
            Outcome(_WANTED, why_not="no memory", may_pass=True),
            "shop/cart-0/app: not traced: no memory; it is tried again",
            id="failed-for-now",
        ),
        pytest.param(Outcome(_WANTED, why_not="no Go", is_go=False), "", id="not-go"),
    ],
)
def test_what_is_said_of_a_process(outcome: Outcome, expected: str) -> None:
    """A line for each that is Go's, by pod and container; none for others."""
    assert _said(outcome) == expected
