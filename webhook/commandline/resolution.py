"""The command line that a container starts, by the rules of Kubernetes."""

from webhook.model import Image, Object
from webhook.value import Value


class CommandLine(Value):
    """`argv` and where it came from; `origin` is a phrase for evidence.

    `entrypoint_known` is False where an image that is not known decides what stands before `argv`.
    """

    argv: tuple[str, ...]
    origin: str
    entrypoint_known: bool


def resolve(container: Object, image: Image | None) -> CommandLine:
    """The command line of a container of an image, which is None while it is not known.

    | `command` | `args` | starts                   |
    |-----------|--------|--------------------------|
    | –         | –      | Entrypoint + Cmd         |
    | –         | set    | Entrypoint + args        |
    | set       | –      | command, Cmd is dropped  |
    | set       | set    | command + args           |

    An empty list counts as not set, as the kubelet has it.
    """
    command, args = _words(container, "command"), _words(container, "args")
    if command:
        origin = "command and args" if args else "command"
        return CommandLine(command + args, origin, entrypoint_known=True)
    if image is None or not image.entry_known:
        return CommandLine(args, "args" if args else "nothing", entrypoint_known=False)
    if args:
        origin = "image entrypoint and args" if image.entrypoint else "args"
        return CommandLine(image.entrypoint + args, origin, entrypoint_known=True)
    origin = "image entrypoint" if image.entrypoint else "image command" if image.cmd else "nothing"
    return CommandLine(image.entrypoint + image.cmd, origin, entrypoint_known=True)


def _words(container: Object, field: str) -> tuple[str, ...]:
    """A list of words; what the API server would refuse reads as text rather than as an error."""
    words = container.get(field)
    return tuple(map(str, words)) if isinstance(words, list | tuple) else ()
