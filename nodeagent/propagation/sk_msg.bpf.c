/* The header is put into what a socket sends, HTTP/1.1 without TLS only.
 *
 * Sockets that traced processes connect are kept in `sockets`: what is sent on them passes through
 * propagation_message. https://docs.kernel.org/bpf/map_sockmap.html
 */

#define SCANNED 4096
#define METHOD_LONGEST 24
#define STEPS 768 /* from word to word, and from line to line */

BPF_SOCKHASH(sockets, u64, MAX_SOCKETS);
BPF_TABLE("lru_hash", u64, u32, connecting, MAX_REQUESTS);

/* net.TCPAddr's IP is a slice of 4 or 16 bytes. */
static __always_inline int address_of(u8 *to, u16 *port, struct binary *binary, u64 address)
{
	u64 ip[2] = {};

	if (!address || bpf_probe_read_user(ip, sizeof(ip), (void *)(address + binary->connection_ip)))
		return 0;
	*port = read_word(address + binary->connection_port);
	if (ip[1] == 16)
		return !bpf_probe_read_user(to, 16, (void *)ip[0]);
	to[10] = to[11] = 0xff;
	return ip[1] == 4 && !bpf_probe_read_user(to + 12, 4, (void *)ip[0]);
}

/* *net.TCPConn points to a *netFD. Connections of other kinds, as tls.Conn, are none of ours. */
static __always_inline int connection_of(struct connection *to, struct binary *binary, u64 address)
{
	u64 interface[2] = {};
	u64 file;

	if (bpf_probe_read_user(interface, sizeof(interface), (void *)(address + binary->connection)))
		return 0;
	if (!holds(interface[0], binary->net_conn, binary->tcp_conn))
		return 0;
	file = read_word(interface[1]);
	return address_of(to->local, &to->local_port, binary, read_word(file + binary->local_address + 8)) &&
	       address_of(to->remote, &to->remote_port, binary, read_word(file + binary->remote_address + 8));
}

int propagation_request(struct pt_regs *ctx)
{
	struct connection connection = {};
	struct binary *binary = traced(current_process());

	connection.process = current_process();
	if (binary && connection_of(&connection, binary, GO_ARGUMENT_1(ctx)))
		await_head(ctx, binary, &connection);
	return 0;
}

/* bcc declares it with 32 bits. */
static u64 (*socket_cookie)(void *) = (void *)BPF_FUNC_get_socket_cookie;

int propagation_socket(struct bpf_sock_ops *ops)
{
	u64 cookie = socket_cookie(ops);
	u32 process = 0;

	/* This one is on the thread that connects; the other may be on any. */
	if (ops->op == BPF_SOCK_OPS_TCP_CONNECT_CB) {
		bpf_probe_read_kernel(&process, sizeof(process), (void *)(bpf_get_current_task() + TASK_TGID));
		if (processes.lookup(&process))
			connecting.update(&cookie, &process);
	} else if (ops->op == BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB && connecting.lookup(&cookie)) {
		connecting.delete(&cookie);
		sockets.sock_hash_update(ops, &cookie, BPF_NOEXIST);
	}
	/* What other programs answered stays. */
	return 1;
}

/* The verifier wants each field to be read by its own offset: the compiler must not join two of them. */
#define apart() asm volatile("" ::: "memory")

static __always_inline void connection_sending(struct connection *to, struct sk_msg_md *message)
{
	u32 *local = (u32 *)to->local, *remote = (u32 *)to->remote;

	if (message->family == 2) { /* AF_INET */
		local[2] = remote[2] = 0xffff0000;
		local[3] = message->local_ip4;
		remote[3] = message->remote_ip4;
		apart();
	} else {
		local[0] = message->local_ip6[0];
		local[1] = message->local_ip6[1];
		local[2] = message->local_ip6[2];
		local[3] = message->local_ip6[3];
		remote[0] = message->remote_ip6[0];
		remote[1] = message->remote_ip6[1];
		remote[2] = message->remote_ip6[2];
		remote[3] = message->remote_ip6[3];
		apart();
	}
	to->local_port = message->local_port;
	to->remote_port = bpf_ntohl(message->remote_port);
	to->process = bpf_get_current_pid_tgid() >> 32;
}

/* Whether the kernel will take all of the message at once. Were it to take a part, it could not say how
 * much of that was the program's, who would send something twice: so nothing may be waiting, and much
 * more has to fit. */
static __always_inline int fits(struct sk_msg_md *message)
{
	void *socket = message->sk ? bpf_skc_to_tcp_sock(message->sk) : NULL;
	int queued = 1, room = 0;

	if (!socket)
		return 0;
	bpf_probe_read_kernel(&queued, sizeof(queued), socket + SOCK_QUEUED);
	bpf_probe_read_kernel(&room, sizeof(room), socket + SOCK_ROOM);
	return !queued && room > 0 && message->size + HEADER_LINE <= (u32)room / 4;
}

