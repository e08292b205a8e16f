/* Spans that a program makes with the OpenTelemetry API, where it has no SDK that would record them.
 *
 *   func (t *tracer) newSpan(ctx context.Context, autoSpan *bool, name string,
 *                            opts []trace.SpanStartOption) (context.Context, trace.Span)
 *   func (t *tracer) Start(ctx context.Context, name string,
 *                          opts ...trace.SpanStartOption) (context.Context, trace.Span)
 *   func (nonRecordingSpan) SetAttributes(kv ...attribute.KeyValue)
 *   func (nonRecordingSpan) SetName(name string)
 *   func (nonRecordingSpan) SetStatus(code codes.Code, description string)
 *   func (nonRecordingSpan) RecordError(err error, options ...trace.EventOption)
 *   func (nonRecordingSpan) End(options ...trace.SpanEndOption)
 *
 * All of package internal/global, whose tracer has a delegate when there is an SDK. The span's methods do
 * nothing; called through the interface they are wrappers that take a pointer. The span exists twice: as
 * what Start returns, and in the context that it returns. A record's key is the first one's address.
 */

#define API_NAME 127
#define API_TRACER 127
#define API_KEY 63
#define API_VALUE 127
/* Where the last entry may begin: none is longer than 194. An attribute leaves room for another entry. */
#define API_ROOM 820
#define API_ATTRIBUTES_ROOM 600
#define API_ATTRIBUTES 16
#define API_OPTIONS 4

enum {
	API_NAME_TEXT,
	API_TRACER_TEXT,
};

/* What came later stands behind the texts, entry by entry: a head, a key, a value. */
enum entry {
	API_BOOL = 1, /* attribute.Type */
	API_INTEGER,
	API_FLOAT,
	API_STRING,
	API_RENAMED = 16,
	API_DESCRIPTION,
	API_ERROR,
};

struct entry_head {
	u8 entry;
	u8 key;
	u8 value;
	u8 spare;
};

struct api {
	u32 status;  /* codes.Code */
	u32 dropped; /* attributes that there was no room for */
	u64 error;   /* when the last error was recorded */
};

_Static_assert(sizeof(struct api) == API_SIZE, "differs from api.py");

/* A span that a goroutine is about to make. */
struct api_start {
	u64 time;
	u64 tracer;
	u64 go_context;
	struct go_string name;
	struct go_string options; /* a slice */
};

BPF_TABLE("lru_hash", struct key, struct api_start, api_starts, MAX_REQUESTS);
/* The address of the span by that of the one in the context. */
BPF_TABLE("lru_hash", struct key, u64, api_twins, MAX_REQUESTS);

static __always_inline struct api *api_facts(struct record *record)
{
	return (struct api *)record->facts;
}

static __always_inline int api_append(struct record *record, u8 entry, struct go_string *key, u64 value, u64 length)
{
	u64 place = record->used & (TEXTS - 1);
	u64 key_length = key->length < API_KEY ? key->length : API_KEY;
	struct entry_head *head;

	if (place > API_ROOM)
		return 0;
	/* Kernels before 6.8 forget the bounds of what lies on the stack: these are told again. */
	key_length = opaque(key_length) & API_KEY;
	length = length < API_VALUE ? length : API_VALUE;
	length = opaque(length) & API_VALUE;
	head = (struct entry_head *)(record->texts + place);
	head->entry = entry;
	head->key = key_length;
	head->value = length;
	head->spare = 0;
	place += sizeof(*head);
	if (bpf_probe_read_user(record->texts + place, key_length, (void *)key->data))
		return 0;
	place += key_length;
	if (bpf_probe_read_user(record->texts + place, length, (void *)value))
		return 0;
	record->used = place + length;
	return 1;
}

static __always_inline void api_append_text(struct record *record, u8 entry, u64 data, u64 length)
{
	struct go_string none = {};

	if (length)
		api_append(record, entry, &none, data, length);
}

