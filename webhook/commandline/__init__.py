"""Which program a container's command line starts, looked at through shells, inits and wrappers."""

from webhook.commandline.program import Kind, Program
from webhook.commandline.resolution import CommandLine, resolve
from webhook.commandline.walk import programs

__all__ = ["CommandLine", "Kind", "Program", "programs", "resolve"]
