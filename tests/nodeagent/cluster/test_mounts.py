from nodeagent.cluster.mounts import container

_UID = "2c48913c-b29f-11e7-9350-020968147796"
_BEFORE = """\
612 523 0:45 / / rw,relatime master:199 - overlay overlay rw,lowerdir=/a,upperdir=/b,workdir=/c
613 612 0:48 / /proc rw,nosuid,nodev,noexec,relatime - proc proc rw
"""


def test_the_kubelets_file_has_the_name() -> None:
    """By its path within the file system that it is on."""
    line = (
        f"620 614 254:1 /var/lib/kubelet/pods/{_UID}/containers/web-2/3d8a4a2b"
        " /dev/termination-log rw,relatime - ext4 /dev/root rw\n"
    )

    assert container(_BEFORE + line, _UID) == "web-2"


def test_the_kubelets_folder_may_be_a_file_system_of_its_own() -> None:
    """Then the path begins there, and the file may be mounted elsewhere."""
    line = f"620 614 254:1 /pods/{_UID}/containers/app/00c0ffee /tmp/why rw - ext4 /dev/sdb rw\n"

    assert container(_BEFORE + line, _UID) == "app"


def test_other_mounts_tell_nothing() -> None:
    """Volumes, and files of another pod's containers."""
    lines = (
        f"620 614 254:1 /pods/{_UID}/volumes/k8s.io~empty-dir/containers/app /data rw - e e\n"
        "621 614 254:1 /pods/11111111-b29f-11e7-9350-020968147796/containers/app/00c0ffee /x rw -\n"
    )

    assert container(_BEFORE + lines, _UID) is None
