"""The settings document's words for how registries are reached, as the registry room has them."""

from collections.abc import Mapping
from itertools import groupby

from registry.proxies import Proxies, from_environment
from registry.routes import Route
from registry.settings import Names, Settings
from webhook.settings import VERSION, ImageInspectionSettings, Mirror

USER_AGENT = f"spanhook/{VERSION}"


def reach(settings: ImageInspectionSettings, environment: Mapping[str, str]) -> Settings:
    """How registries are reached; `environment` names the proxies where the settings name none.

    Raises ValueError, which names the field, for what the document's types let through.
    """
    return Settings(
        plain_http=_names(settings.plain_http),
        unverified=_names(settings.unverified),
        local=_names(settings.local),
        authorities=settings.certificate_authorities,
        routes=_routes(settings.mirrors),
        proxies=_proxies(settings, environment),
        user_agent=USER_AGENT,
    )


def _names(hosts: tuple[str, ...]) -> Names:
    return frozenset(host.lower() for host in hosts)


def _routes(mirrors: tuple[Mirror, ...]) -> tuple[Route, ...]:
    """Mirrors of one prefix that follow each other are tried in turn, its own registry last."""
    routes: list[Route] = []
    for prefix, group in groupby(mirrors, key=lambda one: one.prefix):
        same = tuple(group)
        fallback = all(one.fallback for one in same)
        try:
            routes.append(Route(prefix, tuple(one.location for one in same), origin=fallback))
        except ValueError as error:
            raise ValueError(f"imageInspection.mirrors: {error}") from error
    return tuple(routes)


def _proxies(settings: ImageInspectionSettings, environment: Mapping[str, str]) -> Proxies:
    if not settings.proxy:
        return from_environment(environment)
    try:
        return Proxies(settings.proxy, settings.proxy, settings.no_proxy)
    except ValueError as error:
        raise ValueError(f"imageInspection.proxy: {error}") from error
