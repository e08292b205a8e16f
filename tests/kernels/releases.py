"""The kernels that tests run on, each as Debian's package of a suite."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Release:
    """A series of Linux, and the suite of Debian that has it as `linux-image-cloud-amd64`."""

    series: str
    suite: str


RELEASES = (
    Release("5.10", "bullseye"),  # uprobes as perf events; the oldest that is maintained
    Release("6.1", "bookworm"),
    Release("6.12", "trixie"),  # uprobes as links of BPF
)
PACKAGE = "linux-image-cloud-amd64"
