"""Why a container is left as it is: one code, one sentence, one thing to do.

The same code stands in the status annotation, the admission warning, the audit annotation, the
metric label, the Event and `spanhook explain`. Codes are stable: people search and alert for them.
"""

from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """The stable code of a reason."""

    NOT_OPTED_IN = "NotOptedIn"
    OPTED_OUT = "OptedOut"
    SYSTEM_NAMESPACE = "SystemNamespace"
    MIRROR_POD = "MirrorPod"
    WINDOWS_POD = "WindowsPod"
    KNOWN_SIDECAR = "KnownSidecar"
    INIT_CONTAINER = "InitContainer"
    LANGUAGE_UNKNOWN = "LanguageUnknown"
    LANGUAGE_UNSUPPORTED = "LanguageUnsupported"
    LANGUAGE_DISABLED = "LanguageDisabled"
    AMBIGUOUS = "Ambiguous"
    VERSION_UNSUPPORTED = "VersionUnsupported"
    VERSION_UNKNOWN = "VersionUnknown"
    NATIVE_IMAGE = "NativeImage"
    ALREADY_INSTRUMENTED = "AlreadyInstrumented"
    OTHER_AGENT_PRESENT = "OtherAgentPresent"
    SDK_DISABLED = "SdkDisabled"
    VARIABLE_CONFLICT = "VariableConflict"
    VARIABLE_TOO_LONG = "VariableTooLong"
    ENV_FROM_UNKNOWN = "EnvFromUnknown"
    LIBC_UNKNOWN = "LibcUnknown"
    RESOURCES_TOO_SMALL = "ResourcesTooSmall"
    NAME_TAKEN = "NameTaken"
    VARIABLES_IGNORED = "VariablesIgnored"
    IMAGE_PENDING = "ImagePending"
    IMAGE_UNREACHABLE = "ImageUnreachable"
    INVALID_ANNOTATION = "InvalidAnnotation"
    INTERNAL_ERROR = "InternalError"


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a reason means, and what to do; `notable` ones are worth an admission warning."""

    sentence: str
    remedy: str
    notable: bool = True


def _quiet(sentence: str, remedy: str) -> Explanation:
    """A skip that nobody needs to be told about: it is what was asked for, or what is always so."""
    return Explanation(sentence, remedy, notable=False)


EXPLANATIONS: dict[Reason, Explanation] = {
    Reason.NOT_OPTED_IN: _quiet(
        "Neither the namespace nor the pod is opted in.",
        "Label the namespace or the pod spanhook.dev/instrument=enabled.",
    ),
    Reason.OPTED_OUT: _quiet(
        "A label or annotation opts it out.",
        "Remove what opts it out, named in the message, if you want it traced.",
    ),
    Reason.SYSTEM_NAMESPACE: _quiet(
        "Pods of system namespaces are never touched.",
        "Run the workload in a namespace of its own.",
    ),
    Reason.MIRROR_POD: _quiet(
        "The kubelet runs this pod from a file on its node; the API server holds a copy.",
        "Run it as a DaemonSet or Deployment if it should be traced.",
    ),
    Reason.WINDOWS_POD: _quiet(
        "The pod runs on Windows nodes; the agents are built for Linux.",
        "Nothing to do: there is no Windows agent here.",
    ),
    Reason.KNOWN_SIDECAR: _quiet(
        "A proxy or collector that accompanies applications, not an application.",
        "Name it in spanhook.dev/languages if it should be instrumented all the same.",
    ),
    Reason.INIT_CONTAINER: _quiet(
        "Init containers are instrumented on request only.",
        "Name it in spanhook.dev/languages if it should be instrumented.",
    ),
    Reason.LANGUAGE_UNKNOWN: Explanation(
        "Nothing seen tells for certain which language it runs.",
        'Say it with the pod annotation spanhook.dev/languages: "<container>=<language>",'
        " or give the image's configuration.",
    ),
    Reason.LANGUAGE_UNSUPPORTED: Explanation(
        "It runs something that none of the agents serves.",
        "Java, Python, Node.js, .NET and Go are served. If this is one of them,"
        " say so with spanhook.dev/languages.",
    ),
    Reason.LANGUAGE_DISABLED: _quiet(
        "The settings turn this language off.",
        "Turn it on in the settings (languages.<language>.enabled).",
    ),
    Reason.AMBIGUOUS: Explanation(
        "The evidence names more than one language, and a wrong agent is worse than none.",
        'Say which with the pod annotation spanhook.dev/languages: "<container>=<language>".',
    ),
    Reason.VERSION_UNSUPPORTED: Explanation(
        "The runtime is older than the agent supports.",
        "Move to a newer runtime; docs/languages.md has the oldest of each.",
    ),
    Reason.VERSION_UNKNOWN: Explanation(
        "This agent needs to know the runtime's version beforehand, and nothing tells it.",
        "Give the image's configuration, or use a base image that names its version.",
    ),
    Reason.NATIVE_IMAGE: Explanation(
        "Compiled ahead of time to a native program: no virtual machine would load an agent.",
        "Instrument it at build time (for example Quarkus' or Spring's own OpenTelemetry support).",
    ),
    Reason.ALREADY_INSTRUMENTED: _quiet(
        "OpenTelemetry instrumentation is already there.",
        "Nothing to do. To use Spanhook's, remove the one named in the message.",
    ),
    Reason.OTHER_AGENT_PRESENT: Explanation(
        "Another agent is present, and two agents in one process break applications.",
        "Remove the agent named in the message, then create the pod anew.",
    ),
    Reason.SDK_DISABLED: _quiet(
        "OTEL_SDK_DISABLED=true is set.",
        "Remove that variable if the container should be traced.",
    ),
    Reason.VARIABLE_CONFLICT: Explanation(
        "A variable that must be merged cannot be merged without risk.",
        "Make the reference non-optional, or set the variable to a plain value.",
    ),
    Reason.VARIABLE_TOO_LONG: Explanation(
        "Java 8 ignores JAVA_TOOL_OPTIONS over 1,024 characters, with all that stands in it.",
        "Shorten it (an @argfile needs Java 9), or say the version if it is Java 9 or newer.",
    ),
    Reason.ENV_FROM_UNKNOWN: Explanation(
        "A Secret or ConfigMap that is not read could hold a variable that must be merged.",
        "Set the variable in env, or set envFromUnknown: inject-with-warning in the settings.",
    ),
    Reason.LIBC_UNKNOWN: Explanation(
        "The evidence about the C library contradicts itself, and this agent is built for one.",
        'Say it with the pod annotation spanhook.dev/libc: "<container>=musl" (or glibc).',
    ),
    Reason.RESOURCES_TOO_SMALL: Explanation(
        "The container's limits are too small to hold the agent.",
        "Raise the limit named in the message.",
    ),
    Reason.NAME_TAKEN: Explanation(
        "A name or path that the injection needs is already used for something else.",
        "Rename what is named in the message.",
    ),
    Reason.VARIABLES_IGNORED: Explanation(
        "The runtime would not read what is injected.",
        "Start it without what the message names.",
    ),
    Reason.IMAGE_PENDING: Explanation(
        "What the image says was not there in time; without it, the language or version is open.",
        "Nothing to do for later pods, the image is being read; to have this one traced, create"
        " it anew in a minute (kubectl rollout restart).",
    ),
    Reason.IMAGE_UNREACHABLE: Explanation(
        "The registry does not say what the image is; without it, the language or version is open.",
        "Remove what the message names; docs/images.md has each fault. Or say the language with"
        ' the pod annotation spanhook.dev/languages: "<container>=<language>".',
    ),
    Reason.INVALID_ANNOTATION: Explanation(
        "An annotation or label of the pod does not parse.",
        "Correct it; docs/annotations.md has the forms.",
    ),
    Reason.INTERNAL_ERROR: Explanation(
        "Spanhook failed on this pod, and left it as it was.",
        "Please report it with the output of spanhook explain on the pod's manifest.",
    ),
}
