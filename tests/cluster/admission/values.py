"""What is put into the fields of a pod where a value of the right type would not do."""

from collections.abc import Callable, Mapping
from typing import Any

Json = dict[str, Any]

UNIONS: Mapping[str, tuple[str, ...]] = {
    "Volume": (),
    "VolumeProjection": (),
    "EnvVar": ("value", "valueFrom"),
    "EnvVarSource": (),
    "EnvFromSource": (),
    "Probe": (),
    "LifecycleHandler": (),
    "DownwardAPIVolumeFile": (),
    "PodResourceClaim": ("resourceClaimName", "resourceClaimTemplateName"),
    "VolumeMount": ("subPath", "subPathExpr"),
}
"""Types of whose fields one at a time may be there: those named, else all that are objects."""

WHOLE: Mapping[str, Any] = {
    "Quantity": "1",
    "IntOrString": 80,
    "Time": "2026-11-23T12:00:00Z",
    "OwnerReference": {"apiVersion": "v1", "kind": "Node", "name": "node-1", "uid": "u"},
    "LabelSelectorRequirement": {"key": "a", "operator": "In", "values": ["b"]},
    "NodeSelectorRequirement": {"key": "a", "operator": "In", "values": ["b"]},
    "ResourceRequirements": {
        "requests": {"cpu": "100m", "memory": "256Mi"},
        "limits": {"cpu": "200m", "memory": "512Mi"},
    },
}
"""Values of types."""


RUNTIME_CLASS: Json = {
    "apiVersion": "node.k8s.io/v1",
    "kind": "RuntimeClass",
    "metadata": {"name": "every-field"},
    "handler": "every-field",
    "overhead": {"podFixed": {"cpu": "10m", "memory": "10Mi"}},
}
"""What a pod has to refer to, to have an overhead."""


def _named(prefix: str) -> Callable[[int], str]:
    return lambda number: f"{prefix}-{number}"


