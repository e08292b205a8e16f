"""What a process may have of the kernel's memory."""

import resource

_WITHOUT_END = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)


def lift_locked_memory() -> bool:
    """Whether this process may lock any amount of memory; False where it may not ask for that.

    Maps and programs count as locked memory before Linux 5.11, and who has too little is told that
    the operation is not permitted. A higher limit than there is takes the capability SYS_RESOURCE.
    """
    try:
        resource.setrlimit(resource.RLIMIT_MEMLOCK, _WITHOUT_END)
    except (OSError, ValueError):
        return False
    return True