/* One attribute.KeyValue. */
static __always_inline void api_append_attribute(struct record *record, struct binary *binary, u64 attribute)
{
	u64 value = attribute + binary->api_value;
	u64 type = read_word(value + binary->api_type);
	struct go_string key = {}, text = {};

	if (type == API_STRING) {
		bpf_probe_read_user(&text, sizeof(text), (void *)(value + binary->api_string));
	} else {
		text.data = value + binary->api_number;
		text.length = sizeof(u64);
	}
	if (type < API_BOOL || type > API_STRING || record->used > API_ATTRIBUTES_ROOM ||
	    bpf_probe_read_user(&key, sizeof(key), (void *)attribute) ||
	    !api_append(record, type, &key, text.data, text.length))
		api_facts(record)->dropped++;
}

static __always_inline void api_append_attributes(struct record *record, struct binary *binary, u64 data, u64 count)
{
	/* The last field of the last field, an interface. */
	u32 size = binary->api_value + binary->api_slice + 16;

#pragma clang loop unroll(disable)
	for (u64 i = 0; i < API_ATTRIBUTES && i < count; i = opaque(i + 1)) {
		/* Else a field of it is read anew at the end of the loop: see opaque. */
		struct binary *anew = (struct binary *)opaque((u64)binary);

		api_append_attribute(record, anew, data + i * size);
	}
	if (count > API_ATTRIBUTES)
		api_facts(record)->dropped += count - API_ATTRIBUTES;
}

/* The attributes that a span is started with: those of the first option that has any. */
static __always_inline void api_append_options(struct record *record, struct binary *binary, struct go_string *options)
{
	u64 option[2]; /* an interface: table, data */
	struct go_string attributes = {};
	struct types types;

#pragma clang loop unroll(disable)
	for (u64 i = 0; i < API_OPTIONS && i < options->length; i = opaque(i + 1)) {
		if (bpf_probe_read_user(option, sizeof(option), (void *)(options->data + i * sizeof(option))))
			break;
		if (!types_of(&types, option[0], binary->api_option_type) ||
		    types.type - types.begin != binary->api_attributes_type)
			continue;
		bpf_probe_read_user(&attributes, sizeof(attributes), (void *)option[1]);
		break;
	}
	api_append_attributes(record, binary, attributes.data, attributes.length);
}

static __always_inline void api_begin(struct pt_regs *ctx, u64 name, u64 length, u64 options, u64 count)
{
	struct key key = key_of(ctx, ROLE_API);
	struct api_start start = {};

	if (!processes.lookup(&key.process))
		return;
	start.time = bpf_ktime_get_ns();
	start.tracer = GO_ARGUMENT_1(ctx);
	start.go_context = GO_ARGUMENT_3(ctx);
	start.name.data = name;
	start.name.length = length;
	start.options.data = options;
	start.options.length = count;
	api_starts.update(&key, &start);
}

int api_new_span(struct pt_regs *ctx)
{
	api_begin(ctx, GO_ARGUMENT_5(ctx), GO_ARGUMENT_6(ctx), GO_ARGUMENT_7(ctx), GO_ARGUMENT_8(ctx));
	return 0;
}

static __always_inline struct binary *api_binary(void)
{
	u32 number = current_process();
	struct process *process = processes.lookup(&number);

	return process ? binary_of(process->binary) : NULL;
}

int api_start(struct pt_regs *ctx)
{
	struct binary *binary = api_binary();

	if (binary && !read_word(GO_ARGUMENT_1(ctx) + binary->api_delegate))
		api_begin(ctx, GO_ARGUMENT_4(ctx), GO_ARGUMENT_5(ctx), GO_ARGUMENT_6(ctx), GO_ARGUMENT_7(ctx));
	return 0;
}

/* The span in the context is another copy. */
static __always_inline void api_join(struct record *record, struct key *key, u64 twin)
{
	struct key other = *key;
	u64 span = key->address;

	record->words[0] = twin;
	other.address = twin;
	if (twin != span)
		api_twins.update(&other, &span);
}

