/* Spans under way: a record each, from its begin to its end, and where others find it as their parent.
 *
 * A record stays in the map when its span is done, for the goroutine's next one: an update and a deletion
 * would cost as much as all the rest.
 */

#define LENGTHS 6
#define FACTS 16

/* Texts of a record, together. The place of the last one is masked to 511, and so is its length. */
#define TEXTS 1024

#define SAME_CALL 1000000 /* nanoseconds */
#define WORDS 32
#define CONTEXTS 65536 /* a power of two */
#define CHAIN 64       /* contexts on the way from a call up to the span that it belongs to */

/* Whose record it is: what a goroutine serves is one thing at a time, whatever it is; a call of one kind
 * may be made within a call of another. */
enum role {
	SERVED, /* a request; the key's address is the goroutine */
	ROLE_HTTP_CLIENT,
	ROLE_GRPC_CLIENT,
	ROLE_SQL,
	ROLE_API, /* a span of the program's own; the key's address is its context or the span */
	ROLES = 8,
};

/* The stack and its goroutine are reused, but never by two spans of one role at a time. */
struct key {
	u64 address;
	u32 process;
	u32 role;
};

struct record {
	u64 kind; /* the probe's number */
	u64 start;
	u64 end;
	struct trace_context context;
	u32 process;
	u16 lengths[LENGTHS];
	u8 facts[FACTS]; /* as the probe has them */
	/* The texts in the order of their lengths, one right behind the other; what is handed over ends with
	 * the last. Before there is any text, slots of a map of headers may pass through here: the stack has
	 * room for 512 bytes only. */
	union {
		char texts[TEXTS];
		u8 group[TEXTS];
	};
	/* What is not handed over. */
	u64 subject;	/* what it is about, an address; 0: done */
	u64 go_context; /* the address of its context.Context, where it has one */
	u32 used;	/* bytes of the texts */
	u32 binary;
	u64 words[WORDS + 1]; /* for what is read at once */
};

#define HEAD offsetof(struct record, texts)

_Static_assert(HEAD == RECORD_SIZE, "differs from record.py");
_Static_assert(TEXTS >= GROUP_ROOM, "no room for a slot");

BPF_TABLE("lru_hash", struct key, struct record, records, MAX_REQUESTS);
/* What a new record is made of: too large for the stack. Nobody writes to it. */
BPF_ARRAY(blank, struct record, 1);
/* Whose a context is: the address and role of the record's key. A later one may take the place: then a
 * call on another goroutine does not find its parent. It is written in two steps, and stays where a span
 * has no end: the record says whether it is the one. */
struct owner {
	u64 go_context;
	u64 key;
};

BPF_ARRAY(contexts, struct owner, CONTEXTS);

static __always_inline struct key key_of(struct pt_regs *ctx, u32 role)
{
	struct key key = {};

	key.address = GO_GOROUTINE(ctx);
	key.process = current_process();
	key.role = role;
	return key;
}

static __always_inline struct binary *binary_of(u32 number)
{
	return binaries.lookup(&number);
}

static __always_inline struct record *record_of(struct key *key)
{
	struct record *record = records.lookup(key);
	u32 first = 0;

	if (record)
		return record;
	record = blank.lookup(&first);
	if (record)
		records.update(key, record);
	return records.lookup(key);
}

/* The record of a span that begins now. NULL where it has begun already: one file has several names where
 * containers share an image, and probed by each it calls us for each of them. */
static __always_inline struct record *begin(struct key *key, struct process *process, u64 kind, u64 subject)
{
	struct record *record = record_of(key);
	u64 now = bpf_ktime_get_ns();

	if (!record) {
		count(UNTRACKED);
		return NULL;
	}
	if (record->subject) {
		if (record->subject == subject && now - record->start < SAME_CALL)
			return NULL;
		count(REPLACED);
	}
	record->kind = kind;
	record->start = now;
	record->process = key->process;
	__builtin_memset(record->lengths, 0, sizeof(record->lengths));
	record->subject = subject;
	record->go_context = 0;
	record->used = 0;
	record->binary = process->binary;
	return record;
}

/* The record of a span that is not done. */
static __always_inline struct record *under_way(struct key *key)
{
	struct record *record = records.lookup(key);

	return record && record->subject ? record : NULL;
}

/* The record of a span that ends now. */
static __always_inline struct record *ending(struct key *key)
{
	struct record *record = records.lookup(key);

	if (!record && processes.lookup(&key->process))
		count(UNBEGUN);
	return record && record->subject ? record : NULL;
}

static __always_inline u32 context_slot(u64 go_context, u32 process)
{
	return (u32)(go_context >> 4 ^ go_context >> 20 ^ process) & (CONTEXTS - 1);
}

static __always_inline struct owner *owner_of(u64 go_context, u32 process)
{
	u32 slot = context_slot(go_context, process);

	return contexts.lookup(&slot);
}

/* A context of a span that is done is nobody's: what is made of it may belong to a span above. */
static __always_inline void disown(struct record *record)
{
	struct owner *owner = owner_of(record->go_context, record->process);

	if (owner && owner->go_context == record->go_context)
		owner->go_context = 0;
}

