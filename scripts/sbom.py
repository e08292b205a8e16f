#!/usr/bin/env python3
"""Print a software bill of materials (CycloneDX 1.6) of what pip has just installed.

Usage: sbom.py REPORT, the file that `pip install --report REPORT` wrote. Each package has the hash
of the very file that was installed. Where that came from is left out: it is the builder's business.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

_HASHES = {"sha256": "SHA-256", "sha512": "SHA-512"}


def document(report: dict[str, Any]) -> dict[str, Any]:
    """The bill of materials; equal reports give equal documents."""
    installed = (component(one) for one in report["install"])
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {"type": "application", "name": "spanhook", "bom-ref": "spanhook"}
        },
        "components": sorted(installed, key=lambda one: one["bom-ref"]),
    }


def component(installed: dict[str, Any]) -> dict[str, Any]:
    """One entry of the report's `install`."""
    metadata = installed["metadata"]
    # As the purl specification wants it.
    name, version = re.sub(r"[-_.]+", "-", metadata["name"]).lower(), metadata["version"]
    reference = f"pkg:pypi/{name}@{version}"
    found: dict[str, Any] = {
        "type": "library",
        "bom-ref": reference,
        "name": name,
        "version": version,
        "purl": reference,
        "hashes": [
            {"alg": _HASHES[kind], "content": content}
            for kind, content in installed["download_info"]["archive_info"]["hashes"].items()
        ],
    }
    if licence := _licence(metadata):
        found["licenses"] = [licence]
    return found


def _licence(metadata: dict[str, Any]) -> dict[str, Any] | None:
    """As an SPDX expression where the package has one (PEP 639), else its own words on one line."""
    if expression := metadata.get("license_expression"):
        return {"expression": expression}
    words = (metadata.get("license") or "").strip()
    if not words or "\n" in words:  # some put the whole text there
        return None
    return {"license": {"name": words}}


if __name__ == "__main__":
    report = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    json.dump(document(report), sys.stdout, indent=1)
