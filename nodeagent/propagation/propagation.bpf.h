/* Passing a trace on to who is called over HTTP/1.1: which connection's next request is which span's.
 *
 *   func (pc *persistConn) roundTrip(req *transportRequest) (resp *Response, err error)
 *
 * It runs on the goroutine of the client's span and hands the request to the connection's own goroutine,
 * which writes nothing else until the answer is there. So from here on a head is awaited on this connection,
 * and what is written next is the one: told by the connection, never by thread. HTTP/2 has other
 * functions, and after a protocol was switched it is not called any more.
 */

#define HEADER_LINE 70 /* Traceparent: 00-<trace id>-<parent id>-<flags>\r\n */
#define NAMING_GROUPS 16
#define AWAITED 10000000000ULL /* nanoseconds; what comes later may be another connection's */

/* A connection, by its addresses as the kernel knows them, or by where the program keeps it. */
struct connection {
	u8 local[16]; /* IPv4 as a part of IPv6 */
	u8 remote[16];
	u16 local_port;
	u16 remote_port;
	u32 process;
	u64 address;
};

struct awaited {
	u64 since;
	u64 header; /* the address of the request's map of headers */
	u64 place;  /* in the message: kept here, where the verifier forgets what it knows of it */
	char line[HEADER_LINE + 2];
};

BPF_TABLE("lru_hash", struct connection, struct awaited, awaited, MAX_REQUESTS);

enum naming {
	NOT_NAMED,
	NAMED,
	NAMING_UNKNOWN,
};

static __always_inline void write_digits(char *to, const u8 *bytes, const u32 count)
{
	u8 high, low;

#pragma clang loop unroll(disable)
	for (int i = 0; i < count; i++) {
		high = bytes[i] >> 4;
		low = bytes[i] & 15;
		to[2 * i] = high + (high > 9 ? 'a' - 10 : '0');
		to[2 * i + 1] = low + (low > 9 ? 'a' - 10 : '0');
	}
}

/* The text of a traceparent. */
static __always_inline void write_value(char *to, struct trace_context *context)
{
	to[0] = to[1] = '0';
	to[2] = to[35] = to[52] = '-';
	write_digits(to + 3, context->trace_id, 16);
	write_digits(to + 36, context->span_id, 8);
	write_digits(to + 53, &context->flags, 1);
}

static __always_inline void write_line(char *line, struct trace_context *context)
{
	__builtin_memcpy(line, "Traceparent: ", 13);
	write_value(line + 13, context);
	line[68] = '\r';
	line[69] = '\n';
}

/* Whether an interface, which is of one type, holds a value of another. */
static __always_inline int holds(u64 table, u32 interface, u32 value)
{
	struct types types;

	return value != ABSENT && types_of(&types, table, interface) && types.type - types.begin == value;
}

/* Whether one of eight slots has the name Traceparent, however it is written. */
static __always_inline int naming_in_group(struct binary *binary, u64 group)
{
	struct go_string name;
	u64 text[2];

#pragma clang loop unroll(disable)
	for (int slot = 0; slot < SLOTS; slot++) {
		if (bpf_probe_read_user(&name, sizeof(name),
					(void *)(group + binary->header_key + slot * binary->header_key_stride)))
			return NAMING_UNKNOWN;
		if (name.length != 11)
			continue;
		text[1] = 0;
		if (bpf_probe_read_user(text, 11, (void *)name.data))
			return NAMING_UNKNOWN;
		if ((text[0] | 0x2020202020202020) == 0x7261706563617274 && (text[1] | 0x202020) == 0x746e65)
			return NAMED;
	}
	return NOT_NAMED;
}

/* Whether the request has a Traceparent already, whatever its value; a request which is written in several
 * pieces has all its headers here. */
static __always_inline int naming(struct binary *binary, u64 map)
{
	struct groups groups = {};
	u32 swiss = binary->header_is_swiss;
	u64 header[4] = {}, address, overflow = 0;
	u32 index = 0;
	int found;

	if (swiss == ABSENT || bpf_probe_read_user(header, sizeof(header), (void *)map))
		return NAMING_UNKNOWN;
	if (!header[0])
		return NOT_NAMED;
	if (!swiss && header[3]) /* it grows: some are still where they were */
		return NAMING_UNKNOWN;
	if (!(swiss ? swiss_groups(&groups, map) : bucket_groups(&groups, map)))
		return NAMING_UNKNOWN;
	address = groups.first;
#pragma clang loop unroll(disable)
	for (int looked = 0; looked < NAMING_GROUPS; looked++) {
		found = naming_in_group(binary, address);
		if (found != NOT_NAMED)
			return found;
		if (!swiss && bpf_probe_read_user(&overflow, sizeof(overflow), (void *)(address + GROUP)))
			return NAMING_UNKNOWN;
		if (overflow) {
			address = overflow;
			continue;
		}
		if (++index >= groups.count)
			return NOT_NAMED;
		address = groups.first + index * binary->header_group;
	}
	return NAMING_UNKNOWN;
}

/* Await the head of the request that this goroutine sends, if it belongs to a span and may have the header.
 * If not, nothing is awaited on this connection any more. */
static __always_inline int await_head(struct pt_regs *ctx, struct binary *binary, struct connection *connection)
{
	struct key key = key_of(ctx, ROLE_HTTP_CLIENT);
	struct record *record = under_way(&key);
	struct awaited head = {};

	head.header = read_word(read_word(GO_ARGUMENT_2(ctx) + binary->transport_request) + binary->request_header);
	if (!record || naming(binary, head.header) != NOT_NAMED) {
		awaited.delete(connection);
		return 0;
	}
	head.since = bpf_ktime_get_ns();
	write_line(head.line, &record->context);
	awaited.update(connection, &head);
	return 0;
}

/* The binary of this process, if it is traced. */
static __always_inline struct binary *traced(u32 number)
{
	struct process *process = processes.lookup(&number);

	return process ? binary_of(process->binary) : NULL;
}
