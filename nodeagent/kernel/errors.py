"""What the kernel, or the compiler before it, can refuse."""


class KernelError(Exception):
    """A system call was refused: which one, and what the kernel said."""


class CompilerError(Exception):
    """There is no compiler, or it or the kernel did not take a program; says why."""
