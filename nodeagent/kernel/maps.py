"""Maps that BPF programs and we share."""

import ctypes
import struct
from dataclasses import dataclass

from nodeagent.kernel import syscalls
from nodeagent.kernel.errors import KernelError

_LOOKUP, _UPDATE, _DELETE = 1, 2, 3

# The beginning of union bpf_attr for these commands: map_fd, key, value, flags.
_ATTRIBUTES = struct.Struct("=IxxxxQQQ")


@dataclass(frozen=True, slots=True)
class Map:
    """A map of the kernel's by its file descriptor: keys and values of fixed sizes, in bytes."""

    descriptor: int
    key_size: int
    value_size: int

    def put(self, key: bytes, value: bytes) -> None:
        """Set what is kept under the key. Raises KernelError, also when the map is full."""
        self._command(_UPDATE, key, ctypes.create_string_buffer(value, self.value_size))

    def get(self, key: bytes) -> bytes | None:
        """What is kept under the key."""
        value = ctypes.create_string_buffer(self.value_size)
        return value.raw if self._command(_LOOKUP, key, value) else None

    def delete(self, key: bytes) -> None:
        """Forget the key; nothing happens when it is not there."""
        self._command(_DELETE, key, None)

    def _command(self, command: int, key: bytes, value: ctypes.Array[ctypes.c_char] | None) -> bool:
        """Returns whether the key was there. Raises KernelError."""
        held = ctypes.create_string_buffer(key, self.key_size)
        place = ctypes.addressof(value) if value is not None else 0
        packed = _ATTRIBUTES.pack(self.descriptor, ctypes.addressof(held), place, 0)
        try:
            syscalls.call("bpf", command, ctypes.create_string_buffer(packed), len(packed))
        except FileNotFoundError:
            return False
        except OSError as error:
            raise KernelError(f"bpf map: {error.strerror}") from error
        return True
