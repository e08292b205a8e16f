"""Rights, as roles grant them and as a process used them by the API server's own audit log."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from http import HTTPStatus
from pathlib import Path
from typing import Any

from tests.manifests.installation import Object

WEBHOOK = "system:serviceaccount:spanhook-system:spanhook-webhook"
NODE_AGENT = "system:serviceaccount:spanhook-node:spanhook-node-agent"

_POLICY = """\
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
  - level: Metadata
    users: ["{account}"]
  - level: None
"""

# What every account may ask, whatever its roles say (system:discovery, system:basic-user).
_EVERYBODYS = frozenset({"", "selfsubjectreviews", "selfsubjectaccessreviews"})


@dataclass(frozen=True, slots=True, order=True)
class Right:
    """One verb on one resource; `name` is empty for any, `namespace` for the whole cluster."""

    group: str
    resource: str
    verb: str
    name: str = ""
    namespace: str = ""


def granted(things: Iterable[Object]) -> Iterator[Right]:
    """What the roles among these objects allow."""
    for thing in things:
        if thing["kind"] not in {"Role", "ClusterRole"}:
            continue
        namespace = thing["metadata"].get("namespace", "")
        for rule in thing["rules"]:
            yield from (
                Right(group, resource, verb, name, namespace)
                for group in rule["apiGroups"]
                for resource in rule["resources"]
                for verb in rule["verbs"]
                for name in rule.get("resourceNames", [""])
            )


@dataclass(frozen=True, slots=True)
class Audit:
    """The audit log of an API server: what one account asked for."""

    directory: Path
    account: str = WEBHOOK
    begin: int = 0
    """How many of its entries do not count: they are older."""

    def since_now(self) -> "Audit":
        """What will be written from now on."""
        return replace(self, begin=self.begin + len(self.entries()))

    @property
    def flags(self) -> tuple[str, ...]:
        """What kube-apiserver is started with; writes the policy."""
        policy = self.directory / "audit-policy.yaml"
        policy.write_text(_POLICY.format(account=self.account))
        return (f"--audit-policy-file={policy}", f"--audit-log-path={self._log}")

    @property
    def _log(self) -> Path:
        return self.directory / "audit.log"

    def entries(self) -> list[dict[str, Any]]:
        """Everything that the account asked for, answered."""
        if not self._log.exists():
            return []
        return [json.loads(line) for line in self._log.read_text().splitlines()[self.begin :]]

    def used(self) -> set[Right]:
        """What the account did and was allowed to."""
        entries = [entry for entry in self.entries() if _allowed(entry) and _counts(entry)]
        # To apply what is not there takes the right to create as well.
        made = [entry | {"verb": "create"} for entry in entries if _has_made(entry)]
        return {_right(entry) for entry in (*entries, *made)}

    def refused(self) -> list[str]:
        """What the account asked for in vain: verb and address."""
        return [
            f"{entry['verb']} {entry['requestURI']}"
            for entry in self.entries()
            if not _allowed(entry)
        ]


def unused(rights: Iterable[Right], used: set[Right]) -> list[Right]:
    """The rights that nothing which was done needed."""
    return sorted(right for right in rights if not any(_covers(right, one) for one in used))


def beyond(rights: Iterable[Right], used: set[Right]) -> list[Right]:
    """What was done that no right covers; somebody else's role must have allowed it."""
    known = tuple(rights)
    return sorted(one for one in used if not any(_covers(right, one) for right in known))


def _covers(right: Right, used: Right) -> bool:
    same = (right.group, right.resource, right.verb) == (used.group, used.resource, used.verb)
    return same and right.name in {"", used.name} and right.namespace in {"", used.namespace}


def _allowed(entry: dict[str, Any]) -> bool:
    return bool(entry["annotations"]["authorization.k8s.io/decision"] == "allow")


def _has_made(entry: dict[str, Any]) -> bool:
    return (entry["verb"], entry["responseStatus"]["code"]) == ("patch", HTTPStatus.CREATED)


def _counts(entry: dict[str, Any]) -> bool:
    return entry.get("objectRef", {}).get("resource", "") not in _EVERYBODYS


def _right(entry: dict[str, Any]) -> Right:
    asked = entry["objectRef"]
    resource = "/".join(filter(None, (asked["resource"], asked.get("subresource"))))
    return Right(
        asked.get("apiGroup", ""),
        resource,
        entry["verb"],
        asked.get("name", ""),
        asked.get("namespace", ""),
    )
