"""Whatever the head looks like: bytes are those of an untraced program, but for the one line."""

import string

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.nodeagent.propagation.callers import Caller
from tests.nodeagent.propagation.recorder import LINE, Recorder

_TOKEN = st.text(string.ascii_letters + string.digits + "-_.~", min_size=1, max_size=40)
_VALUE = st.text(string.ascii_letters + string.digits + " :;,=/\\\"'()[]{}", max_size=300)
# What net/http itself writes, or what would switch protocols.
_OWN = frozenset(
    {
        *("host", "connection", "upgrade", "expect", "trailer", "te", "content-length"),
        *("transfer-encoding", "keep-alive", "proxy-connection", "accept-encoding", "user-agent"),
    }
)
_HEADERS = st.dictionaries(
    _TOKEN.filter(lambda name: name.lower() not in _OWN),
    st.lists(_VALUE.map(str.strip), max_size=3),
    max_size=20,
)
_NAMED = st.sampled_from(["Traceparent", "traceparent", "TRACEPARENT", "tracePARENT"])


@settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@example("GET", "/", {}, None, "", False)
@example("POST", "/", {"A": ["traceparent: 1"]}, None, "GET / HTTP/1.1\r\n\r\n", True)
@given(
    method=st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "X"]),
    path=st.text(string.ascii_letters + "/", max_size=60).map(lambda text: "/" + text),
    headers=_HEADERS,
    named=st.none() | _NAMED,
    body=st.text(string.ascii_letters + "\r\n: /.10", max_size=9000),
    chunked=st.booleans(),
)
def test_any_head(
    caller: Caller,
    untraced: Caller,
    recorder: Recorder,
    method: str,
    path: str,
    headers: dict[str, list[str]],
    named: str | None,
    body: str,
    chunked: bool,
) -> None:
    """One line in each request that has no traceparent, none in those that have."""
    given_ = headers | ({named: ["mine"]} if named else {})
    order = {"Method": method, "Headers": given_, "Body": body, "Chunked": chunked, "Count": 2}
    caller.send(recorder.url + path, **order)
    traced = recorder.received()
    untraced.send(recorder.url + path, **order)
    plain = recorder.received()

    assert plain
    has_one = any(name.lower() == "traceparent" for name in given_)
    assert len(LINE.findall(traced)) == (0 if has_one else 2)
    assert LINE.sub(b"", traced) == plain
