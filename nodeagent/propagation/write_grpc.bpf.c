/* The same for calls of google.golang.org/grpc: the header is written behind the others, as HPACK has it.
 *
 *   func (t *http2Client) createHeaderFields(ctx context.Context, callHdr *CallHdr) ([]hpack.HeaderField, error)
 *   func (l *loopyWriter) originateStream(str *outStream, hdr *headerFrame) error          until 1.81
 *   func (l *loopyWriter) clientHeaderHandler(hdr *clientHeaders) error                    since 1.82
 *
 * The call's goroutine makes the header fields; the connection's encodes them and puts the frame behind
 * others into its bufWriter. A call is followed by its own slice of fields: its stream has no number yet.
 * When the second function returns, the frame is the last of what is in the buffer, or has been sent; what
 * is behind it is free, and nobody else touches it. A literal that is not indexed (RFC 7541, 6.2.2) changes
 * no table of either side. Returns are probed here, which cost as much as ten entries, but are one of each
 * a call, and none of what is served: all that lies between runs for every message.
 */

#define GRPC_HEAD 9	/* bytes in front of a frame's content: length, type, flags, stream */
#define GRPC_BLOCK 69	/* of the header: form, length, name, length, value */
#define GRPC_FRAME 16384 /* bytes of a frame that every peer takes: RFC 9113, 4.2 */
#define GRPC_FIELDS 64
#define GRPC_LIST 8192	/* bytes of a list of fields, where the peer has not said how many it takes */
#define GRPC_OVERHEAD 32 /* bytes that a field counts beside its texts: RFC 9113, 6.5.2 */
#define GRPC_WRAPPED 8 /* contexts between the attempt's and the stream's */

enum grpc_stage {
	GRPC_CALLING,  /* by the call's goroutine */
	GRPC_QUEUED,   /* by the slice of its fields */
	GRPC_ENCODING, /* by the connection's goroutine */
};

struct grpc_place {
	u64 address;
	u32 process;
	u32 stage;
};

struct grpc_awaited {
	u64 since;
	u64 control; /* the *controlBuffer of the connection */
	u64 encoded; /* the *bytes.Buffer of the connection's fields */
	u64 writer;  /* its *bufWriter */
	u32 stream;
	u32 list; /* bytes of a list of fields that the peer takes */
	struct trace_context context; /* of the call's span */
};

BPF_TABLE("lru_hash", struct grpc_place, struct grpc_awaited, grpc_awaited, MAX_REQUESTS);

#ifdef WRITES_ARE_TOLD
struct told_frame {
	u64 data;
	u64 size; /* of the buffer */
	u64 used;
	u64 frame;  /* where it begins */
	u64 length; /* what it would say of itself */
	u8 head[GRPC_HEAD];
	char block[GRPC_BLOCK + 2];
};

BPF_RINGBUF_OUTPUT(told_frames, 1);
#endif

static __always_inline struct grpc_place grpc_place_of(u64 address, u32 stage)
{
	struct grpc_place place = {};

	place.address = address;
	place.process = current_process();
	place.stage = stage;
	return place;
}

static __always_inline void grpc_write_block(char *block, struct trace_context *context)
{
	block[0] = 0; /* a literal, not indexed, with its name */
	block[1] = 11;
	__builtin_memcpy(block + 2, "traceparent", 11);
	block[13] = TRACEPARENT;
	write_value(block + 14, context);
}

/* The span of the call that has this context, or one that this was made of. */
static __always_inline int grpc_span_of(struct trace_context *found, u64 go_context, u32 process)
{
	struct owner *owner = NULL;
	u64 parent[2]; /* an interface: type, data */

#pragma clang loop unroll(disable)
	for (int looked = 0; looked < GRPC_WRAPPED && may_be_address(go_context); looked++) {
		owner = owner_of(go_context, process);
		if (!owner || owner->go_context == go_context)
			break;
		owner = NULL;
		if (bpf_probe_read_user(parent, sizeof(parent), (void *)go_context))
			return 0;
		go_context = parent[1];
	}
	return owner && (owner->key & (ROLES - 1)) == ROLE_GRPC_CLIENT &&
	       of_owner(found, owner, go_context, process);
}

