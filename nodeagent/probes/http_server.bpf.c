/* Requests that net/http serves, over HTTP/1.1 and HTTP/2, and golang.org/x/net/http2.
 *
 *   func (sh serverHandler) ServeHTTP(rw ResponseWriter, req *Request)
 *   func (sc *serverConn) runHandler(rw *responseWriter, req *http.Request,
 *                                    handler func(http.ResponseWriter, *http.Request))
 *   func (w *response) finishRequest()
 *   func (w *http2responseWriter) handlerDone()
 *   func (c *conn) hijackLocked() (rwc net.Conn, buf *bufio.ReadWriter, err error)
 *   func (c *conn) close()
 *
 * All run on the goroutine that the handler runs on: with HTTP/1.1 the connection's, one request after the
 * other, with HTTP/2 one of the stream's own. The end has the status as it goes out. There are two other
 * ends: the handler takes the connection over; or it panics, then the connection is closed before
 * the request is finished. With HTTP/2 what runHandler defers first, which tells that a handler is done,
 * runs last: a request that is under way by then has panicked. Before Go 1.20.10 it defers no such thing:
 * there the record is replaced by the goroutine's next request, or falls out of the map.
 */

#define METHOD 15
#define PATH 255
#define HOST 127
#define PEER 63
#define ROUTE 127

enum {
	METHOD_TEXT,
	PATH_TEXT,
	HOST_TEXT,
	PEER_TEXT,
	ROUTE_TEXT,
};

enum end {
	ANSWERED,
	HIJACKED,
	ABORTED,
};

struct http_server {
	u32 status;
	u8 major;
	u8 minor;
	u8 over_tls;
	u8 ended; /* enum end */
	u8 streamed; /* begun by x/net's runHandler */
	u8 router; /* enum router */
	u8 spare[2];
};

_Static_assert(sizeof(struct http_server) == HTTP_SERVER_SIZE, "differs from http_server.py");

static __always_inline struct http_server *served_facts(struct record *record)
{
	return (struct http_server *)record->facts;
}

/* Method and path. Where they stand in the request's line one behind the other, which is the rule, they are
 * read at once as the method's text, with what is between them: a read costs 0.09 us however long it is. */
static __always_inline void keep_line(struct record *record, struct binary *binary)
{
	u64 method = word_of(record, binary->request_method);
	u64 length = word_behind(record, binary->request_method);
	struct go_string path = {};

	bpf_probe_read_user(&path, sizeof(path),
			    (void *)(word_of(record, binary->request_url) + binary->url_path));
	if (length <= METHOD && path.data == method + length + 1) {
		path.length = path.length < PATH ? path.length : PATH;
		keep(record, METHOD_TEXT, method, length + 1 + path.length, METHOD + 1 + PATH);
		if (record->texts[length & 15] == ' ')
			return;
		record->used = 0; /* chance: no line */
	}
	keep(record, METHOD_TEXT, method, length, METHOD);
	keep(record, PATH_TEXT, path.data, path.length, PATH);
}

static __always_inline void describe_request(struct record *record, struct binary *binary)
{
	struct http_server *facts = served_facts(record);

	facts->over_tls = word_of(record, binary->request_tls) != 0;
	facts->major = word_of(record, binary->request_major);
	facts->minor = word_of(record, binary->request_minor);
	keep_line(record, binary);
	keep_field(record, HOST_TEXT, binary->request_host, HOST);
	keep_field(record, PEER_TEXT, binary->request_remote, PEER);
}

/* What another router says, else the pattern of the ServeMux that chose the handler: a field since Go 1.23,
 * in 1.22 behind a pointer. */
static __always_inline void describe_route(struct record *record, struct binary *binary)
{
	u64 address = 0;

	served_facts(record)->router = keep_route(record, binary, ROUTE_TEXT, ROUTE);
	if (served_facts(record)->router)
		return;
	if (binary->request_pattern != ABSENT) {
		address = record->subject + binary->request_pattern;
	} else if (binary->request_pat != ABSENT && binary->pattern_text != ABSENT) {
		address = read_word(record->subject + binary->request_pat);
		if (address)
			address += binary->pattern_text;
	}
	if (address)
		keep_string(record, ROUTE_TEXT, address, ROUTE);
}

/* The request that says that HTTP/2 follows is one of nobody's: its handler takes the connection over for
 * golang.org/x/net/http2/h2c. */
static __always_inline int is_preface(struct record *record, struct binary *binary)
{
	u32 index = binary->request_method / 8 & (WORDS - 1);
	char method[3] = {};

	if (record->words[index + 1] != sizeof(method) || word_of(record, binary->request_major) != 2)
		return 0;
	bpf_probe_read_user(method, sizeof(method), (void *)record->words[index]);
	return method[0] == 'P' && method[1] == 'R' && method[2] == 'I';
}

