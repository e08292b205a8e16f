/* The header Traceparent in a net/http.Header, or traceparent in gRPC's metadata: a map[string][]string.
 *
 * Its hash is seeded, so that every slot has to be looked at; that is still cheaper than a probe on each
 * line of a request. A group, or bucket, of eight slots is read at once, to where the caller has room.
 */

#define TRACEPARENT 55 /* 00-<trace id>-<parent id>-<flags> */
#define GROUP 328      /* bytes of eight slots, with the 8 bytes of control in front of them */
#define SLOTS 8
#define GROUPS 8

/* Room for a group: a slot's place is masked to 511. */
#define GROUP_ROOM (511 + sizeof(struct go_string))

/* The groups, or buckets, of a map stand one after the other. */
struct groups {
	u64 first;
	u64 count;
};

/* Swiss maps, since Go 1.24: internal/runtime/maps.Map{used, seed, dirPtr, dirLen}; a small map is one
 * group, a larger one a directory of tables{used, capacity, growthLeft, localDepth, index, groups}. */
static __always_inline int swiss_groups(struct groups *groups, u64 map)
{
	u64 header[4] = {}; /* used, seed, dirPtr, dirLen */
	u64 reference[2] = {}; /* data, lengthMask */

	if (bpf_probe_read_user(header, sizeof(header), (void *)map) || !header[0])
		return 0;
	groups->first = header[2];
	groups->count = 1;
	if (!header[3])
		return 1;
	if (header[3] > 1) { /* more than a thousand headers */
		count(UNSEARCHED);
		return 0;
	}
	if (bpf_probe_read_user(reference, sizeof(reference), (void *)(read_word(header[2]) + 16)))
		return 0;
	groups->first = reference[0];
	groups->count = reference[1] + 1;
	return 1;
}

/* Go's earlier maps: runtime.hmap{count int; flags, B uint8; noverflow uint16; hash0 uint32; buckets}. */
static __always_inline int bucket_groups(struct groups *groups, u64 map)
{
	u64 header[3] = {};

	if (bpf_probe_read_user(header, sizeof(header), (void *)map) || !header[0])
		return 0;
	groups->first = header[2];
	groups->count = 1 << ((header[1] >> 8) & 15);
	return 1;
}

static __always_inline int is_traceparent(u64 text)
{
	u64 name[2] = {};

	if (bpf_probe_read_user(name, 11, (void *)text))
		return 0;
	name[0] |= 0x20; /* gRPC writes it small */
	return name[0] == 0x7261706563617274 /* tracepar */ && name[1] == 0x746e65 /* ent */;
}

/* The slice of values of the header Traceparent, if it is in this group. */
static __always_inline int find_in_group(u8 *group, struct binary *binary, struct go_string *values)
{
	struct go_string *name;
	u32 place;

#pragma clang loop unroll(disable)
	for (int slot = 0; slot < SLOTS; slot++) {
		place = binary->header_key + slot * binary->header_key_stride;
		name = (struct go_string *)(group + (place & 511));
		if (name->length != 11 || !is_traceparent(name->data))
			continue;
		place = binary->header_value + slot * binary->header_value_stride;
		*values = *(struct go_string *)(group + (place & 511));
		return 1;
	}
	return 0;
}

/* Look through a group whose end lies on a page that nobody has touched yet: nothing is in those slots. */
static __always_inline int find_in_torn(u8 *group, struct binary *binary, u64 address, struct go_string *values)
{
	u32 rest = SPANHOOK_PAGE_SIZE - (address & (SPANHOOK_PAGE_SIZE - 1));

	__builtin_memset(group, 0, GROUP + 8);
	if (rest > GROUP || bpf_probe_read_user(group, rest & 511, (void *)address)) {
		count(UNREAD);
		return 0;
	}
	return find_in_group(group, binary, values);
}

/* The slice of values of the header Traceparent. Behind a group that cannot be read as a whole no other is
 * looked at, which would be more than the verifier follows: it is the last one, for each has something at
 * its begin. */
static __always_inline int find_in_groups(u8 *group, struct binary *binary, struct groups *groups,
					  struct go_string *values)
{
	u32 swiss = binary->header_is_swiss;
	u64 address = groups->first, overflow;
	u32 index = 0;

#pragma clang loop unroll(disable)
	for (int looked = 0; looked < GROUPS; looked++) {
		if (bpf_probe_read_user(group, swiss ? GROUP : GROUP + 8, (void *)address))
			goto torn;
		if (find_in_group(group, binary, values))
			return 1;
		overflow = swiss ? 0 : *(u64 *)(group + GROUP);
		if (overflow) {
			address = overflow;
			continue;
		}
		if (++index >= groups->count)
			return 0;
		address = groups->first + index * binary->header_group;
	}
	count(UNSEARCHED);
	return 0;
torn:
	if (find_in_torn(group, binary, address, values))
		return 1;
	if (groups->count > 1)
		count(UNSEARCHED);
	return 0;
}

/* Look through the headers for the text of a traceparent; what was read last is left in `group`. */
static __always_inline int find_traceparent(u8 *group, struct binary *binary, u64 map, char *text)
{
	struct groups groups = {};
	struct go_string values = {};
	u32 swiss = binary->header_is_swiss;

	if (swiss == ABSENT || !map || !(swiss ? swiss_groups(&groups, map) : bucket_groups(&groups, map)))
		return 0;
	if (!find_in_groups(group, binary, &groups, &values))
		return 0;
	/* Two of them are as good as none, https://www.w3.org/TR/trace-context/. */
	if (values.length != 1 || bpf_probe_read_user(&values, sizeof(values), (void *)values.data))
		return 0;
	return values.length >= TRACEPARENT && !bpf_probe_read_user(text, TRACEPARENT, (void *)values.data);
}
