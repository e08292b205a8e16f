"""What Spanhook's own objects among manifests tell: images, and what was seen run.

`kubectl get deployments,imageprofiles,instrumentedapplications -A -o yaml` gives all that it takes.
"""

from dataclasses import dataclass, field

from webhook import observed, workloads
from webhook.images import profile
from webhook.model import Image, Object
from webhook.observed import Key, Observed

GROUP = "spanhook.dev"


@dataclass(frozen=True, slots=True)
class Learnt:
    """What is known, as `webhook.model.Facts` has it."""

    images: dict[str, Image] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)
    observed: dict[Key, Observed] = field(default_factory=dict)

    def take(self, one: Object) -> None:
        """Take up what an object tells, if it is ours. Raises ValueError, which names the field."""
        group, kind = workloads.group_kind(one)
        if group == GROUP and kind == "ImageProfile":
            self._image(profile.read(one))
        elif group == GROUP and kind == "InstrumentedApplication":
            self.observed.update(observed.read(one))

    def _image(self, known: profile.Profile) -> None:
        names = [one.name for one in known.references]
        self.digests.update(dict.fromkeys(names, known.digest))
        if known.platforms:
            self.images.update(dict.fromkeys(names, profile.image(known)))
