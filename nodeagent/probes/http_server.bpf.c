/* Requests that net/http serves, over HTTP/1.1 and HTTP/2.
 *
 *   func (sh serverHandler) ServeHTTP(rw ResponseWriter, req *Request)
 *   func (w *response) finishRequest()
 *   func (w *http2responseWriter) handlerDone()
 *   func (c *conn) hijackLocked() (rwc net.Conn, buf *bufio.ReadWriter, err error)
 *   func (c *conn) close()
 *
 * All run on the goroutine that the handler runs on: with HTTP/1.1 the connection's, one request after the
 * other, with HTTP/2 one of the stream's own. The end has the status as it goes out. There are two other
 * ends: the handler takes the connection over; or it panics, then the connection is closed before
 * the request is finished. With HTTP/2 a panic has no end: the record is replaced by the goroutine's next
 * request, or falls out of the map.
 */

/* The longest text that is kept of each kind. Together less than 512, which the place of the last one
 * is masked to. */
#define METHOD 15
#define PATH 255
#define HOST 127
#define PEER 63
#define ROUTE 127
#define TEXTS (512 + 256)

#define REQUEST_WORDS 32 /* of a net/http.Request, read at once: all but its end */
#define SAME_CALL 1000000 /* nanoseconds */

/* A goroutine's request. The record stays in the map when the request is done, for the goroutine's next
 * one: an update and a deletion would cost as much as all the rest. */
struct http_server {
	u64 kind;
	u64 start;
	u64 end;
	struct trace_context context;
	u32 process;
	u32 status;
	u16 method_length;
	u16 path_length;
	u16 host_length;
	u16 peer_length;
	u16 route_length;
	u8 major;
	u8 minor;
	u8 over_tls;
	u8 ended; /* enum end */
	u8 spare[2];
	/* The texts in the order of their lengths, one right behind the other; what is handed over ends with
	 * the last. Before there is any text, slots of the headers' map pass through here: the stack has room
	 * for 512 bytes only. */
	union {
		char texts[TEXTS];
		u8 group[TEXTS];
	};
	/* What is not handed over. */
	u64 request; /* 0: done */
	u32 used;    /* bytes of the texts */
	u32 binary;
	u64 words[REQUEST_WORDS + 1];
};

enum end {
	ANSWERED,
	HIJACKED,
	ABORTED,
};

#define HEAD offsetof(struct http_server, texts)

_Static_assert(HEAD == HTTP_SERVER_SIZE, "differs from http_server.py");
_Static_assert(TEXTS >= GROUP_ROOM, "no room for a slot");

BPF_TABLE("lru_hash", struct goroutine, struct http_server, http_server_requests, MAX_REQUESTS);
/* What a new record is made of: too large for the stack. Nobody writes to it. */
BPF_ARRAY(http_server_blank, struct http_server, 1);

/* A word of the request, by the offset of its field. */
static __always_inline u64 word_of(struct http_server *record, u32 offset)
{
	return record->words[offset / 8 & (REQUEST_WORDS - 1)];
}

/* Copy a text behind the others; returns its length. A longer one is cut. */
static __always_inline u16 keep(struct http_server *record, u64 data, u64 length, const u32 most)
{
	u32 place = record->used & 511;

	length = length < most ? length : most;
	length &= 255; /* what the verifier believes */
	if (bpf_probe_read_user(record->texts + place, length, (void *)data)) {
		count(UNREAD);
		return 0;
	}
	record->used = place + length;
	return length;
}

static __always_inline u16 keep_field(struct http_server *record, u32 offset, const u32 most)
{
	u32 index = offset / 8 & (REQUEST_WORDS - 1);

	return keep(record, record->words[index], record->words[index + 1], most);
}

static __always_inline void describe(struct http_server *record, struct binary *binary)
{
	struct go_string path = {};

	record->over_tls = word_of(record, binary->request_tls) != 0;
	record->major = word_of(record, binary->request_major);
	record->minor = word_of(record, binary->request_minor);
	bpf_probe_read_user(&path, sizeof(path),
			    (void *)(word_of(record, binary->request_url) + binary->url_path));
	record->used = 0;
	record->method_length = keep_field(record, binary->request_method, METHOD);
	record->path_length = keep(record, path.data, path.length, PATH);
	record->host_length = keep_field(record, binary->request_host, HOST);
	record->peer_length = keep_field(record, binary->request_remote, PEER);
}

