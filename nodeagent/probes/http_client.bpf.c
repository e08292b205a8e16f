/* Requests that net/http sends, over HTTP/1.1 and HTTP/2.
 *
 *   func (t *Transport) roundTrip(req *Request) (_ *Response, err error)
 *
 *   func (pc *persistConn) roundTrip(req *transportRequest) (resp *Response, err error)
 *
 * Every request of a Transport passes the first once, redirects one by one, tries of the Transport's own
 * all together. An answer is seen where it tests whether the second one, or HTTP/2's, returned an error: by
 * then the results are in their registers. Whether and how a request failed is seen at its returns only:
 * there are as many ways to fail as ways to go on trying.
 */

/* Their sum is below 512, where the place of the last one is masked. */
#define SENT_METHOD 15
#define SENT_SCHEME 7
#define SENT_HOST 127
#define SENT_PATH 255
#define SENT_ERROR 63

#define ANSWER 64 /* bytes of the answer that are read at once */
#define REDIRECTS 10

enum {
	SENT_METHOD_TEXT,
	SENT_SCHEME_TEXT,
	SENT_HOST_TEXT,
	SENT_PATH_TEXT,
	SENT_ERROR_TEXT,
};

struct http_client {
	u32 status;
	u8 major;
	u8 minor;
	u8 resent;  /* how many requests were redirected to this one */
	u8 escaped; /* the path is as it was sent */
};

_Static_assert(sizeof(struct http_client) == HTTP_CLIENT_SIZE, "differs from http_client.py");

static __always_inline struct http_client *sent_facts(struct record *record)
{
	return (struct http_client *)record->facts;
}

/* Whether the program traces this request itself: its traceparent is there already. One that came with
 * the request that is served is only passed on, as reverse proxies do. */
static __always_inline int is_traced(struct pt_regs *ctx, struct record *record, struct binary *binary)
{
	struct key key = key_of(ctx, SERVED);
	struct trace_context theirs = {};
	char text[TRACEPARENT + 1] = {};
	struct record *served;

	if (!find_traceparent(record->group, binary, word_of(record, binary->request_header), text) ||
	    !continue_trace(&theirs, text))
		return 0;
	served = under_way(&key);
	return !served || !have_one_parent(&theirs, &served->context);
}

/* How many requests led to this one, each but the first by a redirect. */
static __always_inline u8 count_redirects(u64 answer, struct binary *binary)
{
	u8 redirects = 0;

#pragma clang loop unroll(disable)
	for (int i = 0; i < REDIRECTS && answer; i++) {
		redirects++;
		answer = read_word(answer + binary->answer_request);
		if (answer)
			answer = read_word(answer + binary->request_response);
	}
	return redirects;
}

static __always_inline void describe_sent(struct record *record, struct binary *binary)
{
	struct http_client *facts = sent_facts(record);
	u64 url = word_of(record, binary->request_url);

	facts->status = 0;
	facts->major = 0;
	facts->minor = 0;
	facts->resent = count_redirects(word_of(record, binary->request_response), binary);
	facts->escaped = 0;
	keep_field(record, SENT_METHOD_TEXT, binary->request_method, SENT_METHOD);
	keep_string(record, SENT_SCHEME_TEXT, url + binary->url_scheme, SENT_SCHEME);
	keep_string(record, SENT_HOST_TEXT, url + binary->url_host, SENT_HOST);
	/* Only where a path can be written in several ways is there one as it was. */
	if (read_word(url + binary->url_raw_path + 8)) {
		facts->escaped = 1;
		keep_string(record, SENT_PATH_TEXT, url + binary->url_raw_path, SENT_PATH);
	} else {
		keep_string(record, SENT_PATH_TEXT, url + binary->url_path, SENT_PATH);
	}
}

int http_client_start(struct pt_regs *ctx)
{
	struct key key = key_of(ctx, ROLE_HTTP_CLIENT);
	struct process *process = processes.lookup(&key.process);
	u64 request = GO_ARGUMENT_2(ctx), go_context = 0;
	struct binary *binary;
	struct record *record;

	if (!process)
		return 0;
	binary = binary_of(process->binary);
	record = begin(&key, process, HTTP_CLIENT, request);
	if (!binary || !record)
		return 0;
	if (bpf_probe_read_user(record->words, WORDS * sizeof(u64), (void *)request))
		count(UNREAD);
	if (binary->request_context != ABSENT) /* an interface: type, data */
		go_context = read_word(request + binary->request_context + 8);
	place(record, ctx, go_context, process->threshold);
	if (is_traced(ctx, record, binary))
		record->subject = 0;
	else if (record->context.flags & SAMPLED)
		describe_sent(record, binary);
	return 0;
}

static __always_inline void describe_answer(struct record *record, struct binary *binary, u64 answer)
{
	struct http_client *facts = sent_facts(record);

	if (bpf_probe_read_user(record->words, ANSWER, (void *)answer)) {
		count(UNREAD);
		return;
	}
	facts->status = word_of(record, binary->answer_status);
	facts->major = word_of(record, binary->answer_major);
	facts->minor = word_of(record, binary->answer_minor);
}

static __always_inline int end_sent(struct pt_regs *ctx)
{
	struct key key = key_of(ctx, ROLE_HTTP_CLIENT);
	struct record *record = ending(&key);
	u64 answer = GO_ARGUMENT_1(ctx), error = GO_ARGUMENT_2(ctx);
	struct binary *binary;
	struct types types;

	if (!record)
		return 0;
	binary = binary_of(record->binary);
	if (binary && record->context.flags & SAMPLED) {
		if (!error)
			describe_answer(record, binary, answer);
		else if (types_of(&types, error, binary->sent_error_type))
			keep_type(record, SENT_ERROR_TEXT, &types, SENT_ERROR);
	}
	return finish(record);
}

int http_client_end(struct pt_regs *ctx)
{
	return end_sent(ctx);
}

/* One that failed may be tried again. */
int http_client_tested(struct pt_regs *ctx)
{
	return GO_ARGUMENT_2(ctx) ? 0 : end_sent(ctx);
}