/* Hand the record over, if its trace is sampled; the span is done. */
static __always_inline int finish(struct record *record)
{
	u64 used = record->used;

	if (record->context.flags & SAMPLED) {
		record->end = bpf_ktime_get_ns();
		if (used > TEXTS)
			used = TEXTS;
		if (events.ringbuf_output(record, HEAD + used, BPF_RB_NO_WAKEUP))
			count(LOST);
	}
	record->subject = 0;
	if (record->go_context)
		disown(record);
	return 0;
}

/* Copy a text behind the others; a longer one than `most`, at most 511, is cut. Its number is larger than
 * that of the text before. */
static __always_inline void keep(struct record *record, const u32 number, u64 data, u64 length, const u32 most)
{
	u32 place = record->used & 511;

	length = length < most ? length : most;
	length &= 511; /* what the verifier believes */
	if (bpf_probe_read_user(record->texts + place, length, (void *)data)) {
		count(UNREAD);
		return;
	}
	record->lengths[number] = length;
	record->used = place + length;
}

/* The same with the string that stands at this address. */
static __always_inline void keep_string(struct record *record, const u32 number, u64 address, const u32 most)
{
	struct go_string string = {};

	if (!bpf_probe_read_user(&string, sizeof(string), (void *)address))
		keep(record, number, string.data, string.length, most);
}

/* A word of the struct that was read at once, by the offset of its field. */
static __always_inline u64 word_of(struct record *record, u32 offset)
{
	return record->words[offset / 8 & (WORDS - 1)];
}

/* The word behind that one: an interface's data, a string's length. */
static __always_inline u64 word_behind(struct record *record, u32 offset)
{
	return record->words[(offset / 8 & (WORDS - 1)) + 1];
}

/* Copy the string that is a field of it. */
static __always_inline void keep_field(struct record *record, const u32 number, u32 offset, const u32 most)
{
	u32 index = offset / 8 & (WORDS - 1);

	keep(record, number, record->words[index], record->words[index + 1], most);
}

/* From now on calls with this context, or one that was made of it, belong to the record's span. */
static __always_inline void belong(struct key *key, struct record *record, u64 go_context)
{
	struct owner *owner = owner_of(go_context, key->process);

	record->go_context = go_context;
	if (owner) {
		owner->key = key->address | key->role;
		owner->go_context = go_context;
	}
}

/* The span whose the context is, if it is not done. */
static __always_inline int of_owner(struct trace_context *found, struct owner *owner, u64 go_context, u32 process)
{
	struct record *record;
	struct key key = {};

	key.address = owner->key & ~(u64)(ROLES - 1);
	key.process = process;
	key.role = owner->key & (ROLES - 1);
	record = under_way(&key);
	if (!record || record->go_context != go_context)
		return 0;
	*found = record->context;
	/* Its goroutine may have gone on meanwhile. */
	return record->subject && record->go_context == go_context;
}

/* The span that has this very context. */
static __always_inline int of_context(struct trace_context *found, u64 go_context, u32 process)
{
	struct owner *owner = owner_of(go_context, process);

	return owner && owner->go_context == go_context && of_owner(found, owner, go_context, process);
}

/* Whether a word may be the address of a struct: at the end of a chain of contexts stands one of no size,
 * which has no first field, and to read where nothing is mapped takes 0.8 us. In one comparison: more
 * branches in a loop are more than the verifier follows. */
static __always_inline int may_be_address(u64 word)
{
	return (word >> 3 | word << 61) - 0x2000 < (1ULL << 44) - 0x2000;
}

/* The span that what begins now belongs to: by its context.Context, of which every kind in package context
 * has the one that it was made of as its first field; else what its goroutine serves. 0: to none. The
 * verifier goes through the loop step by step, so that it only looks for the owner. */
static __always_inline int find_parent(struct trace_context *found, struct pt_regs *ctx, u64 go_context)
{
	struct key served = key_of(ctx, SERVED);
	struct owner *owner = NULL;
	struct record *record;
	u64 parent[2]; /* an interface: type, data */

#pragma clang loop unroll(disable)
	for (int looked = 0; looked < CHAIN && may_be_address(go_context); looked++) {
		owner = owner_of(go_context, served.process);
		if (!owner || owner->go_context == go_context)
			break;
		owner = NULL;
		if (bpf_probe_read_user(parent, sizeof(parent), (void *)go_context))
			parent[1] = 0;
		go_context = parent[1];
	}
	if (owner) {
		if (of_owner(found, owner, go_context, served.process))
			return 1;
	} else if (may_be_address(go_context)) {
		count(UNSEARCHED);
	}
	record = under_way(&served);
	if (record)
		*found = record->context;
	return record != NULL;
}

/* Place a span that begins in this process: below the one that it belongs to, else in a trace of its own. */
static __always_inline void place(struct record *record, struct pt_regs *ctx, u64 go_context, u64 threshold)
{
	struct trace_context parent = {};

	if (!find_parent(&parent, ctx, go_context)) {
		begin_trace(&record->context, threshold);
		return;
	}
	record->context = parent;
	__builtin_memcpy(record->context.parent_id, parent.span_id, sizeof(parent.span_id));
	record->context.remote = 0;
	draw(record->context.span_id, 2);
}
