"""Whether a pod is to be touched at all, before any container is looked at.

The first row that fits decides:

    pod or namespace                                  outcome
    ------------------------------------------------  -----------------------
    mirror pod (kubernetes.io/config.mirror)          Skip(MirrorPod)
    Windows (spec.os or the node selector)            Skip(WindowsPod)
    system namespace, ours, or ignored by settings    Skip(SystemNamespace)
    pod label disabled                                Skip(OptedOut)
    namespace label disabled                          Skip(OptedOut)
    pod label something else than enabled             Skip(InvalidAnnotation)
    pod label enabled                                 in
    namespace label enabled                           in
    the caller counts every pod as opted in           in
    none of these                                     Skip(NotOptedIn)
"""

from webhook.model import Context, Object, Skip
from webhook.names import NAMESPACE, NODE_NAMESPACE
from webhook.reasons import Reason
from webhook.settings import Settings

LABEL = "spanhook.dev/instrument"
ENABLED = "enabled"
DISABLED = "disabled"
MIRROR = "kubernetes.io/config.mirror"

SYSTEM_NAMESPACES = frozenset(
    {"kube-system", "kube-public", "kube-node-lease", NAMESPACE, NODE_NAMESPACE}
)


def refusal(pod: Object, context: Context, settings: Settings) -> Skip | None:
    """Why no container of this pod is looked at, or None when the pod is opted in."""
    metadata = pod.get("metadata") or {}
    if MIRROR in (metadata.get("annotations") or ()):
        return Skip(Reason.MIRROR_POD, f"the annotation {MIRROR} marks it")
    if _windows(pod.get("spec") or {}):
        return Skip(Reason.WINDOWS_POD, "spec.os or the node selector says windows")
    name = context.namespace.name
    if name in SYSTEM_NAMESPACES:
        return Skip(Reason.SYSTEM_NAMESPACE, f"{name} is a system namespace")
    if name in settings.ignored_namespaces:
        return Skip(Reason.SYSTEM_NAMESPACE, f"the settings ignore the namespace {name}")
    return _labels(
        (metadata.get("labels") or {}).get(LABEL),
        context.namespace.labels.get(LABEL),
        opted_in=context.opted_in,
    )


def _labels(pod: str | None, namespace: str | None, *, opted_in: bool) -> Skip | None:
    if pod == DISABLED:
        return Skip(Reason.OPTED_OUT, f"the pod's label {LABEL}={DISABLED}")
    if namespace == DISABLED:
        return Skip(Reason.OPTED_OUT, f"the namespace's label {LABEL}={DISABLED}")
    if pod not in (None, ENABLED):
        return Skip(
            Reason.INVALID_ANNOTATION,
            f'the pod\'s label {LABEL} is "{pod}"; it can be {ENABLED} or {DISABLED}',
        )
    if ENABLED in (pod, namespace) or opted_in:
        return None
    odd = "" if namespace is None else f' (the namespace\'s label is "{namespace}")'
    return Skip(Reason.NOT_OPTED_IN, f"no label {LABEL}={ENABLED}{odd}")


def _windows(spec: Object) -> bool:
    if (spec.get("os") or {}).get("name") == "windows":
        return True
    return (spec.get("nodeSelector") or {}).get("kubernetes.io/os") == "windows"
