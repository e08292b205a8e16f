import gc
import weakref
from typing import Any

import msgspec

from webhook.server.cluster.config_maps import ConfigMap, ConfigMaps


def config_map(name: str, namespace: str = "shop", **data: str) -> ConfigMap:
    """A ConfigMap as it is decoded."""
    body: dict[str, Any] = {"metadata": {"name": name, "namespace": namespace}, "data": data}
    return msgspec.json.decode(msgspec.json.encode(body), type=ConfigMap)


def test_decoding_lets_go() -> None:
    """What nobody reads is gone when a ConfigMap is decoded: a list may hold gigabytes."""
    one = config_map("m", PYTHONPATH="/x", PASSWORD="p")

    assert one.data is None
    assert one.variables == {"PYTHONPATH": "/x", "PASSWORD": None}


def test_without_data() -> None:
    """A ConfigMap without data, or with binary data alone, has no variables."""
    body = b'{"metadata": {"name": "m", "namespace": "n"}, "binaryData": {"A": "AA=="}}'

    assert dict(msgspec.json.decode(body, type=ConfigMap).variables) == {}


def test_config_maps_come_and_go() -> None:
    """The mapping follows, and stays the same object: a reviewer's facts hold it."""
    maps = ConfigMaps()
    known = maps.known
    maps.replaced([config_map("a"), config_map("b", NODE_OPTIONS="-x")])
    maps.changed(config_map("a", "other", PYTHONPATH="/y"))
    maps.removed(config_map("a"))
    maps.removed(config_map("never seen"))

    assert known == {("shop", "b"): {"NODE_OPTIONS": "-x"}, ("other", "a"): {"PYTHONPATH": "/y"}}
    assert len(maps) == 2
    maps.forget()
    assert known == {}, "without the right to read them, each is unknown again"


def test_nothing_of_what_was_read_is_held() -> None:
    """The decoded objects themselves are not kept."""

    class Traced(ConfigMap, weakref=True):
        """One that can be looked for."""

    maps = ConfigMaps()
    one = msgspec.json.decode(b'{"metadata":{"name":"m"},"data":{"A":"b"}}', type=Traced)
    gone = weakref.ref(one)
    maps.changed(one)
    del one
    gc.collect()

    assert gone() is None