static __always_inline u32 grpc_list_limit(u64 transport, struct binary *binary)
{
	u64 limit = read_word(transport + binary->grpc_transport_list); /* a *uint32 */

	return limit ? (u32)read_word(limit) : GRPC_LIST;
}

int propagation_grpc_call(struct pt_regs *ctx)
{
	struct grpc_place place = grpc_place_of(GO_GOROUTINE(ctx), GRPC_CALLING);
	struct binary *binary = traced(place.process);
	u64 transport = GO_ARGUMENT_1(ctx);
	struct grpc_awaited call = {};

	if (!binary)
		return 0;
	if (!grpc_span_of(&call.context, GO_ARGUMENT_3(ctx), place.process)) {
		grpc_awaited.delete(&place);
		return 0;
	}
	call.since = bpf_ktime_get_ns();
	call.control = read_word(transport + binary->grpc_transport_control);
	call.list = grpc_list_limit(transport, binary);
	grpc_awaited.update(&place, &call);
	return 0;
}

/* The slice is the call's own from here on, whoever had it before. */
int propagation_grpc_fields(struct pt_regs *ctx)
{
	struct grpc_place calling = grpc_place_of(GO_GOROUTINE(ctx), GRPC_CALLING);
	struct grpc_place place = grpc_place_of(GO_ARGUMENT_1(ctx), GRPC_QUEUED);
	struct grpc_awaited *call = grpc_awaited.lookup(&calling);

	if (!call) {
		grpc_awaited.delete(&place);
		return 0;
	}
	if (place.address)
		grpc_awaited.update(&place, call);
	grpc_awaited.delete(&calling);
	return 0;
}

/* Whether there may be one more field: there is none of its name yet, and the peer takes such a list. */
static __always_inline int grpc_takes(u64 fields, u64 count, u32 size, u32 list)
{
	struct {
		struct go_string name;
		struct go_string value;
	} field;
	u64 sum = 11 + TRACEPARENT + GRPC_OVERHEAD;

	if (count > GRPC_FIELDS)
		return 0;
	count = opaque(count); /* or the loop has no bound of its own */
#pragma clang loop unroll(disable)
	for (u64 i = 0; i < GRPC_FIELDS && i < count; i = opaque(i + 1)) {
		if (bpf_probe_read_user(&field, sizeof(field), (void *)(fields + i * size)))
			return 0;
		if (field.name.length == 11 && is_traceparent(field.name.data))
			return 0;
		sum += (u32)field.name.length + (u32)field.value.length + GRPC_OVERHEAD;
	}
	return sum <= list;
}

/* The connection's goroutine takes up a call: `header` is what it was handed. */
static __always_inline int grpc_encode(struct pt_regs *ctx, u64 header)
{
	struct grpc_place encoding = grpc_place_of(GO_GOROUTINE(ctx), GRPC_ENCODING);
	struct grpc_place place = grpc_place_of(0, GRPC_QUEUED);
	struct binary *binary = traced(place.process);
	u64 fields[2] = {}, loopy = GO_ARGUMENT_1(ctx); /* data, length */
	struct grpc_awaited *queued;
	struct grpc_awaited call;

	grpc_awaited.delete(&encoding);
	if (!binary || bpf_probe_read_user(fields, sizeof(fields), (void *)(header + binary->grpc_header_fields)))
		return 0;
	place.address = fields[0];
	queued = grpc_awaited.lookup(&place);
	if (!queued)
		return 0;
	call = *queued;
	grpc_awaited.delete(&place);
	/* Of a connection that has gone the slice may be another's by now. */
	if (read_word(loopy + binary->grpc_queue) != call.control || bpf_ktime_get_ns() - call.since > AWAITED)
		return 0;
	if (!grpc_takes(fields[0], fields[1], binary->grpc_field_sensitive + 8, call.list))
		return 0;
	call.stream = read_word(header + binary->grpc_header_stream);
	call.encoded = read_word(loopy + binary->grpc_encoded);
	call.writer = read_word(read_word(loopy + binary->grpc_framer) + binary->grpc_writer);
	grpc_awaited.update(&encoding, &call);
	return 0;
}

int propagation_grpc_stream(struct pt_regs *ctx)
{
	return grpc_encode(ctx, GO_ARGUMENT_3(ctx));
}

