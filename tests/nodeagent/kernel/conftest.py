"""What tests need that load programs into the kernel."""

from collections.abc import Iterator

import pytest

from nodeagent.kernel.compiler import Loaded, load
from tests.nodeagent.machine import require_tracing

_SOURCE = """
#include <uapi/linux/ptrace.h>
BPF_HASH(numbers, u32, u64, 4);
BPF_ARRAY(calls, u64, 1);
BPF_RINGBUF_OUTPUT(records, 1);

int on_call(struct pt_regs *ctx)
{
	u32 first = 0, size;
	u64 *count = calls.lookup(&first);
	u64 record[3] = {};

	if (!count)
		return 0;
	record[0] = *count;
	record[1] = bpf_get_current_pid_tgid() >> 32;
	size = record[0] & 1 ? 24 : 20;
	*count = record[0] + 1;
	records.ringbuf_output(&record, size, BPF_RB_NO_WAKEUP);
	return 0;
}
"""


@pytest.fixture(name="loaded", scope="session")
def fixture_loaded() -> Iterator[Loaded]:
    """A program that counts its calls and writes a record of 20 or 24 bytes for each."""
    require_tracing()
    loaded = load(_SOURCE, ["on_call"], ["numbers", "calls", "records"])
    yield loaded
    loaded.close()
