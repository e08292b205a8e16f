"""Resident memory of the profiles that a replica watches.

`python -m bench.images.memory FOLDER` prints the bytes; the folder has the API server's pages.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from bench.images.figures import Memory
from tests.webhook.server.cluster.images.measure import PROFILES, listed, pages, resident
from tests.webhook.server.cluster.recording import Recording
from webhook.server.cluster.profiles import Profiles


def measured() -> Memory:
    """Measured in a process of its own: what making the pages left behind is not counted."""
    with tempfile.TemporaryDirectory(prefix="spanhook-bench-") as name:
        for number, page in enumerate(pages()):
            (Path(name) / f"{number:04}").write_bytes(page)
        command = [sys.executable, "-m", "bench.images.memory", name]
        found = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return Memory(PROFILES, int(found))


def main(folder: str) -> None:
    """Print the bytes, the pages having come twice: a list anew must not take more."""
    recording = Recording()
    store = Profiles(recording.log, recording.telemetry)
    before = resident()
    for _ in range(2):
        store.replaced(listed(Path(folder)))
    print(resident() - before)


if __name__ == "__main__":
    main(*sys.argv[1:])
