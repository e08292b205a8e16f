"""What can go wrong between us and an API server.

KubeError
├── KubeconfigError    we do not know whom to ask, or as whom
├── Unreachable        nobody answered
│   └── Unreadable     something answered what no API server would say
├── Oversized          the answer is larger than we want to hold
└── ApiError           the API server answered, and said no
"""

from http import HTTPStatus

_SERVER_ERRORS = 500
_PASSING = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.UNAUTHORIZED)


class KubeError(Exception):
    """The root of this package's errors."""


class KubeconfigError(KubeError):
    """The configuration cannot be used; the text names the file and what to do."""


class Unreachable(KubeError):  # noqa: N818  # it says what the API server is
    """No answer of an API server: connection, TLS, time, or something else that answered."""


class Unreadable(Unreachable):
    """The answer, or an object in it, is not of the expected shape: asking again may not help."""


class Oversized(KubeError):  # noqa: N818  # it says what the answer is
    """The answer has more bytes than the caller wants to hold; it was not read to its end."""


class ApiError(KubeError):
    """The API server's answer was no: `status` is HTTP's, the rest is the metav1.Status it sent.

    `retry_after`: the seconds it asked us to wait, where it said so.
    """

    def __init__(
        self, status: int, reason: str, message: str, retry_after: float | None = None
    ) -> None:
        super().__init__(f"{status} {reason}: {message}" if message else f"{status} {reason}")
        self.status = status
        self.reason = reason
        self.message = message
        self.retry_after = retry_after

    @property
    def forbidden(self) -> bool:
        """Whether our rights are the matter: nothing changes before somebody changes a role."""
        return self.status == HTTPStatus.FORBIDDEN

    @property
    def gone(self) -> bool:
        """Whether a resourceVersion or a `continue` token is too old to go on from."""
        return self.status == HTTPStatus.GONE

    @property
    def passing(self) -> bool:
        """Whether the same request may do in a while, without anybody doing anything.

        The API server is busy or ill, or our credentials have expired and are being replaced.
        """
        return self.status in _PASSING or self.status >= _SERVER_ERRORS

    @property
    def not_found(self) -> bool:
        """Whether the object, or its kind, does not exist."""
        return self.status == HTTPStatus.NOT_FOUND

    @property
    def conflict(self) -> bool:
        """Whether somebody else changed or created the object meanwhile."""
        return self.status == HTTPStatus.CONFLICT
