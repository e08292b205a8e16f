/* Routes of served requests, by the routers that are used beside net/http's own.
 *
 *   func (engine *Engine) handleHTTPRequest(c *Context)                      github.com/gin-gonic/gin
 *   func (n *node) FindRoute(rctx *Context, method methodTyp, path string)   github.com/go-chi/chi/v5
 *   func requestWithRoute(r *http.Request, route *Route) *http.Request       github.com/gorilla/mux
 *
 * They run on the handler's goroutine. The first two know a route only after that, in a context that they
 * use again for other requests: what it says at a request's end counts as long as it holds something that
 * only this request has, which is looked at last. Whoever takes the context changes that first.
 */

#define PATTERNS 8 /* of routers within each other */
#define WHOLE 511  /* where the texts' last begins at most */

enum router {
	NO_ROUTER,
	GIN,
	CHI,
	MUX,
};

/* Where a request's route is to be found; it lies where the request was read to. */
struct route {
	u64 router; /* enum router */
	u64 address;
	u64 own; /* what only this request has */
};

static __always_inline struct route *route_of(struct record *record)
{
	return (struct route *)record->words;
}

/* What this goroutine serves, if that is a request whose route will be told. */
static __always_inline struct record *to_be_routed(struct pt_regs *ctx, struct binary **binary)
{
	struct key key = key_of(ctx, SERVED);
	struct record *record = under_way(&key);

	if (!record || record->kind != HTTP_SERVER || !(record->context.flags & SAMPLED))
		return NULL;
	*binary = binary_of(record->binary);
	return *binary ? record : NULL;
}

/* An interface that lies at this offset holds what only this request has. */
static __always_inline int route_by(struct record *record, u64 router, u64 address, u32 offset)
{
	struct route *route = route_of(record);
	u64 own = offset == ABSENT ? 0 : read_word(address + offset + 8);

	if (own) {
		route->router = router;
		route->address = address;
		route->own = own;
	}
	return 0;
}

int http_route_gin(struct pt_regs *ctx)
{
	struct binary *binary = NULL;
	struct record *record = to_be_routed(ctx, &binary);

	return record ? route_by(record, GIN, GO_ARGUMENT_2(ctx), binary->gin_writer) : 0;
}

int http_route_chi(struct pt_regs *ctx)
{
	struct binary *binary = NULL;
	struct record *record = to_be_routed(ctx, &binary);

	return record ? route_by(record, CHI, GO_ARGUMENT_2(ctx), binary->chi_parent) : 0;
}

int http_route_mux(struct pt_regs *ctx)
{
	struct binary *binary = NULL;
	struct record *record = to_be_routed(ctx, &binary);

	if (record) { /* a route does not change */
		route_of(record)->router = MUX;
		route_of(record)->address = GO_ARGUMENT_2(ctx);
	}
	return 0;
}

/* Patterns of routers within each other, one behind the other. */
static __always_inline void keep_patterns(struct record *record, const u32 number, u64 address, const u32 most)
{
	u64 patterns[2] = {}; /* data, length */
	u32 length = 0;

	bpf_probe_read_user(patterns, sizeof(patterns), (void *)address);
	if (patterns[1] > PATTERNS)
		return;
#pragma clang loop unroll(disable)
	for (u64 i = 0; i < PATTERNS && i < patterns[1] && record->used <= WHOLE; i = opaque(i + 1)) {
		record->lengths[number] = 0;
		keep_string(record, number, patterns[0] + i * sizeof(struct go_string), most);
		length += record->lengths[number];
	}
	record->lengths[number] = length;
}

/* Keep the route as the router has it, behind all other texts; returns the router. */
static __always_inline u8 keep_route(struct record *record, struct binary *binary, const u32 number, const u32 most)
{
	struct route *route = route_of(record);
	u32 before = record->used, own = ABSENT;
	u64 path;

	if (route->router == GIN && binary->gin_full_path != ABSENT) {
		own = binary->gin_writer;
		keep_string(record, number, route->address + binary->gin_full_path, most);
	} else if (route->router == CHI && binary->chi_patterns != ABSENT) {
		own = binary->chi_parent;
		keep_patterns(record, number, route->address + binary->chi_patterns, most);
	} else if (route->router == MUX && binary->mux_path != ABSENT && binary->mux_template != ABSENT) {
		path = read_word(route->address + binary->mux_path);
		if (path)
			keep_string(record, number, path + binary->mux_template, most);
	}
	if (own != ABSENT && read_word(route->address + own + 8) != route->own) {
		record->lengths[number] = 0;
		record->used = before;
	}
	return record->lengths[number] ? route->router : NO_ROUTER;
}