int propagation_grpc_header(struct pt_regs *ctx)
{
	return grpc_encode(ctx, GO_ARGUMENT_2(ctx));
}

/* The frame, and the buffer that it stands in. */
struct grpc_frame {
	u64 data;
	u64 size;
	u64 capacity;
	u64 used;
	u64 begin;
	u64 length;
	u8 head[GRPC_HEAD + 7];
};

/* How many bytes the fields were encoded into; 0 where they were not handed over as a whole. */
static __always_inline u64 grpc_encoded_length(struct grpc_awaited *call, struct binary *binary)
{
	u64 length = read_word(call->encoded + binary->bytes_slice + 8);

	return read_word(call->encoded + binary->bytes_offset) == length ? length : 0;
}

/* The last frame in the buffer is the call's, has all of its fields, and behind it is room. */
static __always_inline int grpc_fits(struct grpc_frame *frame, struct grpc_awaited *call, struct binary *binary)
{
	u64 slice = call->writer + binary->grpc_buffer;
	u8 *head = frame->head;

	if (binary->grpc_buffer_handle != ABSENT) /* since 1.84 it is a pointer to the slice */
		slice = read_word(slice);
	frame->length = grpc_encoded_length(call, binary);
	frame->used = read_word(call->writer + binary->grpc_used);
	if (bpf_probe_read_user(&frame->data, 3 * sizeof(u64), (void *)slice))
		return 0;
	if (!frame->data || !frame->length || frame->length > GRPC_FRAME - GRPC_BLOCK)
		return 0;
	if (frame->used < GRPC_HEAD + frame->length || frame->used + GRPC_BLOCK > frame->size)
		return 0;
	frame->begin = frame->data + frame->used - frame->length - GRPC_HEAD;
	if (bpf_probe_read_user(head, GRPC_HEAD, (void *)frame->begin))
		return 0;
	if ((head[0] << 16 | head[1] << 8 | head[2]) != frame->length || head[3] != 1 /* HEADERS */)
		return 0;
	if ((head[4] & ~1) != 4) /* END_HEADERS, and END_STREAM or not */
		return 0;
	frame->length += GRPC_BLOCK;
	head[0] = frame->length >> 16;
	head[1] = frame->length >> 8;
	head[2] = frame->length;
	return (head[5] << 24 | head[6] << 16 | head[7] << 8 | head[8]) == call->stream;
}

static __always_inline void grpc_write(struct grpc_frame *frame, struct grpc_awaited *call, struct binary *binary)
{
#ifdef WRITES_ARE_TOLD
	struct told_frame told = {};

	told.data = frame->data;
	told.size = frame->size;
	told.used = frame->used;
	told.frame = frame->begin;
	told.length = frame->length;
	__builtin_memcpy(told.head, frame->head, GRPC_HEAD);
	grpc_write_block(told.block, &call->context);
	told_frames.ringbuf_output(&told, sizeof(told), BPF_RB_NO_WAKEUP);
#else
	char block[GRPC_BLOCK + 3];
	u64 used = frame->used + GRPC_BLOCK;

	/* What is behind the frame is nothing yet; how long it is has been written to a moment ago. */
	grpc_write_block(block, &call->context);
	if (bpf_probe_write_user((void *)(frame->data + frame->used), block, GRPC_BLOCK) ||
	    bpf_probe_write_user((void *)(call->writer + binary->grpc_used), &used, sizeof(used)))
		return;
	if (bpf_probe_write_user((void *)frame->begin, frame->head, 3))
		bpf_probe_write_user((void *)(call->writer + binary->grpc_used), &frame->used, sizeof(used));
#endif
}

int propagation_grpc_written(struct pt_regs *ctx)
{
	struct grpc_place place = grpc_place_of(GO_GOROUTINE(ctx), GRPC_ENCODING);
	struct grpc_awaited *call = grpc_awaited.lookup(&place);
	struct binary *binary = traced(place.process);
	struct grpc_frame frame = {};

	if (!call)
		return 0;
	if (binary && grpc_fits(&frame, call, binary))
		grpc_write(&frame, call, binary);
	grpc_awaited.delete(&place);
	return 0;
}
