/* W3C trace context, https://www.w3.org/TR/trace-context/: what a traceparent says, or a new trace. */

#define SAMPLED 1

/* A span's place in its trace; `parent_id` is zeros at the root. */
struct trace_context {
	u8 trace_id[16];
	u8 span_id[8];
	u8 parent_id[8];
	u8 flags;
	u8 remote; /* the parent is in another process */
	u8 spare[6];
};

static __always_inline u32 digit(u8 character)
{
	if (character >= '0' && character <= '9')
		return character - '0';
	if (character >= 'a' && character <= 'f')
		return character - 'a' + 10;
	return 0x100;
}

/* Decode hexadecimal digits; returns 0 where there are others, or nothing but zeros. */
static __always_inline int decode(u8 *to, const char *text, const u32 length)
{
	u32 seen = 0, byte;

#pragma clang loop unroll(disable)
	for (int i = 0; i < length; i++) {
		byte = digit(text[2 * i]) << 4 | digit(text[2 * i + 1]);
		to[i] = byte;
		seen |= byte;
	}
	return seen && seen < 0x100;
}

/* Go on with the trace of a traceparent; returns 0 where it is none. */
static __always_inline int continue_trace(struct trace_context *context, const char *text)
{
	u32 flags = digit(text[53]) << 4 | digit(text[54]);

	if (text[2] != '-' || text[35] != '-' || text[52] != '-' || (text[0] == 'f' && text[1] == 'f'))
		return 0;
	if (flags > 0xff || (digit(text[0]) | digit(text[1])) > 0xf)
		return 0;
	if (!decode(context->trace_id, text + 3, 16) || !decode(context->parent_id, text + 36, 8))
		return 0;
	context->flags = flags & SAMPLED;
	context->remote = 1;
	return 1;
}

/* The finalizer of SplitMix64, https://doi.org/10.1145/2714064.2660195: every bit depends on all. */
static __always_inline u64 mix(u64 bits)
{
	bits = (bits ^ bits >> 30) * 0xbf58476d1ce4e5b9;
	bits = (bits ^ bits >> 27) * 0x94d049bb133111eb;
	return bits ^ bits >> 31;
}

/* A new trace, and its first span. Drawing 32 bits costs 22 ns: of 64 that are drawn the others are made,
 * and of those of the trace before, so that two that draw the same are still not the same trace. */
static __always_inline void begin_trace(struct trace_context *context, u64 threshold)
{
	u64 *trace_id = (u64 *)context->trace_id;

	draw(trace_id, 2);
	trace_id[1] = mix(trace_id[0] ^ trace_id[1]);
	*(u64 *)context->span_id = mix(trace_id[0] + trace_id[1]);
	__builtin_memset(context->parent_id, 0, sizeof(context->parent_id));
	context->flags = trace_id[1] >> 1 < threshold ? SAMPLED : 0;
	context->remote = 0;
}

/* The same trace, and the same span in it that is the parent. */
static __always_inline int have_one_parent(struct trace_context *one, struct trace_context *other)
{
	u64 *ids = (u64 *)one->trace_id, *others = (u64 *)other->trace_id;

	return ids[0] == others[0] && ids[1] == others[1] &&
	       *(u64 *)one->parent_id == *(u64 *)other->parent_id;
}
