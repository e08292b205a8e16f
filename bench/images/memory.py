"""Resident memory of many known images: `python -m bench.images.memory COUNT` prints the bytes."""

import gc
import json
import os
import subprocess
import sys

from bench.processes import Process
from webhook.images.configuration import read
from webhook.images.reference import canonical

COUNT = 10_000
_DIGEST = "sha256:{:064x}"


def measured(count: int = COUNT) -> int:
    """The bytes, from a process of its own: what others left behind is not counted."""
    command = [sys.executable, "-m", "bench.images.memory", str(count)]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def _document(number: int) -> object:
    """A usual configuration. Parsed anew, as from a registry: no two images share their texts."""
    config = {
        "Env": [
            "PATH=/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin",
            "LANG=C.UTF-8",
            f"PYTHON_VERSION=3.{10 + number % 5}.{number % 20}",
            f"APP_RELEASE={number}",
        ],
        "Entrypoint": ["/usr/local/bin/docker-entrypoint.sh"],
        "Cmd": ["gunicorn", "--bind=0.0.0.0:8000", f"shop{number}.wsgi"],
        "Labels": {"org.opencontainers.image.revision": f"{number:040x}"},
        "WorkingDir": "/app",
    }
    history = [
        {"created_by": "RUN # debian.sh --arch 'amd64' out/ 'trixie' '@1785715200'"},
        {"created_by": f"RUN pip install --requirement requirements-{number}.txt"},
    ]
    document = {"architecture": "amd64", "os": "linux", "config": config, "history": history}
    return json.loads(json.dumps(document))


def main(count: str) -> None:
    """Print how much resident memory grows."""
    process = Process(os.getpid())
    kept = {canonical("registry.example/warm:1"): read(_document(0))}
    gc.collect()
    before = process.resident_bytes
    for number in range(int(count)):
        text = f"registry.example/team/app{number}@{_DIGEST.format(number)}"
        kept[canonical(text)] = read(_document(number))
    gc.collect()
    print(process.resident_bytes - before)


if __name__ == "__main__":
    main(*sys.argv[1:])