VALUES: Mapping[str, Any] = {
    "name": _named("name"),
    "mountPath": _named("/mnt/path"),
    "devicePath": _named("/dev/block"),
    "path": _named("path"),
    "containerPort": lambda number: 1000 + number,
    "fieldPath": "metadata.labels['a']",
    "apiVersion": "v1",
    "resource": "limits.cpu",
    "divisor": "1m",
    "hostIP": "192.0.2.1",
    "certificateChainPath": _named("chain"),
    "credentialBundlePath": _named("bundle"),
    "keyPath": _named("key"),
    "topologyKey": lambda number: f"example.com/zone-{number}",
    "ip": "192.0.2.1",
    "hostname": "cart",
    "fsType": "ext4",
    "user": 1000,
    "defaultUser": 1000,
    "runAsUser": 1000,
    "PodSpec.dnsPolicy": "ClusterFirst",
    "PodSpec.os": {"name": "linux"},
    "PodSpec.restartPolicy": "Always",
    "PodSpec.serviceAccountName": "default",
    "PodSpec.serviceAccount": "default",
    "PodSpec.preemptionPolicy": "PreemptLowerPriority",
    "PodSpec.ephemeralContainers": None,
    "PodSpec.resources": {
        "requests": {"cpu": "2", "memory": "4Gi"},
        "limits": {"cpu": "4", "memory": "8Gi"},
    },
    "PodAffinityTerm.mismatchLabelKeys": ["other"],
    "PodDNSConfig.nameservers": ["192.0.2.53"],
    "FlockerVolumeSource.datasetUUID": None,
    "PodSecurityContext.windowsOptions": None,
    "SecurityContext.windowsOptions": None,
    "PodSpec.priority": 2_000_000_000,
    "PodSpec.priorityClassName": "system-cluster-critical",
    "PodSpec.runtimeClassName": RUNTIME_CLASS["metadata"]["name"],
    "PodSpec.overhead": RUNTIME_CLASS["overhead"]["podFixed"],
    "Container.imagePullPolicy": "IfNotPresent",
    "Container.terminationMessagePolicy": "File",
    "Container.restartPolicy": "Always",
    "ContainerPort.protocol": "TCP",
    "ContainerPort.name": lambda number: f"port-{number}",
    "ContainerPort.hostPort": None,
    "ContainerResizePolicy.resourceName": "cpu",
    "ContainerResizePolicy.restartPolicy": "NotRequired",
    "NodeSelectorTerm.matchFields": [
        {"key": "metadata.name", "operator": "In", "values": ["node-1"]}
    ],
    "Toleration.operator": "Exists",
    "Toleration.effect": "NoExecute",
    "Toleration.value": None,
    "Sysctl.name": "kernel.shm_rmid_forced",
    "SecurityContext.procMount": "Default",
    "SecurityContext.privileged": None,
    "PodSecurityContext.fsGroupChangePolicy": "OnRootMismatch",
    "PodSecurityContext.supplementalGroupsPolicy": "Merge",
    "PodSecurityContext.seLinuxChangePolicy": "Recursive",
    "AppArmorProfile.type": "Localhost",
    "SeccompProfile.type": "Localhost",
    "SeccompProfile.localhostProfile": "profile.json",
    "Capabilities.drop": ["ALL"],
    "Capabilities.add": ["NET_BIND_SERVICE"],
    "HTTPGetAction.scheme": "HTTPS",
    "HTTPGetAction.path": "/healthz",
    "Probe.successThreshold": 1,
    "TopologySpreadConstraint.whenUnsatisfiable": "DoNotSchedule",
    "TopologySpreadConstraint.nodeAffinityPolicy": "Honor",
    "TopologySpreadConstraint.nodeTaintsPolicy": "Honor",
    "VolumeMount.mountPropagation": "None",
    "VolumeMount.recursiveReadOnly": "IfPossible",
    "VolumeMount.name": "data",
    "VolumeDevice.name": "block",
    "EmptyDirVolumeSource.medium": "Memory",
    "HostPathVolumeSource.path": "/var/data",
    "HostPathVolumeSource.type": "Directory",
    "NFSVolumeSource.path": "/exports",
    "ImageVolumeSource.pullPolicy": "IfNotPresent",
    "AzureDiskVolumeSource.kind": "Managed",
    "AzureDiskVolumeSource.diskURI": "/subscriptions/disk",
    "AzureDiskVolumeSource.cachingMode": "ReadOnly",
    "ISCSIVolumeSource.iqn": "iqn.2026-11.com.example:disk",
    "ISCSIVolumeSource.initiatorName": "iqn.2026-11.com.example:initiator",
    "ISCSIVolumeSource.targetPortal": "192.0.2.1:3260",
    "PersistentVolumeClaimSpec.accessModes": ["ReadWriteOnce"],
    "PersistentVolumeClaimSpec.volumeMode": "Filesystem",
    "PersistentVolumeClaimSpec.resources": {"requests": {"storage": "1Gi"}},
    "PersistentVolumeClaimSpec.dataSource": None,
    "PersistentVolumeClaimTemplate.metadata": {"labels": {"a": "b"}},
    "ServiceAccountTokenProjection.expirationSeconds": 3600,
    "Lifecycle.stopSignal": "SIGTERM",
    "ContainerRestartRule.action": "Restart",
    "ContainerRestartRuleOnExitCodes.operator": "In",
    "DownwardAPIVolumeFile.resourceFieldRef": {
        "containerName": "python", "resource": "limits.cpu", "divisor": "1m",
    },
    "FCVolumeSource.wwids": None,
    "PodCertificateProjection.keyType": "ED25519",
    "PodCertificateProjection.maxExpirationSeconds": 86400,
    "PodCertificateProjection.signerName": "example.com/signer",
    "ClusterTrustBundleProjection.signerName": "example.com/signer",
    "ClusterTrustBundleProjection.name": None,
    "FileKeySelector.volumeName": "files",
    "QuobyteVolumeSource.registry": "192.0.2.1:7861",
}  # fmt: skip
"""Values of fields, by type and name or by name; None leaves out what excludes another field. A
function gets a number that no other value has."""


SHARED: Mapping[str, Any] = {
    "PodSpec.hostIPC": None,
    "PodSpec.hostNetwork": None,
    "PodSpec.hostPID": None,
    "PodSpec.nodeName": None,
    "PodSpec.setHostnameAsFQDN": None,
}
HOST: Mapping[str, Any] = {
    "PodSpec.hostnameOverride": None,
    "PodSpec.schedulingGates": None,
    "PodSpec.shareProcessNamespace": None,
    "PodSecurityContext.sysctls": None,
    "PodSpec.nodeName": "node-1",
}
"""What goes together: two pods have, between them, what excludes each other."""