int api_started(struct pt_regs *ctx)
{
	struct key key = key_of(ctx, ROLE_API);
	struct process *process = processes.lookup(&key.process);
	struct api_start *found = api_starts.lookup(&key);
	struct api_start start;
	struct record *record;
	struct binary *binary;
	u64 go_context = GO_ARGUMENT_2(ctx);

	if (!process || !found || !found->time)
		return 0;
	start = *found;
	found->time = 0;
	key.address = GO_ARGUMENT_4(ctx);
	binary = binary_of(process->binary);
	record = begin(&key, process, API, key.address);
	if (!binary || !record)
		return 0;
	record->start = start.time;
	place(record, ctx, start.go_context, process->threshold);
	belong(&key, record, go_context);
	api_join(record, &key, read_word(go_context + binary->api_context_value + 8));
	if (!(record->context.flags & SAMPLED))
		return 0;
	__builtin_memset(record->facts, 0, sizeof(record->facts));
	keep(record, API_NAME_TEXT, start.name.data, start.name.length, API_NAME);
	keep_string(record, API_TRACER_TEXT, start.tracer + binary->api_tracer, API_TRACER);
	api_append_options(record, binary, &start.options);
	return 0;
}

/* The span whose method is called. */
static __always_inline struct record *api_span(struct pt_regs *ctx, struct key *key)
{
	struct record *record;
	u64 *span;

	key->address = GO_ARGUMENT_1(ctx);
	key->process = current_process();
	key->role = ROLE_API;
	record = under_way(key);
	if (record)
		return record;
	span = api_twins.lookup(key);
	if (!span)
		return NULL;
	key->address = *span;
	return under_way(key);
}

/* The same, where what is told of it is wanted. */
static __always_inline struct record *api_recorded(struct pt_regs *ctx)
{
	struct key key = {};
	struct record *record = api_span(ctx, &key);

	return record && record->context.flags & SAMPLED ? record : NULL;
}

int api_set_attributes(struct pt_regs *ctx)
{
	struct record *record = api_recorded(ctx);
	struct binary *binary = record ? binary_of(record->binary) : NULL;

	if (binary)
		api_append_attributes(record, binary, GO_ARGUMENT_2(ctx), GO_ARGUMENT_3(ctx));
	return 0;
}

int api_set_name(struct pt_regs *ctx)
{
	struct record *record = api_recorded(ctx);

	if (record)
		api_append_text(record, API_RENAMED, GO_ARGUMENT_2(ctx), GO_ARGUMENT_3(ctx));
	return 0;
}

int api_set_status(struct pt_regs *ctx)
{
	struct record *record = api_recorded(ctx);

	if (record) {
		api_facts(record)->status = GO_ARGUMENT_2(ctx);
		api_append_text(record, API_DESCRIPTION, GO_ARGUMENT_3(ctx), GO_ARGUMENT_4(ctx));
	}
	return 0;
}

int api_record_error(struct pt_regs *ctx)
{
	struct record *record = api_recorded(ctx);
	struct binary *binary = record ? binary_of(record->binary) : NULL;
	struct go_string name = {};
	struct types types;

	if (!binary || !GO_ARGUMENT_2(ctx)) /* it takes no error for none */
		return 0;
	api_facts(record)->error = bpf_ktime_get_ns();
	if (types_of(&types, GO_ARGUMENT_2(ctx), binary->api_error_type) && name_of(&name, &types))
		api_append_text(record, API_ERROR, name.data, name.length);
	return 0;
}

int api_end(struct pt_regs *ctx)
{
	struct key key = {};
	struct record *record = api_span(ctx, &key);
	struct key twin;

	if (!record)
		return 0;
	twin = key;
	twin.address = record->words[0];
	finish(record);
	/* No other span has its address, soon: kept, it would push those under way out of the map. */
	records.delete(&key);
	api_twins.delete(&twin);
	return 0;
}
