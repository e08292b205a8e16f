"""What people are told of the profiler: log lines, metrics, and few Events."""

import traceback
from collections.abc import Callable

from kube.errors import KubeError
from registry.errors import RegistryError, Unauthorized
from webhook.server.cluster.context import Context
from webhook.server.cluster.event import Event, Regarding
from webhook.server.cluster.profiler.index import Thing
from webhook.server.cluster.profiler.objects import KINDS
from webhook.server.cluster.profiler.queue import Task
from webhook.server.cluster.profiler.work import Done
from webhook.server.logs import Level

_LAYERS = "layers"
_VERSIONS = {one.kind: one.api_version for one in KINDS}
_REFUSED = (
    "{reference}: the registry refuses us, so nothing is known of the image until a pod runs."
    " Give credentials: docs/images.md says how. {why}"
)


class Notices:
    """Says of an image that fails why it does: once, and again when that changes."""

    def __init__(self, context: Context) -> None:
        self._log = context.log
        self._say = context.events.say
        telemetry = context.telemetry
        self._images = telemetry.counter(
            "profiler_images", "What the profiler did about images, by what came of it.", "outcome"
        )
        self._requests = telemetry.counter(
            "profiler_requests", "Requests that the profiler sent to registries."
        )
        self._bytes = telemetry.counter(
            "profiler_bytes", "Bytes that registries answered to the profiler."
        )
        self._collected = telemetry.counter(
            "profiler_garbage", "Profiles of images that nobody used any more, deleted."
        )
        self._failing: dict[str, str] = {}
        """Reference → the fault that was said."""

    @property
    def failing(self) -> int:
        """Images that could not be learnt the last time."""
        return len(self._failing)

    def said(self, message: str, level: Level = "info", **fields: object) -> None:
        """Something happened."""
        self._log.event(level, f"profiler: {message}", **fields)

    def did(self, task: Task, done: Done) -> None:
        """A task went well, or all but the layers."""
        self._images.labels(done.word).inc()
        self._spent(done.spent.requests, done.spent.bytes)
        if done.message:
            self._fails(task, _LAYERS, done.message)
            return
        was_failing = self._failing.pop(task.reference, None)
        self.said(
            f"image {done.word}",
            "debug" if done.word == "refreshed" and not was_failing else "info",
            image=task.reference,
            digest=done.digest,
            requests=done.spent.requests,
            bytes=done.spent.bytes,
        )

    def failed(
        self, task: Task, error: RegistryError | KubeError, user: Callable[[str], Thing | None]
    ) -> None:
        """A task failed; `user` finds an object that uses the image."""
        word = error.word if isinstance(error, RegistryError) else "api"
        self._images.labels(word).inc()
        if isinstance(error, RegistryError):
            self._spent(error.spent.requests, error.spent.bytes)
        is_new = self._fails(task, word, str(error))
        if is_new and isinstance(error, Unauthorized) and (one := user(task.reference)):
            note = _REFUSED.format(reference=task.reference, why=error)
            about = Regarding(_VERSIONS[one.kind], one.kind, one.name, one.namespace, one.uid)
            self._say(Event(about, "ImageNotReadable", note, "ProfileImage", task.reference))

    def bug(self, task: Task, error: Exception) -> None:
        """A task failed by a bug."""
        self._images.labels("bug").inc()
        trace = "".join(traceback.format_exception(error))
        self.said("image failed", "error", image=task.reference, traceback=trace)

    def collected(self, names: tuple[str, ...]) -> None:
        """Profiles were deleted."""
        self._collected.inc(len(names))
        if names:
            shown = ", ".join(names[:10]) + (", …" if len(names) > 10 else "")  # noqa: PLR2004
            self.said("profiles of unused images deleted", count=len(names), profiles=shown)

    def forget(self, reference: str) -> None:
        """Nobody uses the image any more."""
        self._failing.pop(reference, None)

    def _fails(self, task: Task, word: str, text: str) -> bool:
        """Say a fault, unless it was said; whether it was new."""
        if self._failing.get(task.reference) == word:
            return False
        self._failing[task.reference] = word
        what = "layers cannot be read" if word == _LAYERS else "image cannot be learnt"
        self.said(what, "warning", image=task.reference, why=text)
        return True

    def _spent(self, requests: int, size: int) -> None:
        self._requests.inc(requests)
        self._bytes.inc(size)
