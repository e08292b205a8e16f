/* What all probes of Go programs share: registers, strings, maps, spans under way.
 *
 * A program runs on a goroutine of a traced process. It must not fault, so it reads with
 * bpf_probe_read_user, which answers with an error instead; and since uprobes may be preempted, nothing
 * is kept per processor: a span's record lives in its map from the start, where only its own goroutine
 * writes to it.
 */
#include <uapi/linux/ptrace.h>

/* Go's calling convention since 1.17, https://go.dev/s/regabi: integer arguments in these registers,
 * the goroutine in a register of its own. Results come back in the registers of the arguments. */
#if defined(__aarch64__)
#define GO_ARGUMENT_1(ctx) ((ctx)->regs[0])
#define GO_ARGUMENT_2(ctx) ((ctx)->regs[1])
#define GO_ARGUMENT_3(ctx) ((ctx)->regs[2])
#define GO_ARGUMENT_4(ctx) ((ctx)->regs[3])
#define GO_ARGUMENT_5(ctx) ((ctx)->regs[4])
#define GO_ARGUMENT_6(ctx) ((ctx)->regs[5])
#define GO_ARGUMENT_7(ctx) ((ctx)->regs[6])
#define GO_ARGUMENT_8(ctx) ((ctx)->regs[7])
#define GO_ARGUMENT_9(ctx) ((ctx)->regs[8])
#define GO_GOROUTINE(ctx) ((ctx)->regs[28])
#else
#define GO_ARGUMENT_1(ctx) ((ctx)->ax)
#define GO_ARGUMENT_2(ctx) ((ctx)->bx)
#define GO_ARGUMENT_3(ctx) ((ctx)->cx)
#define GO_ARGUMENT_4(ctx) ((ctx)->di)
#define GO_ARGUMENT_5(ctx) ((ctx)->si)
#define GO_ARGUMENT_6(ctx) ((ctx)->r8)
#define GO_ARGUMENT_7(ctx) ((ctx)->r9)
#define GO_ARGUMENT_8(ctx) ((ctx)->r10)
#define GO_ARGUMENT_9(ctx) ((ctx)->r11)
#define GO_GOROUTINE(ctx) ((ctx)->r14)
#endif

/* In place of an offset: this binary has no such field. */
#define ABSENT 0xffffffff

#define offsetof(type, member) __builtin_offsetof(type, member)

/* The fields of a binary, by the names that the probes gave them: see layout.py, which writes it. */
struct binary {
	BINARY_FIELDS
};

struct process {
	u32 binary;
	u32 spare;
	u64 threshold; /* a new trace is sampled when 63 bits of its id are below it */
};

struct go_string {
	u64 data;
	u64 length;
};

enum counter {
	LOST,	    /* spans for which the ring buffer had no room */
	REPLACED,   /* spans that never ended: their goroutine began another */
	UNTRACKED,  /* spans that could not be begun */
	UNREAD,	    /* strings whose memory was not there */
	UNBEGUN,    /* spans that ended, and whose begin is not known: it was before we were here, or there were
		     * too many others since */
	UNSEARCHED, /* requests with more headers, or calls with more contexts, than are looked through for a parent */
	COUNTERS,
};

BPF_HASH(processes, u32, struct process, MAX_PROCESSES);
BPF_ARRAY(binaries, struct binary, MAX_BINARIES);
BPF_ARRAY(counters, u64, COUNTERS);
BPF_RINGBUF_OUTPUT(events, EVENT_PAGES);

static __always_inline void count(u32 counter)
{
	u64 *value = counters.lookup(&counter);

	if (value)
		__sync_fetch_and_add(value, 1);
}

static __always_inline u32 current_process(void)
{
	return bpf_get_current_pid_tgid() >> 32;
}

/* The same value, of which the compiler knows nothing.
 *
 * Where a loop ends at the smaller of two bounds it would count down from that, and kernels before 6.8 do not
 * see that such a loop ends. And where a loop reads a field that nothing has changed before it, it would read
 * that in front of the loop and again at its end: Linux 5.10 and 6.1.176 take no program where a loop goes back
 * to its begin by anything but a jump ("back-edge"; tests/nodeagent/probes/test_loops.py).
 */
static __always_inline u64 opaque(u64 value)
{
	asm volatile("" : "+r"(value));
	return value;
}

static __always_inline u64 read_word(u64 address)
{
	u64 word = 0;

	bpf_probe_read_user(&word, sizeof(word), (void *)address);
	return word;
}

static __always_inline void draw(void *to, const u32 words)
{
#pragma unroll
	for (int i = 0; i < words; i++)
		((u32 *)to)[i] = bpf_get_prandom_u32();
}
