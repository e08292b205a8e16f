"""How a command reaches registries: the settings' words, and what its options add to them."""

from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import replace

from console.manifests.errors import InputError
from registry.addresses import literal
from webhook.images import reference
from webhook.settings import ImageInspectionSettings


@dataclass(frozen=True, slots=True)
class Registries:
    """A command's options. `timeout`: seconds for one image, its layers included."""

    plain_http: tuple[str, ...] = ()
    unverified: tuple[str, ...] = ()
    authorities: Path | None = None
    platforms: tuple[str, ...] = ()
    layers: bool = True
    timeout: float = 30.0

    def settings(
        self, given: ImageInspectionSettings, images: tuple[str, ...]
    ) -> ImageInspectionSettings:
        """The settings for asking about images. Raises InputError.

        A registry on this machine may be asked: who types `localhost` here means it. In a cluster
        it would be the webhook's own.
        """
        here = tuple(dict.fromkeys(host for text in images if _is_here(host := _host(text))))
        return replace(
            given,
            plain_http=(*given.plain_http, *self.plain_http),
            unverified=(*given.unverified, *self.unverified),
            local=(*given.local, *here),
            certificate_authorities=given.certificate_authorities + self._certificates(),
            platforms=self.platforms or given.platforms,
        )

    def _certificates(self) -> str:
        if self.authorities is None:
            return ""
        try:
            return "\n" + self.authorities.read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError) as error:
            why = getattr(error, "strerror", None) or "it is no text: certificates are wanted (PEM)"
            raise InputError(f"{self.authorities}: {why}") from error


def _host(text: str) -> str:
    return reference.parse(text).domain


def _is_here(host: str) -> bool:
    """Whether a host with its port is this machine by its very name."""
    name = host if host.endswith("]") else host.rpartition(":")[0] or host
    address = literal(name)
    if address is not None:
        return address.is_loopback
    return name == "localhost" or name.endswith(".localhost")
