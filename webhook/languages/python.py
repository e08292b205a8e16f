"""Python: our bootstrap on PYTHONPATH appends OpenTelemetry's packages behind the application's."""

from webhook.language import Delivery, Language, Merge, Variable
from webhook.settings import image

PYTHON = Language(
    name="python",
    title="Python",
    delivery=Delivery.INIT_CONTAINER,
    oldest=(3, 10),
    image=image("python"),
    variables=(
        Variable(
            name="PYTHONPATH",
            value="/spanhook/python",
            merge=Merge.PREFIX,
            separator=":",
            text_is_harmless=True,
        ),
    ),
    # With the byte code of five Python versions.
    agent_size=56,
    # 45-52 MB resident for Flask with the agent, 31-36 MB without.
    minimum_memory=64,
    # The SDK's default is gRPC, whose exporter is not in the agent: it would send nothing.
    needs_protocol=True,
    start_seconds=1,
)
