"""Who uses which image, as objects come, change and go."""

from collections.abc import Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.webhook.server.cluster.profiler.things import (
    IN,
    SHOP,
    container,
    deployment,
    index,
    lean,
    thing,
)
from webhook.model import Namespace
from webhook.server.cluster.profiler.index import Index, Thing
from webhook.settings import Settings

CART, PAY = "registry.corp/cart:1", "registry.corp/pay:1"
NAMES = ("a", "b", "c")


def judged(one: Index) -> set[str]:
    """What changed, when all that is new was judged."""
    one.notice()
    while one.judge(1):
        pass
    found = set(one.changed)
    one.changed.clear()
    return found


def test_come_change_and_go() -> None:
    """An image is used from the first object to the last."""
    one = index()
    one.put(thing("a"), lean(deployment()))
    one.put(thing("b"), lean(deployment()))
    assert judged(one) == {CART}
    one.put(thing("a"), lean(deployment(container(PAY))))
    assert judged(one) == {PAY}
    one.put(thing("b"), None)
    assert judged(one) == {CART}
    assert (one.references, one.uses(CART)) == ((PAY,), ())
    one.put(thing("a"), None)
    one.put(thing("a"), None)
    assert judged(one) == {PAY}

    assert (one.references, len(one), one.waiting) == ((), 0, 0)


def test_an_object_that_says_the_same_again() -> None:
    """A status that changes every second is no work."""
    one = index()
    one.put(thing(), lean(deployment()))
    judged(one)

    one.put(thing(), lean(deployment() | {"status": {"replicas": 7}}))

    assert (one.waiting, judged(one)) == (0, set())


def test_all_of_a_kind() -> None:
    """What a new list lacks is gone; other kinds stay, and one made anew under its name, too."""
    one = index()
    one.put(Thing("Deployment", "shop", "a", "old"), lean(deployment()))
    one.put(thing("gone"), lean(deployment(container("registry.corp/gone:1"))))
    one.put(thing("s", kind="StatefulSet"), lean(deployment(container("registry.corp/s:1"))))

    one.replace(
        "Deployment",
        [
            (Thing("Deployment", "shop", "a", "new"), lean(deployment(container(PAY)))),
            (thing("empty"), None),
        ],
    )
    judged(one)

    assert sorted(one.references) == [PAY, "registry.corp/s:1"]
    assert len(one) == 2


def test_a_namespace_that_opts_in_later() -> None:
    """Its images are wanted at once; and no more when it opts out."""
    namespaces: dict[str, Namespace] = {}
    one = index(namespaces)
    one.put(thing(), lean(deployment()))
    assert judged(one) == set()

    namespaces["shop"] = SHOP
    assert judged(one) == {CART}
    namespaces["shop"] = Namespace("shop")
    assert judged(one) == {CART}
    assert one.references == ()


def test_a_namespace_that_changes_before_it_is_noticed() -> None:
    """What was judged before counts as judged by what was known then."""
    namespaces: dict[str, Namespace] = {}
    one = index(namespaces)
    one.put(thing("a"), lean(deployment()))
    one.judge(10)
    namespaces["shop"] = SHOP
    one.put(thing("b"), lean(deployment(container(PAY))))
    one.judge(10)

    assert judged(one) == {CART, PAY}
    assert judged(one) == set()


def test_settings_that_change() -> None:
    """They hold for what is used already."""
    settings = [Settings()]
    one = Index({"shop": SHOP}, lambda: settings[0])
    one.put(thing(), lean(deployment()))
    judged(one)
    settings[0] = Settings(ignored_namespaces=("shop",))

    assert judged(one) == {CART}
    assert one.references == ()


def test_who_uses_it() -> None:
    """For an Event: what a person wrote, rather than a pod of it."""
    one = index()
    assert one.user(CART) is None
    one.put(thing("cart-1", kind="Pod"), lean(deployment()))
    judged(one)
    assert one.user(CART) == thing("cart-1", kind="Pod")
    one.put(thing(), lean(deployment(container(), labels={"spanhook.dev/instrument": "enabled"})))
    judged(one)

    assert one.user(CART) == thing()


def test_namespaces_that_are_gone_leave_nothing() -> None:
    """Ten thousand short-lived namespaces take no memory."""
    names = {f"n{number}": Namespace(f"n{number}", IN) for number in range(100)}
    one = index(names)
    for name in names:
        one.put(thing(namespace=name), lean(deployment()))
        judged(one)
        one.put(thing(namespace=name), None)
        judged(one)

    assert not any((one._objects, one._pairs, one._references, one._judged, one._fresh))


changes = st.lists(
    st.tuples(
        st.sampled_from(NAMES),
        st.sampled_from(NAMES),
        st.one_of(st.none(), st.sampled_from((CART, PAY, "registry.corp/x:1"))),
        st.sampled_from(("put", "judge", "in", "out")),
    ),
    max_size=40,
)


@given(changes)
def test_it_comes_to_the_same(script: list[tuple[str, str, str | None, str]]) -> None:
    """Whatever happened in whatever order: what is used is what the objects there are use."""
    namespaces: dict[str, Namespace] = {}
    one = index(namespaces)
    there: dict[tuple[str, str], Any] = {}
    for namespace, name, image, what in script:
        if what == "put":
            found = None if image is None else lean(deployment(container(image)))
            one.put(thing(name, namespace), found)
            there[namespace, name] = image
        elif what == "judge":
            one.judge(1)
        else:
            namespaces[namespace] = Namespace(namespace, IN if what == "in" else {})
    judged(one)

    assert set(one.references) == used(namespaces, there)
    assert len(one) == sum(image is not None for image in there.values())


def used(namespaces: Mapping[str, Namespace], there: Mapping[tuple[str, str], Any]) -> set[str]:
    """What should be used."""
    opted_in = {name for name, one in namespaces.items() if one.labels}
    return {image for (namespace, _), image in there.items() if image and namespace in opted_in}