/* The pattern of the ServeMux that chose the handler: a field since Go 1.23, in 1.22 behind a pointer. */
static __always_inline void describe_route(struct http_server *record, struct binary *binary)
{
	struct go_string pattern = {};
	u64 address = 0;

	record->route_length = 0;
	if (binary->request_pattern != ABSENT) {
		address = record->request + binary->request_pattern;
	} else if (binary->request_pat != ABSENT && binary->pattern_text != ABSENT) {
		address = read_word(record->request + binary->request_pat);
		if (address)
			address += binary->pattern_text;
	}
	if (address && !bpf_probe_read_user(&pattern, sizeof(pattern), (void *)address))
		record->route_length = keep(record, pattern.data, pattern.length, ROUTE);
}

static __always_inline struct http_server *record_of(struct goroutine *goroutine)
{
	struct http_server *record = http_server_requests.lookup(goroutine);
	u32 first = 0;

	if (record)
		return record;
	record = http_server_blank.lookup(&first);
	if (record)
		http_server_requests.update(goroutine, record);
	return http_server_requests.lookup(goroutine);
}

int http_server_start(struct pt_regs *ctx)
{
	struct goroutine goroutine = this_goroutine(ctx);
	struct process *process = processes.lookup(&goroutine.process);
	struct binary *binary;
	struct http_server *record;
	char text[TRACEPARENT + 1] = {};
	u64 now, request = GO_ARGUMENT_4(ctx);
	u32 number;

	if (!process)
		return 0;
	number = process->binary;
	binary = binaries.lookup(&number);
	record = record_of(&goroutine);
	if (!binary || !record) {
		count(UNTRACKED);
		return 0;
	}
	now = bpf_ktime_get_ns();
	if (record->request) {
		/* One file has several names where containers share an image: probed by each, it calls us for
		 * each of them. */
		if (record->request == request && now - record->start < SAME_CALL)
			return 0;
		count(REPLACED);
	}
	record->kind = HTTP_SERVER;
	record->start = now;
	record->process = goroutine.process;
	record->binary = number;
	record->request = request;
	if (bpf_probe_read_user(record->words, REQUEST_WORDS * sizeof(u64), (void *)request))
		count(UNREAD);
	if (!find_traceparent(record->group, binary, word_of(record, binary->request_header), text) ||
	    !continue_trace(&record->context, text))
		begin_trace(&record->context, process->threshold);
	draw(record->context.span_id, 2);
	if (record->context.flags & SAMPLED)
		describe(record, binary);
	return 0;
}

static __always_inline int end(struct http_server *record, struct binary *binary, u32 status, u8 ended)
{
	u64 used;

	if (record->context.flags & SAMPLED) {
		record->end = bpf_ktime_get_ns();
		record->status = status;
		record->ended = ended;
		describe_route(record, binary);
		used = record->used;
		if (used > TEXTS)
			used = TEXTS;
		if (events.ringbuf_output(record, HEAD + used, BPF_RB_NO_WAKEUP))
			count(LOST);
	}
	record->request = 0;
	return 0;
}

/* The request that this goroutine serves, and its binary. */
static __always_inline struct http_server *served(struct goroutine *goroutine, struct binary **binary)
{
	struct http_server *record = http_server_requests.lookup(goroutine);
	u32 number;

	if (!record || !record->request)
		return NULL;
	number = record->binary;
	*binary = binaries.lookup(&number);
	return *binary ? record : NULL;
}

int http_server_end(struct pt_regs *ctx)
{
	struct goroutine goroutine = this_goroutine(ctx);
	struct binary *binary = NULL;
	struct http_server *record = served(&goroutine, &binary);

	if (!record)
		return 0;
	return end(record, binary, read_word(GO_ARGUMENT_1(ctx) + binary->response_status), ANSWERED);
}

int http_server_end_http2(struct pt_regs *ctx)
{
	struct goroutine goroutine = this_goroutine(ctx);
	struct binary *binary = NULL;
	struct http_server *record = served(&goroutine, &binary);
	u64 state;

	if (!record || binary->http2_state == ABSENT || binary->http2_status == ABSENT)
		return 0;
	state = read_word(GO_ARGUMENT_1(ctx) + binary->http2_state);
	return end(record, binary, read_word(state + binary->http2_status), ANSWERED);
}

static __always_inline int end_otherwise(struct pt_regs *ctx, u8 ended)
{
	struct goroutine goroutine = this_goroutine(ctx);
	struct binary *binary = NULL;
	struct http_server *record = served(&goroutine, &binary);

	return record ? end(record, binary, 0, ended) : 0;
}

int http_server_hijacked(struct pt_regs *ctx)
{
	return end_otherwise(ctx, HIJACKED);
}

int http_server_aborted(struct pt_regs *ctx)
{
	return end_otherwise(ctx, ABORTED);
}