/* A bit in each byte of the word that ends a line, exact up to the first:
 * https://graphics.stanford.edu/~seander/bithacks.html#ZeroInWord */
static __always_inline u64 line_ends(u64 word)
{
	word ^= 0x0a0a0a0a0a0a0a0a;
	return (word - 0x0101010101010101) & ~word & 0x8080808080808080;
}

/* How many bytes are in front of the first of these bits. */
static __always_inline u32 first_of(u64 bits)
{
	bits = (((bits & -bits) >> 7) - 1) & 0x0101010101010101;
	return bits * 0x0101010101010101 >> 56;
}

/* A place in the message that the compiler does not join with what is done to it later: LLVM 19 would
 * compare lengths in place of addresses, which tells the verifier nothing. */
static __always_inline u64 placed(u64 place)
{
	return opaque(place & (2 * SCANNED - 1));
}

/* Where the line behind the request line begins, if this is the head of a request in HTTP/1.1. The verifier
 * follows every way through: words instead of bytes keep them few. */
static __always_inline u32 behind_request_line(struct sk_msg_md *message, struct awaited *head)
{
	u8 *data = (u8 *)(long)message->data, *end = (u8 *)(long)message->data_end, *at;
	volatile u64 *place = &head->place;
	u64 bits;
	u32 line;

#pragma clang loop unroll(disable)
	for (int i = 0; i < METHOD_LONGEST; i++) {
		at = data + placed(i);
		if (at + 1 > end)
			return 0;
		if (*at == ' ' && i)
			break;
		if (*at < 'A' || *at > 'Z')
			return 0;
	}
	*place = 0;
#pragma clang loop unroll(disable)
	for (int i = 0; i < SCANNED; i += 8) {
		at = data + placed(i);
		if (at + 8 > end)
			return 0;
		bits = line_ends(*(u64 *)at);
		if (bits) {
			*place = i + first_of(bits) + 1;
			break;
		}
	}
	line = *place;
	if (line < 14 || line > SCANNED)
		return 0;
	at = data + placed(line - 11);
	if (at + 11 > end)
		return 0;
	if (*(u64 *)at != 0x2e312f5054544820 /* " HTTP/1." */)
		return 0;
	return at[8] == '1' && at[9] == '\r' && at[10] == '\n' ? line : 0;
}

/* Whether a line of the head names the header, as far as the head is here: then it is not to be put in. */
static __always_inline int has_traceparent(struct sk_msg_md *message, u32 line)
{
	u8 *data = (u8 *)(long)message->data, *end = (u8 *)(long)message->data_end, *at;
	u32 cursor = line - 1; /* the end of the line before */
	u64 bits;

#pragma clang loop unroll(disable)
	for (int i = 0; i < STEPS; i++) {
		cursor = placed(cursor);
		at = data + cursor;
		if (at + 13 > end) /* less than an end, the name and a colon */
			return 0;
		bits = line_ends(*(u64 *)at);
		if (!bits) {
			cursor += 8;
			continue;
		}
		if (!(bits & 0x80)) { /* not the first byte */
			cursor += first_of(bits);
			continue;
		}
		if (at[1] == '\r')
			return 0;
		if ((*(u64 *)(at + 1) | 0x2020202020202020) == 0x7261706563617274 &&
		    (*(u32 *)(at + 9) | 0x202020) == 0x3a746e65)
			return 1;
		cursor++;
	}
	return 1;
}

/* Put the line in. What cannot be written is taken out again. All of the message is put in one piece: of
 * pieces each would go out in a packet of its own. */
static __always_inline int insert(struct sk_msg_md *message, u32 size, u32 line, const char *text)
{
	char *at;

	if (bpf_msg_push_data(message, line, HEADER_LINE, 0))
		return SK_PASS;
	if (!bpf_msg_pull_data(message, 0, size + HEADER_LINE, 0)) {
		at = (char *)(long)message->data + placed(line);
		if (at + HEADER_LINE <= (char *)(long)message->data_end) {
			__builtin_memcpy(at, text, HEADER_LINE);
			return SK_PASS;
		}
	}
	return bpf_msg_pop_data(message, line, HEADER_LINE, 0) ? SK_DROP : SK_PASS;
}

int propagation_message(struct sk_msg_md *message)
{
	struct connection connection = {};
	struct awaited *head;
	char text[HEADER_LINE + 2];
	u32 line = 0, size = message->size;

	connection_sending(&connection, message);
	head = awaited.lookup(&connection);
	if (!head)
		return SK_PASS;
	if (bpf_ktime_get_ns() - head->since < AWAITED && fits(message) &&
	    !bpf_msg_pull_data(message, 0, size < SCANNED ? size : SCANNED, 0)) {
		line = behind_request_line(message, head);
		if (line && has_traceparent(message, line))
			line = 0;
		__builtin_memcpy(text, head->line, HEADER_LINE);
	}
	/* Whatever it was: what comes next is not the begin of the request. */
	awaited.delete(&connection);
	return line ? insert(message, size, line, text) : SK_PASS;
}
