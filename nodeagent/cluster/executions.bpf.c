/* Processes that begin to run a program, and processes that end. */
#include <uapi/linux/ptrace.h>

enum what {
	EXECUTED,
	ENDED,
};

struct record {
	u32 process;
	u32 what;
};

BPF_RINGBUF_OUTPUT(executions, PAGES);
BPF_ARRAY(untold, u64, 1); /* for which there was no room */

static __always_inline void tell(u32 what)
{
	struct record record = {};
	u64 ids = bpf_get_current_pid_tgid();
	u32 first = 0;
	u64 *count;

	record.process = ids >> 32;
	record.what = what;
	if (what == ENDED && (u32)ids != record.process)
		return; /* a thread, its process goes on */
	if (!executions.ringbuf_output(&record, sizeof(record), BPF_RB_NO_WAKEUP))
		return;
	count = untold.lookup(&first);
	if (count)
		__sync_fetch_and_add(count, 1);
}

int on_exec(struct bpf_raw_tracepoint_args *ctx)
{
	tell(EXECUTED);
	return 0;
}

int on_exit(struct bpf_raw_tracepoint_args *ctx)
{
	tell(ENDED);
	return 0;
}
