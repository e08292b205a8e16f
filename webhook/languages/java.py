"""Java: the OpenTelemetry Java agent, loaded by JAVA_TOOL_OPTIONS."""

from webhook.language import Delivery, Language, Merge, Variable
from webhook.settings import image

JAVA = Language(
    name="java",
    title="Java",
    delivery=Delivery.INIT_CONTAINER,
    oldest=(8,),
    image=image("java"),
    variables=(
        Variable(
            name="JAVA_TOOL_OPTIONS",
            value="-javaagent:/spanhook/java/javaagent.jar",
            merge=Merge.APPEND,
            # Java 8 reads it into a buffer of 1,024 characters, and drops a longer one whole.
            longest=1024,
            longest_until=(9,),
        ),
    ),
    agent_size=27,
    # 156-160 MB for a small service with -Xmx96m and the serial collector; the JVM takes that
    # collector by itself in containers under 1,792 MB.
    minimum_memory=192,
    start_seconds=10,
)