/* Whether x/net's stream of this request has begun the record: its handler may be net/http's. */
static __always_inline int is_streamed(struct key *key, u64 request)
{
	struct record *record = under_way(key);

	return record && record->kind == HTTP_SERVER && record->subject == request &&
	       served_facts(record)->streamed;
}

/* All words that are asked for, and the one behind them, where contexts have their data since Go 1.23.
 * Before that it may belong to what follows the request, and may not be there. */
static __always_inline void read_request(struct record *record, u64 request)
{
	if (bpf_probe_read_user(record->words, sizeof(record->words), (void *)request) &&
	    bpf_probe_read_user(record->words, WORDS * sizeof(u64), (void *)request))
		count(UNREAD);
}

static __always_inline u64 context_of(struct record *record, u64 request, u32 offset)
{
	if (offset < WORDS * sizeof(u64))
		return word_behind(record, offset);
	return read_word(request + offset + sizeof(u64));
}

static __always_inline int begin_request(struct pt_regs *ctx, u64 request, u8 streamed)
{
	struct key key = key_of(ctx, SERVED);
	struct process *process = processes.lookup(&key.process);
	struct binary *binary;
	struct record *record;
	char text[TRACEPARENT + 1] = {};

	if (!process)
		return 0;
	binary = binary_of(process->binary);
	if (binary && binary->stream_state != ABSENT && !streamed && is_streamed(&key, request))
		return 0;
	record = begin(&key, process, HTTP_SERVER, request);
	if (!binary || !record)
		return 0;
	served_facts(record)->streamed = streamed;
	read_request(record, request);
	if (is_preface(record, binary)) {
		record->subject = 0;
		return 0;
	}
	if (!find_traceparent(record->group, binary, word_of(record, binary->request_header), text) ||
	    !continue_trace(&record->context, text))
		begin_trace(&record->context, process->threshold);
	else
		draw(record->context.span_id, 2);
	if (binary->request_context != ABSENT) /* an interface: type, data */
		belong(&key, record, context_of(record, request, binary->request_context));
	if (record->context.flags & SAMPLED)
		describe_request(record, binary);
	route_of(record)->router = NO_ROUTER;
	return 0;
}

int http_server_start(struct pt_regs *ctx)
{
	return begin_request(ctx, GO_ARGUMENT_4(ctx), 0);
}

int http_server_start_stream(struct pt_regs *ctx)
{
	return begin_request(ctx, GO_ARGUMENT_3(ctx), 1);
}

/* `status` is where it stands; 0: there is none. */
static __always_inline int end_request(struct record *record, struct binary *binary, u64 status, u8 ended)
{
	struct http_server *facts = served_facts(record);

	if (record->context.flags & SAMPLED) {
		facts->status = status ? read_word(status) : 0;
		facts->ended = ended;
		describe_route(record, binary);
	}
	return finish(record);
}

/* The request that this goroutine serves, and its binary. `ends` where it is certain that there is one. */
static __always_inline struct record *served(struct pt_regs *ctx, struct binary **binary, const int ends)
{
	struct key key = key_of(ctx, SERVED);
	struct record *record = ends ? ending(&key) : under_way(&key);

	if (!record || record->kind != HTTP_SERVER)
		return NULL;
	*binary = binary_of(record->binary);
	return *binary ? record : NULL;
}

int http_server_end(struct pt_regs *ctx)
{
	struct binary *binary = NULL;
	struct record *record = served(ctx, &binary, 1);

	if (!record)
		return 0;
	return end_request(record, binary, GO_ARGUMENT_1(ctx) + binary->response_status, ANSWERED);
}

static __always_inline int end_http2(struct pt_regs *ctx, u32 state_offset, u32 status_offset,
				     struct record *record, struct binary *binary)
{
	u64 state;

	if (state_offset == ABSENT || status_offset == ABSENT)
		return 0;
	state = read_word(GO_ARGUMENT_1(ctx) + state_offset);
	return end_request(record, binary, state + status_offset, ANSWERED);
}

int http_server_end_http2(struct pt_regs *ctx)
{
	struct binary *binary = NULL;
	struct record *record = served(ctx, &binary, 1);

	if (!record)
		return 0;
	return end_http2(ctx, binary->http2_state, binary->http2_status, record, binary);
}

int http_server_end_stream(struct pt_regs *ctx)
{
	struct binary *binary = NULL;
	struct record *record = served(ctx, &binary, 1);

	if (!record)
		return 0;
	return end_http2(ctx, binary->stream_state, binary->stream_status, record, binary);
}

static __always_inline int end_otherwise(struct pt_regs *ctx, u8 ended)
{
	struct binary *binary = NULL;
	struct record *record = served(ctx, &binary, 0);

	return record ? end_request(record, binary, 0, ended) : 0;
}

int http_server_hijacked(struct pt_regs *ctx)
{
	return end_otherwise(ctx, HIJACKED);
}

int http_server_aborted(struct pt_regs *ctx)
{
	return end_otherwise(ctx, ABORTED);
}
