"""What people are told of certificates: a log line and an Event when it changes, and metrics."""

from dataclasses import dataclass
from typing import Literal

from certs.holdings import Phase
from certs.rotation import Move
from webhook.server.cluster import certificate_bundles
from webhook.server.cluster.context import Context
from webhook.server.cluster.event import Event, Regarding
from webhook.server.logs import Level

Topic = Literal["secret", "write", "configuration", "bundle", "renewal", "wish", "clock", "api"]


@dataclass(frozen=True, slots=True)
class _Kind:
    """How a topic is told. `reason`: the Event's; none where an Event could not be written."""

    level: Level
    reason: str
    action: str
    about_bundle: bool = False


_TOPICS: dict[Topic, _Kind] = {
    "secret": _Kind("error", "CertificateSecretUnusable", "KeepCertificate"),
    "write": _Kind("error", "CertificateSecretNotWritten", "RotateCertificate"),
    "configuration": _Kind("warning", "CABundleNotInPlace", "PatchBundle", about_bundle=True),
    "bundle": _Kind("error", "CABundleNotInPlace", "PatchBundle", about_bundle=True),
    "renewal": _Kind("warning", "CertificateNotRenewed", "ServeCertificate"),
    "wish": _Kind("warning", "RotationUnknown", "RotateCertificate"),
    "clock": _Kind("warning", "ClockSkew", "RotateCertificate"),
    "api": _Kind("warning", "", ""),
}


class Notices:
    """Tells each thing once, until it changes or is over.

    `uid`: the Secret's, by which `kubectl describe` finds its Events.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._problems: dict[Topic, str] = {}
        self.uid = ""
        telemetry = context.telemetry
        phases = telemetry.gauge(
            "certificate_rotation_phase", "1 for the phase of a rotation; 0 unless leader.", "phase"
        )
        self._phases = {phase: phases.labels(phase.value) for phase in Phase}
        self._bundle = telemetry.gauge(
            "ca_bundle_in_place", "1 while every caBundle is as it has to be; 0 unless leader."
        )
        moves = telemetry.counter("certificate_moves", "Steps of rotations.", "move")
        self._moves = {move: moves.labels(move.name.lower()) for move in Move}
        telemetry.watch(
            "certificate_secret_usable",
            "0 while the certificate in the Secret is kept out.",
            lambda: "secret" not in self._problems,
        )

    @property
    def problem(self) -> str | None:
        """Everything that is wrong now, None when all is well."""
        return "; ".join(self._problems.values()) or None

    def wrong(self, topic: Topic, text: str | None) -> None:
        """What is wrong about the topic now; None when it is well."""
        if self._problems.get(topic) == text:
            return
        if text is None:
            del self._problems[topic]
            self._context.log.event("info", "certificates: well again", topic=topic)
            return
        self._problems[topic] = text
        kind = _TOPICS[topic]
        self._context.log.event(kind.level, f"certificates: {text}")
        if kind.reason:
            about = self._configuration if kind.about_bundle else self._secret
            self._context.events.say(Event(about, kind.reason, text, kind.action, text))

    def moved(self, move: Move, detail: str) -> None:
        """A step of a rotation was taken."""
        self._moves[move].inc()
        self._context.log.event("info", move.value, detail=detail)
        self._context.events.say(
            Event(
                self._secret,
                "CertificateRotation",
                f"{move.value}: {detail}",
                "RotateCertificate",
                f"{move.value}: {detail}",
                "Normal",
            )
        )

    def did(self, message: str, **fields: str) -> None:
        """Something else was done."""
        self._context.log.event("info", message, **fields)

    def leads(self, phase: Phase | None, *, in_place: bool) -> None:
        """Where things are, from the leader; no phase from the others."""
        for one, gauge in self._phases.items():
            gauge.set(one is phase)
        self._bundle.set(in_place)

    @property
    def _secret(self) -> Regarding:
        options = self._context.options
        return Regarding("v1", "Secret", options.certificate_secret, options.namespace, self.uid)

    @property
    def _configuration(self) -> Regarding:
        name = self._context.options.webhook_configuration
        return Regarding(certificate_bundles.API_VERSION, "MutatingWebhookConfiguration", name)
