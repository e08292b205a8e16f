"""Which command lines layers are asked about."""

from inspection.judgement import judge
from webhook.images.layers import Start
from webhook.images.layers.start import PATH
from webhook.images.profile import command_key
from webhook.model import Image, Object
from webhook.reasons import Reason


def start(container: Object, image: Image) -> Start | None:
    """What a container starts, for the layers to tell; None where they could tell nothing needed.

    They are asked where nothing decides the language, or where its agent has to know a version that
    nothing tells. What they told already is not asked again.
    """
    judged = judge(container, image)
    argv = judged.line.argv
    key = command_key(argv, container)
    if not argv or not judged.line.entrypoint_known or key in image.layers:
        return None
    if judged.language is None:
        is_open = judged.skip is not None and judged.skip.reason is Reason.LANGUAGE_UNKNOWN
    else:
        is_open = judged.lacks_version
    if not is_open:
        return None
    directory = container.get("workingDir") or image.working_directory or "/"
    version = judged.version if judged.language else None
    return Start(argv, str(directory), _path(container, image), version, judged.libc, key)


def _path(container: Object, image: Image) -> str:
    """PATH as the container has it, where its own `env` says it plainly; else the image's."""
    entries = container.get("env")
    for entry in reversed(entries if isinstance(entries, list) else []):
        if isinstance(entry, dict) and entry.get("name") == "PATH" and entry.get("value"):
            return str(entry["value"])
    return image.environment.get("PATH") or PATH
