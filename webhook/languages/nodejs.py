"""Node.js: our bootstrap loads OpenTelemetry for CommonJS and ES modules, by NODE_OPTIONS."""

from webhook.language import Delivery, Language, Merge, Variable
from webhook.settings import image

NODEJS = Language(
    name="nodejs",
    title="Node.js",
    delivery=Delivery.INIT_CONTAINER,
    oldest=(18, 19),
    image=image("nodejs"),
    variables=(
        # --require is accepted by every Node.js; the bootstrap looks at process.version itself.
        Variable(
            name="NODE_OPTIONS",
            value="--require /spanhook/nodejs/bootstrap.js",
            merge=Merge.APPEND,
        ),
        # The default detectors ask cloud metadata services at every start.
        Variable(name="OTEL_NODE_RESOURCE_DETECTORS", value="env,host,os,process"),
    ),
    agent_size=34,
    # 110-117 MB resident for express with the agent, on Node.js 18 to 26; 58-69 MB without.
    minimum_memory=128,
    start_seconds=2,
)
