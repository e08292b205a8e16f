"""InstrumentedApplications: what is there and what was seen, put together. Pure.

All node agents write as one manager of fields. One for each node would keep nodes apart just as
well, but a DaemonSet of a thousand nodes would have a thousand managers in one object, and those of
nodes that are gone for ever. So each reads, adds its own entries to those that are there, and says
which version it read: who comes second is told so (409), and reads again.

entry                                   what becomes of it
--------------------------------------  -----------------------------------------------------------
seen by us                              ours, seen today
of another container or image           stays as it is, fields that we do not know with it
not seen for 90 days                    goes; so do the oldest of more than 64
all others of a node, and its owners    go: its agent alone speaks of it, they are its predecessor's
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from nodeagent.observing.application import Owner, Seen
from nodeagent.observing.observation import Observation
from webhook.model import EMPTY, Object
from webhook.observed.document import (
    AGENTS,
    ENTRIES,
    PROBES,
    WORDS,
    LanguageDocument,
    ObservationDocument,
    ProbeDocument,
)
from webhook.observed.node import KIND as NODE

API_VERSION = "spanhook.dev/v1alpha1"
KIND = "InstrumentedApplication"
OWNERS = 16
_KEPT = timedelta(days=90)
_SHORT, _TEXT, _LONG = 64, 256, 1024
_LIBC = frozenset(("glibc", "musl", "static"))

Entry = dict[str, Any]
_Name = tuple[str, str]


def merged(found: Object | None, seen: Sequence[Seen], now: datetime) -> dict[str, Any]:
    """The object with what was seen of its workload (at least one); `now` is UTC.

    It is equal to `found`, as `plain` has that, where nothing is new.
    """
    workload = seen[0].workload
    before = plain(found) if found is not None and workload.kind != NODE else {}
    languages = _entries(before.get("spec", {}).get("languages"))
    observations = _entries(before.get("status", {}).get("observations"))
    for one in seen:
        languages[one.container, one.digest] = _language(one)
        observations[one.container, one.digest] = _observation(one, now)
    kept = _kept(languages, observations, now)
    languages = {name: languages[name] for name in kept if name in languages}
    observations = {name: observations[name] for name in kept if name in observations}
    return {
        "apiVersion": API_VERSION,
        "kind": KIND,
        "metadata": {
            "name": workload.object_name,
            "namespace": workload.namespace,
            "ownerReferences": _owners(before, seen),
        },
        "spec": {
            "workload": {"kind": workload.kind, "name": workload.name},
            "languages": list(languages.values()),
        },
        "status": {
            "summary": _summary(languages, observations),
            "observations": list(observations.values()),
        },
    }


def plain(found: Object) -> dict[str, Any]:
    """An object of the cluster without what the API server adds, its lists in our order."""
    metadata, spec, status = (dict(found.get(key) or {}) for key in ("metadata", "spec", "status"))
    for part, key in ((spec, "languages"), (status, "observations")):
        part[key] = list(dict(sorted(_entries(part.get(key)).items())).values())
    return {
        "apiVersion": API_VERSION,
        "kind": KIND,
        "metadata": {
            "name": metadata.get("name"),
            "namespace": metadata.get("namespace"),
            "ownerReferences": list(metadata.get("ownerReferences") or ()),
        },
        "spec": spec,
        "status": status,
    }


def _entries(found: Iterable[Entry] | None) -> dict[_Name, Entry]:
    return {(one.get("containerName", ""), one.get("digest", "")): one for one in found or ()}


def _kept(
    languages: Mapping[_Name, Entry], observations: Mapping[_Name, Entry], now: datetime
) -> list[_Name]:
    """The entries that stay, in order; one without an observation may just be being written."""
    oldest = _second(now - _KEPT)
    seen = {name: observations.get(name, EMPTY).get("lastSeen", oldest) for name in languages}
    young = sorted((name for name, at in seen.items() if at >= oldest), key=seen.__getitem__)
    return sorted(young[-ENTRIES:])


def _language(one: Seen) -> Entry:
    observation = one.observation
    return _written(
        LanguageDocument(
            one.container,
            one.digest,
            observation.language,
            observation.process_name[:_TEXT],
            one.started or None,
        )
    )


def _observation(one: Seen, now: datetime) -> Entry:
    known: Observation = one.observation
    return _written(
        ObservationDocument(
            one.container,
            one.digest,
            now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0),
            known.version[:_SHORT],
            known.libc if known.libc in _LIBC else None,  # type: ignore[arg-type]  # it is one of them
            [agent[:_SHORT] for agent in known.agents[:AGENTS]],
            [word[:_TEXT] for word in known.command[:WORDS]],
            [
                ProbeDocument(name[:_SHORT], state[:_TEXT])
                for name, state in sorted(known.probes.items())[:PROBES]
            ],
        )
    )


def _written(document: LanguageDocument | ObservationDocument) -> Entry:
    entry: Entry = msgspec.to_builtins(document)
    return entry


def _second(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _owners(before: Object, seen: Iterable[Seen]) -> list[Entry]:
    """Those that are there, and those of our pods: the garbage collector takes out who is gone."""
    there = before.get("metadata", EMPTY).get("ownerReferences", ())
    ours = (_reference(one.owner) for one in seen if one.owner is not None)
    by_uid = {one["uid"]: one for one in (*there, *ours)}
    return list(by_uid.values())[-OWNERS:]


def _reference(owner: Owner) -> Entry:
    return {
        "apiVersion": owner.api_version,
        "kind": owner.kind,
        "name": owner.name,
        "uid": owner.uid,
    }


def _summary(languages: Mapping[_Name, Entry], observations: Mapping[_Name, Entry]) -> str:
    """For each container what was seen last: `app: java 21.0.4, proxy: nginx`."""
    newest: dict[str, _Name] = {}
    for name in languages:
        before = newest.get(name[0])
        if before is None or _last(observations, before) <= _last(observations, name):
            newest[name[0]] = name
    said = (
        f"{container}: {_runs(languages[name], observations.get(name, EMPTY))}"
        for container, name in newest.items()
    )
    return ", ".join(said)[:_LONG]


def _last(observations: Mapping[_Name, Entry], name: _Name) -> str:
    return str(observations.get(name, EMPTY).get("lastSeen", ""))


def _runs(language: Object, observation: Object) -> str:
    what = language.get("language") or language.get("processName") or "?"
    return " ".join(filter(None, (what, observation.get("version"))))
