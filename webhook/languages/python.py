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
    agent_size=60,
    # 50-52 MB for Flask with the agent, 36 without.
    minimum_memory=64,
    # The SDK's default is gRPC, whose exporter is not in the agent: it would send nothing.
    needs_protocol=True,
    start_seconds=1,
)
