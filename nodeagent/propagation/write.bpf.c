/* The header is written into the buffer that the program fills with its request: HTTP/1.1, with TLS too.
 *
 *   func (h Header) writeSubset(w io.Writer, exclude map[string]bool, trace *httptrace.ClientTrace) error
 *
 * It runs on the connection's goroutine when the request line and Host are in the buffer. The buffer is a
 * bufio.Writer{err, buf, n, wr}: nobody else touches it, what is behind n is free. The line goes there,
 * then n moves; without room for it nothing happens.
 */

struct slice {
	u64 data;
	u64 length;
	u64 capacity;
};

#ifdef WRITES_ARE_TOLD
/* In place of writing, for kernels that refuse it: what would have been written. */
struct told_write {
	u64 header;
	u64 address;
	u64 data;
	u64 length;
	u64 used;
	char line[HEADER_LINE + 2];
};

BPF_RINGBUF_OUTPUT(told_writes, 1);
#endif

int propagation_request(struct pt_regs *ctx)
{
	struct connection connection = {};
	struct binary *binary = traced(current_process());

	connection.process = current_process();
	connection.address = GO_ARGUMENT_1(ctx);
	if (binary)
		await_head(ctx, binary, &connection);
	return 0;
}

/* Whether somebody else who writes here, another agent, was first: then its line is the last one. */
static __always_inline int is_written(u64 data, u64 used)
{
	u64 text[2] = {};

	if (used < HEADER_LINE || bpf_probe_read_user(text, sizeof(text), (void *)(data + used - HEADER_LINE)))
		return 0;
	return (text[0] | 0x2020202020202020) == 0x7261706563617274 && (u32)(text[1] | 0x202020) == 0x3a746e65;
}

static __always_inline void write_header(struct awaited *head, struct binary *binary, u64 buffer)
{
	struct slice bytes = {};
	u64 used = ~0ull;

	bpf_probe_read_user(&bytes, sizeof(bytes), (void *)(buffer + binary->buffer_bytes));
	bpf_probe_read_user(&used, sizeof(used), (void *)(buffer + binary->buffer_used));
	if (!bytes.data || used > bytes.length || bytes.length - used < HEADER_LINE)
		return;
	if (is_written(bytes.data, used))
		return;
#ifdef WRITES_ARE_TOLD
	struct told_write told = {};

	told.header = head->header;
	told.address = bytes.data + used;
	told.data = bytes.data;
	told.length = bytes.length;
	told.used = used;
	__builtin_memcpy(told.line, head->line, sizeof(told.line));
	told_writes.ringbuf_output(&told, sizeof(told), BPF_RB_NO_WAKEUP);
#else
	if (bpf_probe_write_user((void *)(bytes.data + used), head->line, HEADER_LINE))
		return;
	used += HEADER_LINE;
	bpf_probe_write_user((void *)(buffer + binary->buffer_used), &used, sizeof(used));
#endif
}

int propagation_headers(struct pt_regs *ctx)
{
	struct connection connection = {};
	struct binary *binary = traced(current_process());
	u64 buffer = GO_ARGUMENT_3(ctx), writer[2] = {};
	struct awaited *head;

	if (!binary || !holds(GO_ARGUMENT_2(ctx), binary->io_writer, binary->bufio_writer))
		return 0;
	if (bpf_probe_read_user(writer, sizeof(writer), (void *)(buffer + binary->buffer_writer)))
		return 0;
	/* A struct with one pointer, to the connection: the interface holds that. */
	if (!holds(writer[0], binary->io_writer, binary->connection_writer))
		return 0;
	connection.process = current_process();
	connection.address = writer[1];
	head = awaited.lookup(&connection);
	/* Also called for a request's further headers, and its trailer. */
	if (!head || head->header != GO_ARGUMENT_1(ctx))
		return 0;
	if (bpf_ktime_get_ns() - head->since < AWAITED)
		write_header(head, binary, buffer);
	awaited.delete(&connection);
	return 0;
}
