"""Who uses which image, kept up to date object by object.

    objects                          pairs                            references
    namespace → (kind, name) → Lean  (namespace, Lean) → its uses     reference → uses, counted

A thousand pods of one workload are one pair, judged once. All objects are kept, so that a namespace
that is opted in later has its images learnt at once. Judging takes time, and whoever asks for it
says how many: admissions are answered by the same event loop.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

from webhook.model import Namespace
from webhook.server.cluster.profiler.objects import Lean
from webhook.server.cluster.profiler.wanted import Use, uses
from webhook.settings import Settings

_Pair = tuple[str, Lean]
_Name = tuple[str, str]
"""Kind and name."""


@dataclass(frozen=True, slots=True)
class Thing:
    """An object that is kept."""

    kind: str
    namespace: str
    name: str
    uid: str = ""


@dataclass(slots=True)
class _Known:
    lean: Lean
    uid: str


@dataclass(slots=True)
class _Uses:
    """What a pair uses, and how many objects are of it."""

    found: tuple[Use, ...] = ()
    objects: int = 0


@dataclass(slots=True)
class Index:
    """`changed` has references that are used anew, otherwise, or no more."""

    namespaces: Mapping[str, Namespace]
    settings: Callable[[], Settings]
    changed: set[str] = field(default_factory=set)
    _objects: dict[str, dict[_Name, _Known]] = field(default_factory=dict)
    _pairs: dict[_Pair, _Uses] = field(default_factory=dict)
    _references: dict[str, Counter[Use]] = field(default_factory=dict)
    _judged: dict[str, tuple[Namespace, Settings]] = field(default_factory=dict)
    """By what each namespace's objects were judged."""
    _fresh: dict[_Pair, None] = field(default_factory=dict)
    """Pairs to be judged, in order."""

    def __len__(self) -> int:
        return sum(map(len, self._objects.values()))

    def put(self, thing: Thing, lean: Lean | None) -> None:
        """An object is there, as it is now; without `lean` it is not there, or wants nothing."""
        objects = self._objects.setdefault(thing.namespace, {})
        name = (thing.kind, thing.name)
        known = objects.pop(name, None)
        if lean is not None:
            objects[name] = _Known(lean, thing.uid)
            if known is not None and known.lean is lean:
                return
            self._count((thing.namespace, lean), 1)
        elif not objects:
            del self._objects[thing.namespace]
        if known is not None:
            self._count((thing.namespace, known.lean), -1)

    def replace(self, kind: str, things: Iterable[tuple[Thing, Lean | None]]) -> None:
        """These are all objects of a kind."""
        gone = {thing for thing in self._things() if thing.kind == kind}
        for thing, lean in things:
            gone.discard(thing)
            self.put(thing, lean)
        for thing in gone:
            if not self._is_replaced(thing):
                self.put(thing, None)

    def uses(self, reference: str) -> tuple[Use, ...]:
        """The uses of an image, each once; none where nobody uses it."""
        return tuple(self._references.get(reference, ()))

    @property
    def references(self) -> tuple[str, ...]:
        """All images that are used."""
        return tuple(self._references)

    @property
    def waiting(self) -> int:
        """How many pairs are to be judged."""
        return len(self._fresh)

    def notice(self) -> None:
        """Take up what changed of namespaces and settings: their pairs are to be judged again."""
        settings = self.settings()
        stale = set()
        for name, by in tuple(self._judged.items()):
            if name not in self._objects:
                del self._judged[name]
            elif by != (now := (self._namespace(name), settings)):
                self._judged[name] = now
                stale.add(name)
        if stale:
            self._fresh |= {pair: None for pair in self._pairs if pair[0] in stale}

    def judge(self, most: int) -> int:
        """Judge so many pairs; how many are left."""
        for pair in tuple(islice(self._fresh, most)):
            del self._fresh[pair]
            known = self._pairs[pair]
            before, known.found = known.found, self._found(pair)
            self._add(known.found)
            self._drop(before)
        return len(self._fresh)

    def user(self, reference: str) -> Thing | None:
        """An object that uses an image: what people wrote rather than a pod."""
        found: Thing | None = None
        for thing, lean in self._leans({use.namespace for use in self.uses(reference)}):
            pair = self._pairs.get((thing.namespace, lean))
            if pair is None or all(use.reference != reference for use in pair.found):
                continue
            if thing.kind != "Pod":
                return thing
            found = found or thing
        return found

    def _things(self) -> Iterator[Thing]:
        return (thing for thing, _ in self._leans(self._objects))

    def _leans(self, namespaces: Iterable[str]) -> Iterator[tuple[Thing, Lean]]:
        for namespace in namespaces:
            for (kind, name), known in self._objects.get(namespace, {}).items():
                yield Thing(kind, namespace, name, known.uid), known.lean

    def _is_replaced(self, thing: Thing) -> bool:
        """Whether another object has its name now."""
        known = self._objects.get(thing.namespace, {}).get((thing.kind, thing.name))
        return known is not None and known.uid != thing.uid

    def _namespace(self, name: str) -> Namespace:
        return self.namespaces.get(name) or Namespace(name)

    def _found(self, pair: _Pair) -> tuple[Use, ...]:
        name, lean = pair
        namespace, settings = self._namespace(name), self.settings()
        # The first that counts: what was judged otherwise since is judged once more.
        self._judged.setdefault(name, (namespace, settings))
        return uses(lean, namespace, settings)

    def _count(self, pair: _Pair, change: int) -> None:
        known = self._pairs.get(pair)
        if known is None:
            known = self._pairs[pair] = _Uses()
            self._fresh[pair] = None
        known.objects += change
        if known.objects == 0:
            del self._pairs[pair]
            self._fresh.pop(pair, None)
            self._drop(known.found)

    def _add(self, found: tuple[Use, ...]) -> None:
        for use in found:
            users = self._references.setdefault(use.reference, Counter())
            users[use] += 1
            if users[use] == 1:
                self.changed.add(use.reference)

    def _drop(self, found: tuple[Use, ...]) -> None:
        for use in found:
            users = self._references[use.reference]
            users[use] -= 1
            if not users[use]:
                del users[use]
                self.changed.add(use.reference)
            if not users:
                del self._references[use.reference]
