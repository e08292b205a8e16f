"""The ways in which a header gets into a request, each as what is loaded into the kernel for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from struct import Struct
from typing import NoReturn

from nodeagent.probes.probe import Descriptor, Field, Hook, Probe
from nodeagent.probes.record import Record


@dataclass(frozen=True, slots=True)
class PassingProbe(Probe):
    """Probes that make no spans: they find the requests that spans are of."""

    @property
    def text(self) -> str:
        """The C text of its programs, behind what both ways share."""
        folder = Path(__file__).parent
        return "\n".join((folder / name).read_text() for name in (*self.parts, self.source))


@dataclass(frozen=True, slots=True)
class Way:
    """One way; `name` is how it is asked for. Without the first of its `probes` it is none.

    `programs` are those that are not for uprobes, with bcc's name of their type; `defines` and
    `maps` are what its text has beside that of the probes, `members` what it needs to know of the
    kernel's structs: (struct, member) by the name of a constant.
    """

    name: str
    probes: tuple[Probe, ...]
    programs: Mapping[str, str] = field(default_factory=dict)
    maps: tuple[str, ...] = ()
    defines: Mapping[str, int] = field(default_factory=dict)
    members: Mapping[str, tuple[str, str]] = field(default_factory=dict)


def _read(_: Record) -> NoReturn:
    raise ValueError("no records come from here")


_AWAITING = Hook(("net/http.(*persistConn).roundTrip",), "propagation_request")
_REQUEST = (
    Field("transport_request", ("net/http.transportRequest",), "Request"),
    Field("request_header", ("net/http.Request",), "Header"),
)
_BUFFER = ("bufio.Writer",)
_FILE = ("net.netFD",)
_ADDRESS = ("net.TCPAddr",)

_SHARED = ("propagation.bpf.h",)

_WRITE_HTTP = PassingProbe(
    name="propagation",
    source="write.bpf.c",
    hooks=(_AWAITING, Hook(("net/http.Header.writeSubset",), "propagation_headers")),
    fields=(
        *_REQUEST,
        Field("buffer_bytes", _BUFFER, "buf"),
        Field("buffer_used", _BUFFER, "n"),
        Field("buffer_writer", _BUFFER, "wr"),
    ),
    descriptors=(
        Descriptor("io_writer", "io.Writer"),
        Descriptor("bufio_writer", "*bufio.Writer"),
        Descriptor("connection_writer", "net/http.persistConnWriter"),
    ),
    facts=Struct(""),
    read=_read,
    headers="net/http.Header",
    parts=_SHARED,
)
_TRANSPORT = "google.golang.org/grpc/internal/transport"
_CLIENT = (f"{_TRANSPORT}.http2Client",)
_LOOPY = (f"{_TRANSPORT}.loopyWriter",)
_BUF_WRITER = (f"{_TRANSPORT}.bufWriter",)
_HEADERS = (f"{_TRANSPORT}.clientHeaders", f"{_TRANSPORT}.headerFrame")
_MAKING = (f"{_TRANSPORT}.(*http2Client).createHeaderFields",)
_ENCODING = (
    f"{_TRANSPORT}.(*loopyWriter).originateStream",
    f"{_TRANSPORT}.(*loopyWriter).clientHeaderHandler",
)
_WRITE_GRPC = PassingProbe(
    name="google.golang.org/grpc propagation",
    source="write_grpc.bpf.c",
    hooks=(
        Hook(_MAKING, "propagation_grpc_call"),
        Hook(_MAKING, "propagation_grpc_fields", at_returns=True),
        Hook(_ENCODING[:1], "propagation_grpc_stream", required=False),
        Hook(_ENCODING[1:], "propagation_grpc_header", required=False),
        Hook(_ENCODING, "propagation_grpc_written", at_returns=True),
    ),
    fields=(
        Field("grpc_transport_control", _CLIENT, "controlBuf"),
        Field("grpc_transport_list", _CLIENT, "maxSendHeaderListSize"),
        Field("grpc_header_stream", _HEADERS, "streamID"),
        Field("grpc_header_fields", _HEADERS, "hf"),
        Field("grpc_queue", _LOOPY, "cbuf"),
        Field("grpc_encoded", _LOOPY, "hBuf"),
        Field("grpc_framer", _LOOPY, "framer"),
        Field("grpc_writer", (f"{_TRANSPORT}.framer",), "writer"),
        Field("grpc_buffer", _BUF_WRITER, "bufHandle", earlier="buf"),
        Field("grpc_buffer_handle", _BUF_WRITER, "bufHandle", required=False),
        Field("grpc_used", _BUF_WRITER, "offset"),
        Field("grpc_field_sensitive", ("golang.org/x/net/http2/hpack.HeaderField",), "Sensitive"),
        Field("bytes_slice", ("bytes.Buffer",), "buf"),
        Field("bytes_offset", ("bytes.Buffer",), "off"),
    ),
    facts=Struct(""),
    read=_read,
)

WRITE = Way("write", probes=(_WRITE_HTTP, _WRITE_GRPC))
"""Into the program's own buffer, by bpf_probe_write_user."""

SK_MSG = Way(
    name="sk-msg",
    probes=(
        PassingProbe(
            name="propagation",
            source="sk_msg.bpf.c",
            hooks=(_AWAITING,),
            fields=(
                *_REQUEST,
                Field("connection", ("net/http.persistConn",), "conn"),
                Field("local_address", _FILE, "laddr"),
                Field("remote_address", _FILE, "raddr"),
                Field("connection_ip", _ADDRESS, "IP"),
                Field("connection_port", _ADDRESS, "Port"),
            ),
            descriptors=(
                Descriptor("net_conn", "net.Conn"),
                Descriptor("tcp_conn", "*net.TCPConn"),
            ),
            facts=Struct(""),
            read=_read,
            headers="net/http.Header",
            parts=_SHARED,
        ),
    ),
    programs={"propagation_socket": "SOCK_OPS", "propagation_message": "SK_MSG"},
    maps=("sockets",),
    defines={"MAX_SOCKETS": 65536},
    members={
        "TASK_TGID": ("task_struct", "tgid"),
        "SOCK_QUEUED": ("sock", "sk_wmem_queued"),
        "SOCK_ROOM": ("sock", "sk_sndbuf"),
    },
)
"""Into what its sockets send, without TLS, by a program on a map of sockets."""

WAYS = (WRITE, SK_MSG)
"""All of them, the better ones first."""
