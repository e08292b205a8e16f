/* Calls that are made with google.golang.org/grpc, unary and streaming: each attempt, where a policy has a
 * call made again.
 *
 *   func (a *csAttempt) getTransport() error
 *   func (a *csAttempt) finish(err error)
 *
 * The second may run on another goroutine than the first, so that the attempt itself is the key. It runs
 * once more when an attempt that failed is the call's last.
 */

#define GRPC_TARGET 127
#define GRPC_UNKNOWN 2 /* the status of an error that has none */

enum {
	GRPC_CALL_TEXT,
	GRPC_TARGET_TEXT,
	GRPC_SERVER_TEXT,
};

struct grpc_client {
	u32 status;
	u16 port; /* the peer's */
};

_Static_assert(sizeof(struct grpc_client) == GRPC_CLIENT_SIZE, "differs from grpc_client.py");

static __always_inline struct key grpc_attempt_key(u64 attempt)
{
	struct key key = {};

	key.address = attempt;
	key.process = current_process();
	key.role = ROLE_GRPC_CLIENT;
	return key;
}

/* The next attempt is at another address: the map is for those under way. */
static __always_inline void grpc_forget(struct key *key, struct record *record)
{
	record->subject = 0;
	records.delete(key);
}

static __always_inline void grpc_describe_call(struct record *record, u64 attempt, struct binary *binary)
{
	u64 stream = read_word(attempt + binary->grpc_attempt_stream);
	u64 head = read_word(stream + binary->grpc_call_head);
	u64 connection = read_word(stream + binary->grpc_call_connection);

	keep_string(record, GRPC_CALL_TEXT, head + binary->grpc_head_method, GRPC_METHOD);
	keep_string(record, GRPC_TARGET_TEXT, connection + binary->grpc_connection_target, GRPC_TARGET);
}

/* The metadata that the program sends: metadata.rawMD{md, added} in the context; 0 where there is none. */
static __always_inline u64 grpc_sent_metadata(u64 go_context, struct binary *binary)
{
	struct grpc_value_context context;

#pragma clang loop unroll(disable)
	for (int looked = 0; looked < GRPC_CONTEXTS && may_be_address(go_context); looked++) {
		if (bpf_probe_read_user(&context, sizeof(context), (void *)go_context))
			return 0;
		if (grpc_has_types(&context, binary->grpc_sent_key, binary->grpc_sent))
			return read_word(context.value + binary->grpc_sent_metadata);
		go_context = context.parent;
	}
	return 0;
}

/* Whether the program traces this call itself: the traceparent is there already. One that came with what
 * is served is only passed on. */
static __always_inline int grpc_is_traced(struct pt_regs *ctx, struct record *record, struct binary *binary,
					  u64 go_context)
{
	struct key key = key_of(ctx, SERVED);
	struct trace_context theirs = {};
	char text[TRACEPARENT + 1] = {};
	struct record *served;

	if (!find_traceparent(record->group, binary, grpc_sent_metadata(go_context, binary), text) ||
	    !continue_trace(&theirs, text))
		return 0;
	served = under_way(&key);
	return !served || !have_one_parent(&theirs, &served->context);
}

int grpc_client_start(struct pt_regs *ctx)
{
	u64 attempt = GO_ARGUMENT_1(ctx);
	struct key key = grpc_attempt_key(attempt);
	struct process *process = processes.lookup(&key.process);
	struct binary *binary;
	struct record *record;
	u64 go_context;

	if (!process)
		return 0;
	binary = binary_of(process->binary);
	record = begin(&key, process, GRPC_CLIENT, attempt);
	if (!binary || !record)
		return 0;
	go_context = read_word(attempt + binary->grpc_attempt_context + 8);
	place(record, ctx, go_context, process->threshold);
	belong(&key, record, go_context);
	if (grpc_is_traced(ctx, record, binary, go_context))
		grpc_forget(&key, record);
	else if (record->context.flags & SAMPLED)
		grpc_describe_call(record, attempt, binary);
	return 0;
}

/* The status that the server sent. */
static __always_inline u32 grpc_received_of(u64 attempt, struct binary *binary)
{
	u64 stream = read_word(attempt + binary->grpc_attempt_received);

	return stream ? grpc_code_of(read_word(stream + binary->grpc_received_status), binary) : 0;
}

/* An error's status: a *status.Error has one; io.EOF, an *errors.errorString, says that the stream has it. */
static __always_inline u32 grpc_status_of(u64 attempt, u64 table, u64 error, struct binary *binary)
{
	struct types types = {};
	u32 place;

	if (!table)
		return 0;
	if (!types_of(&types, table, binary->error_type))
		return GRPC_UNKNOWN;
	place = types.type - types.begin;
	if (place == binary->grpc_error)
		return grpc_code_of(read_word(error + binary->grpc_error_status), binary);
	return place == binary->grpc_end ? grpc_received_of(attempt, binary) : GRPC_UNKNOWN;
}

static __always_inline void grpc_describe_peer(struct record *record, u64 attempt, struct binary *binary,
					       u16 *port)
{
	u64 transport = read_word(attempt + binary->grpc_attempt_transport + 8); /* a *http2Client */

	if (transport)
		grpc_keep_address(record, GRPC_SERVER_TEXT,
				  read_word(transport + binary->grpc_transport_remote + 8), binary, port);
}

int grpc_client_end(struct pt_regs *ctx)
{
	u64 attempt = GO_ARGUMENT_1(ctx);
	struct key key = grpc_attempt_key(attempt);
	struct record *record = under_way(&key);
	struct grpc_client *facts;
	struct binary *binary;

	if (!record)
		return 0;
	binary = binary_of(record->binary);
	if (binary && record->context.flags & SAMPLED) {
		facts = (struct grpc_client *)record->facts;
		facts->status = grpc_status_of(attempt, GO_ARGUMENT_2(ctx), GO_ARGUMENT_3(ctx), binary);
		facts->port = 0;
		grpc_describe_peer(record, attempt, binary, &facts->port);
	}
	finish(record);
	grpc_forget(&key, record);
	return 0;
}
