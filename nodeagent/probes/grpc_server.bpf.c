/* Streams that google.golang.org/grpc serves, unary calls too.
 *
 *   func (s *Server) handleStream(t transport.ServerTransport, stream *transport.ServerStream)
 *   func (t *http2Server) writeStatus(s *ServerStream, st *status.Status) error
 *   func (t *serverHandlerTransport) writeStatus(s *ServerStream, st *status.Status) error
 *
 * All run on the goroutine of the handler. Until 1.68 the stream was a *transport.Stream, and the methods
 * were WriteStatus. A status is written whatever happens, also where nobody is left who could read it.
 *
 * What the stream's context has, the transport put there: a context.valueCtx for the metadata, one for the
 * peer. They are told by the types of their key and value, whose distance is the same wherever the
 * program was loaded.
 */

#define GRPC_METHOD 255
#define GRPC_STREAM 128	 /* bytes of the stream that are read at once */
#define GRPC_CONTEXTS 8	 /* that are looked through for metadata and peer */
#define GRPC_POINTER 8	 /* where a field lies behind a pointer that is the first */

enum {
	GRPC_METHOD_TEXT,
	GRPC_PEER_TEXT,
};

struct grpc_server {
	u32 status;
	u16 port; /* the peer's */
};

_Static_assert(sizeof(struct grpc_server) == GRPC_SERVER_SIZE, "differs from grpc_server.py");

struct grpc_value_context {
	u64 parent_table;
	u64 parent;
	u64 key_type;
	u64 key;
	u64 value_type;
	u64 value;
};

/* What is found in the contexts of a stream: addresses. */
struct grpc_found {
	u64 metadata;
	u64 peer;
	u64 first;    /* the stream's own context */
	u32 is_local; /* the stream came through net/http */
};

static __always_inline int grpc_has_types(struct grpc_value_context *context, u32 key, u32 value)
{
	return key != ABSENT && value != ABSENT && (u32)(context->key_type - context->value_type) == key - value;
}

/* Look through the contexts. A stream that came through net/http belongs to that request: returns 1 with
 * the trace context of its span. */
static __always_inline int grpc_look_through(struct grpc_found *found, struct trace_context *parent,
					     struct binary *binary, u32 process)
{
	struct grpc_value_context context;
	u64 address = found->first;

#pragma clang loop unroll(disable)
	for (int looked = 0; looked < GRPC_CONTEXTS && may_be_address(address); looked++) {
		if (found->is_local && of_context(parent, address, process))
			return 1;
		if (bpf_probe_read_user(&context, sizeof(context), (void *)address))
			return 0;
		if (grpc_has_types(&context, binary->grpc_metadata_key, binary->grpc_metadata))
			found->metadata = context.value;
		if (grpc_has_types(&context, binary->grpc_peer_key, binary->grpc_peer))
			found->peer = context.value;
		if (!found->is_local && found->metadata && found->peer)
			return 0;
		address = context.parent;
	}
	return 0;
}

/* Whether an interface's value is of this type. */
static __always_inline u32 grpc_is_type(u64 table, u32 interface, u32 type)
{
	struct types types = {};

	return type != ABSENT && types_of(&types, table, interface) && (u32)(types.type - types.begin) == type;
}

/* A number of hexadecimal digits: texts are no place for bytes. */
static __always_inline void grpc_keep_digits(struct record *record, const u32 number, u8 *bytes, u32 length)
{
	u32 place = record->used & 511;

#pragma clang loop unroll(disable)
	for (int i = 0; i < 16 && i < length; i++) {
		u8 high = bytes[i] >> 4, low = bytes[i] & 15;

		record->texts[place + 2 * i] = high + (high > 9 ? 'a' - 10 : '0');
		record->texts[place + 2 * i + 1] = low + (low > 9 ? 'a' - 10 : '0');
	}
	record->lengths[number] = 2 * length;
	record->used = place + 2 * length;
}

/* Host and port of a net.Addr if it is a *net.TCPAddr; for another type the slice would be none. */
static __always_inline void grpc_keep_address(struct record *record, const u32 number, u64 address,
					 struct binary *binary, u16 *port)
{
	u64 slice[3] = {}; /* data, length, capacity */
	u64 value = 0;
	u8 bytes[16] = {};

