"""What all rules say, in order."""

from console.status import documents
from console.status.known import Known, Rule
from console.status.model import Finding, Section, Severity
from console.status.rules import certificates, images, nodes, pods, webhook

RULES: tuple[tuple[Section, tuple[Rule, ...]], ...] = (
    ("webhook", webhook.RULES),
    ("certificates", certificates.RULES),
    ("images", images.RULES),
    ("nodes", nodes.RULES),
    ("pods", pods.RULES),
)


def findings(known: Known) -> tuple[Finding, ...]:
    """What all rules say, problems of a section first."""
    if not_installed(known):
        return (Finding("webhook", Severity.PROBLEM, _NOT_INSTALLED.format(known.namespace)),)
    found = [
        Finding(section, severity, message)
        for section, rules in RULES
        for rule in rules
        for severity, message in rule(known)
    ]
    return tuple(sorted(found, key=_order))


_NOT_INSTALLED = (
    "Spanhook is not installed: there is no MutatingWebhookConfiguration spanhook and no Deployment"
    " {}/spanhook-webhook."
)


def not_installed(known: Known) -> bool:
    """Whether nothing of an installation is there, as far as that could be read."""
    webhook = known.webhook
    return (
        webhook.registered is False
        and webhook.deployment is None
        and known.was_read(documents.DEPLOYMENT)
    )


def _order(finding: Finding) -> tuple[int, bool]:
    sections = [name for name, _ in RULES]
    return sections.index(finding.section), finding.severity is Severity.NOTE
