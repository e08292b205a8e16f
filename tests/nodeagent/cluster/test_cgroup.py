import pytest

from nodeagent.cluster.cgroup import Place, place

_UID = "2c48913c-b29f-11e7-9350-020968147796"
_LOW = _UID.replace("-", "_")
_ID = "0123456789abcdef" * 4
_OTHER = "f" * 64

_FOUND = {
    "v2-systemd-containerd": (
        f"0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod{_LOW}.slice"
        f"/cri-containerd-{_ID}.scope\n"
    ),
    "v2-systemd-guaranteed": (
        f"0::/kubepods.slice/kubepods-pod{_LOW}.slice/cri-containerd-{_ID}.scope\n"
    ),
    "v2-systemd-crio": (
        "0::/kubepods.slice/kubepods-besteffort.slice"
        f"/kubepods-besteffort-pod{_LOW}.slice/crio-{_ID}.scope\n"
    ),
    "v2-systemd-crio-crun": (
        f"0::/kubepods.slice/kubepods-pod{_LOW}.slice/crio-{_ID}.scope/container\n"
    ),
    "v2-systemd-docker": f"0::/kubepods.slice/kubepods-pod{_LOW}.slice/docker-{_ID}.scope\n",
    "v2-cgroupfs": f"0::/kubepods/besteffort/pod{_UID}/{_ID}\n",
    "v2-cgroupfs-guaranteed": f"0::/kubepods/pod{_UID}/{_ID}\n",
    "v2-own-cgroup-namespace": (
        f"0::/../../../kubepods-besteffort.slice/kubepods-besteffort-pod{_LOW}.slice"
        f"/cri-containerd-{_ID}.scope\n"
    ),
    "v2-own-cgroup-namespace-same-class": (
        f"0::/../../kubepods-besteffort-pod{_LOW}.slice/cri-containerd-{_ID}.scope\n"
    ),
    "v2-own-cgroup-namespace-cgroupfs": f"0::/../../pod{_UID}/{_ID}\n",
    "v2-groups-within": (
        f"0::/kubepods.slice/kubepods-pod{_LOW}.slice/cri-containerd-{_ID}.scope/init.scope\n"
    ),
    "v2-containers-within": f"0::/kubepods/burstable/pod{_UID}/{_ID}/docker/{_OTHER}\n",
    "v2-kind": (
        "0::/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-burstable.slice"
        f"/kubelet-kubepods-burstable-pod{_LOW}.slice/cri-containerd-{_ID}.scope\n"
    ),
    "v1-kind": f"3:cpu:/docker/{_OTHER}/kubelet/kubepods/burstable/pod{_UID}/{_ID}\n",
    "v1-cgroupfs": (
        f"12:pids:/kubepods/burstable/pod{_UID}/{_ID}\n"
        f"11:memory:/kubepods/burstable/pod{_UID}/{_ID}\n"
        f"1:name=systemd:/kubepods/burstable/pod{_UID}/{_ID}\n"
        "0::/\n"
    ),
    "v1-systemd": (
        "11:devices:/kubepods.slice/kubepods-besteffort.slice"
        f"/kubepods-besteffort-pod{_LOW}.slice/docker-{_ID}.scope\n"
    ),
    "v1-one-controller-only": (
        "9:name=systemd:/\n8:pids:/\n"
        f"4:memory:/kubepods/besteffort/pod{_UID}/{_ID}\n3:cpuset:/\n0::/\n"
    ),
    "v1-drivers-disagree": (
        f"8:cpu:/system.slice/containerd.service/kubepods-burstable-pod{_LOW}.slice"
        f":cri-containerd:{_ID}\n"
    ),
}

_NONE = {
    "empty": "",
    "root": "0::/\n",
    "service": "0::/system.slice/containerd.service\n",
    "session": "0::/user.slice/user-1000.slice/session-2.scope\n",
    "docker-alone": f"0::/system.slice/docker-{_ID}.scope\n",
    "pod-itself": f"0::/kubepods.slice/kubepods-pod{_LOW}.slice\n",
    "conmon": (f"0::/kubepods.slice/kubepods-pod{_LOW}.slice/crio-conmon-{_ID}.scope\n"),
    "our-own-pod": f"0::/../cri-containerd-{_ID}.scope\n",
    "short-id": f"0::/kubepods/besteffort/pod{_UID}/{_ID[:12]}\n",
    "long-id": f"0::/kubepods/besteffort/pod{_UID}/{_ID}0\n",
    "no-uid": f"0::/kubepods/besteffort/podium/{_ID}\n",
    "deleted-kata": f"0::/kata_overhead/{_ID}\n",
}


@pytest.mark.parametrize("text", _FOUND.values(), ids=_FOUND.keys())
def test_a_container_is_told(text: str) -> None:
    """By each driver, version and runtime the same."""
    assert place(text) == Place(_UID, _ID)


@pytest.mark.parametrize("text", _NONE.values(), ids=_NONE.keys())
def test_what_is_in_no_container_is_told_apart(text: str) -> None:
    """Services of the node, and what only looks similar."""
    assert place(text) is None


def test_static_pods_have_ids_without_dashes() -> None:
    """The kubelet makes them of what it read, by a digest."""
    uid = "0123456789abcdef0123456789abcdef"
    text = f"0::/kubepods.slice/kubepods-burstable-pod{uid}.slice/cri-containerd-{_ID}.scope\n"

    assert place(text) == Place(uid, _ID)