	if (binary->tcp_ip == ABSENT || binary->tcp_port == ABSENT || !address)
		return;
	if (bpf_probe_read_user(slice, sizeof(slice), (void *)(address + binary->tcp_ip)))
		return;
	value = read_word(address + binary->tcp_port);
	if ((slice[1] != 4 && slice[1] != 16) || slice[2] < slice[1] || slice[2] > 64 || value > 0xffff)
		return;
	if (bpf_probe_read_user(bytes, sizeof(bytes), (void *)slice[0]) &&
	    bpf_probe_read_user(bytes, 4, (void *)slice[0])) /* the last of its page */
		return;
	*port = value;
	grpc_keep_digits(record, number, bytes, slice[1] == 4 ? 4 : 16);
}

/* The stream's fields stand in what it embeds: since 1.77 within it, from 1.69 on behind a pointer, before
 * they were its own. */
static __always_inline u64 grpc_stream_fields(u64 stream, struct binary *binary)
{
	return binary->grpc_stream_transport == GRPC_POINTER ? read_word(stream) : stream;
}

static __always_inline void grpc_place_stream(struct record *record, struct grpc_found *found, struct key *key,
					 struct process *process, struct binary *binary)
{
	char text[TRACEPARENT + 1] = {};
	struct trace_context parent = {};

	if (grpc_look_through(found, &parent, binary, key->process)) {
		record->context = parent;
		__builtin_memcpy(record->context.parent_id, parent.span_id, sizeof(parent.span_id));
		record->context.remote = 0;
	} else if (!find_traceparent(record->group, binary, found->metadata, text) ||
		   !continue_trace(&record->context, text)) {
		begin_trace(&record->context, process->threshold);
		return;
	}
	draw(record->context.span_id, 2);
}

int grpc_server_start(struct pt_regs *ctx)
{
	struct key key = key_of(ctx, SERVED);
	struct process *process = processes.lookup(&key.process);
	u64 stream = GO_ARGUMENT_4(ctx);
	struct grpc_found found = {};
	struct grpc_server *facts;
	struct binary *binary;
	struct record *record;

	if (!process)
		return 0;
	binary = binary_of(process->binary);
	record = begin(&key, process, GRPC_SERVER, stream);
	if (!binary || !record)
		return 0;
	if (bpf_probe_read_user(record->words, GRPC_STREAM, (void *)grpc_stream_fields(stream, binary)))
		count(UNREAD);
	found.first = word_of(record, binary->grpc_stream_context + 8);
	found.is_local = grpc_is_type(GO_ARGUMENT_2(ctx), binary->grpc_transport, binary->grpc_web_transport);
	grpc_place_stream(record, &found, &key, process, binary);
	belong(&key, record, found.first);
	if (!(record->context.flags & SAMPLED))
		return 0;
	facts = (struct grpc_server *)record->facts;
	facts->port = 0;
	keep_field(record, GRPC_METHOD_TEXT, binary->grpc_stream_method, GRPC_METHOD);
	if (found.peer)
		grpc_keep_address(record, GRPC_PEER_TEXT, read_word(found.peer + binary->grpc_peer_address + 8),
				  binary, &facts->port);
	return 0;
}

/* The code of a *status.Status, which is nil for OK. */
static __always_inline u32 grpc_code_of(u64 status, struct binary *binary)
{
	u64 message = status ? read_word(status + binary->grpc_status_message) : 0;

	return message ? read_word(message + binary->grpc_status_code) : 0;
}

int grpc_server_end(struct pt_regs *ctx)
{
	struct key key = key_of(ctx, SERVED);
	struct record *record = under_way(&key);
	struct binary *binary;

	if (!record || record->kind != GRPC_SERVER || record->subject != GO_ARGUMENT_2(ctx))
		return 0;
	binary = binary_of(record->binary);
	if (binary && record->context.flags & SAMPLED)
		((struct grpc_server *)record->facts)->status = grpc_code_of(GO_ARGUMENT_3(ctx), binary);
	return finish(record);
}
