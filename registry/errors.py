"""What can go wrong while reading from a registry: one exception for each family of faults.

RegistryError
├── NotFound                 the registry has no such image
├── PlatformMissing          the image is there, but not for the platforms asked for
├── Unauthorized             credentials are missing, wrong or not enough
├── RateLimited              the registry says: not now
│   └── Reserved             few pulls are left, which are the nodes'
├── TooLarge                 more bytes or values than an honest answer has
├── BudgetSpent              the caller's own budget for a layer is used up
├── DigestMismatch           the content is not what its digest says
├── Malformed                not HTTP, not JSON, not a manifest, not an archive
├── UnsupportedMediaType     sound, but not a container image that can be read
├── UnexpectedStatus         an HTTP status that has no place in the protocol
├── ServerError              the registry says that it is in trouble (5xx)
├── ForbiddenAddress         the host has an address that nothing is followed to
├── ForbiddenRedirect        a redirect that is not followed
├── Untrusted                the host's certificate is not accepted
├── Unreachable              no answer: name, connection, broken off
├── TimedOut                 the deadline passed
└── CircuitOpen              the host failed too often and is left alone for a while
"""

from typing import ClassVar

from registry.spent import Spent

_LONGEST_SHOWN = 120


class RegistryError(Exception):
    """A read failed. `word` is stable, for a metric's label; the text says what to do."""

    word: ClassVar[str]
    advice: ClassVar[str]

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.spent = Spent()

    def __str__(self) -> str:
        """What happened, and what to do about it."""
        return f"{self.args[0]}; {self.advice}"


class _Later(RegistryError):
    """A fault that passes: it may be worth asking again after `retry_after` seconds."""

    def __init__(self, what: str, retry_after: float) -> None:
        super().__init__(what)
        self.args = (what, retry_after)  # so that a copy is made with both
        self.retry_after = retry_after

    def __str__(self) -> str:
        return f"{super().__str__()} (again in {self.retry_after:.0f} s)"


class NotFound(RegistryError):
    """The registry has no such image."""

    word = "not_found"
    advice = "check the image's name and tag, and whether the registry still keeps it"


class PlatformMissing(RegistryError):
    """The image is there, but not for the platforms asked for."""

    word = "platform_missing"
    advice = "build the image for the nodes' platform, or ask for one that it has"


class Unauthorized(RegistryError):
    """Credentials are missing, wrong or not enough."""

    word = "unauthorized"
    advice = "give credentials that may pull it; some registries answer so for what is not there"


class RateLimited(_Later):
    """The registry says: not now."""

    word = "rate_limited"
    advice = "use credentials with a higher limit or a mirror, or wait"


class Reserved(RateLimited):
    """Few pulls are left, which are the nodes'. What costs none, such as HEAD, may be asked."""

    word = "reserved"


class TooLarge(RegistryError):
    """More bytes or values than an honest answer has."""

    word = "too_large"
    advice = "no usual image is like that; look at how it was built or at what answers there"


class BudgetSpent(RegistryError):
    """The caller's own budget for a layer is used up; what was read until then is sound."""

    word = "budget_spent"
    advice = "raise the budget if the rest of the layer matters"


class DigestMismatch(RegistryError):
    """The content is not what its digest says."""

    word = "digest_mismatch"
    advice = "the registry, its storage or something on the way changed it: push the image anew"


class Malformed(RegistryError):
    """Not HTTP, not JSON, not a manifest, not an archive."""

    word = "malformed"
    advice = "check that a registry answers there, and push the image anew if one does"


class UnsupportedMediaType(RegistryError):
    """Sound, but not a container image that can be read."""

    word = "unsupported_media_type"
    advice = "only OCI images and Docker schema 2 images are read; convert the image"


class UnexpectedStatus(RegistryError):
    """An HTTP status that has no place in the protocol."""

    word = "unexpected_status"
    advice = "check that a registry answers there, not a proxy or a login page"

    def __init__(self, what: str, status: int) -> None:
        super().__init__(what)
        self.args = (what, status)
        self.status = status


class ServerError(RegistryError):
    """The registry says that it is in trouble."""

    word = "server_error"
    advice = "look at the registry's own logs; it is asked again later"

    def __init__(self, what: str, retry_after: float | None = None) -> None:
        super().__init__(what)
        self.args = (what, retry_after)
        self.retry_after = retry_after


class ForbiddenAddress(RegistryError):
    """The host has an address that nothing is followed to."""

    word = "forbidden_address"
    advice = "name the host in the settings if it is meant to be asked"


class ForbiddenRedirect(RegistryError):
    """A redirect that is not followed."""

    word = "forbidden_redirect"
    advice = "correct the registry's storage redirects, or switch them off"


class Untrusted(RegistryError):
    """The host's certificate is not accepted."""

    word = "untrusted"
    advice = "add its authority to the settings, or name the host as one that is not verified"


class Unreachable(RegistryError):
    """No answer: the name does not resolve, the connection fails or breaks off."""

    word = "unreachable"
    advice = "check the registry's name, its port in the NetworkPolicies, and the proxy settings"


class TimedOut(RegistryError):
    """The deadline passed."""

    word = "timed_out"
    advice = "it is asked again later; raise the deadline if the registry is always this slow"


class CircuitOpen(_Later):
    """The host failed too often and is left alone for a while."""

    word = "circuit_open"
    advice = "see the errors before this one for what is wrong with it"


ERRORS: tuple[type[RegistryError], ...] = (
    NotFound,
    PlatformMissing,
    Unauthorized,
    RateLimited,
    Reserved,
    TooLarge,
    BudgetSpent,
    DigestMismatch,
    Malformed,
    UnsupportedMediaType,
    UnexpectedStatus,
    ServerError,
    ForbiddenAddress,
    ForbiddenRedirect,
    Untrusted,
    Unreachable,
    TimedOut,
    CircuitOpen,
)


def shown(text: str) -> str:
    """Text from outside as an error may show it: one line, printable, not long."""
    short = text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "…"
    return "".join(char if char.isprintable() else "�" for char in short)
