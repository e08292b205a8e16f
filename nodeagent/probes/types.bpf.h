/* Names of types: what an interface's value is, as `*pq.Error`.
 *
 * An interface with methods points to a table (abi.ITab) which begins with the interface's type and the
 * value's. Types are named by how far the name lies behind the first of all types; that begin is found by
 * the distance of the one type that is known, which is the same wherever the program was loaded.
 */

#define TYPE_FLAGS 20 /* abi.Type */
#define TYPE_NAME 40
#define EXTRA_STAR 2

struct types {
	u64 begin;
	u64 type; /* of the value */
};

/* The types of an interface's value; `place` is that of the interface's own. 0: it is nil, or unknown. */
static __always_inline int types_of(struct types *types, u64 table, u32 place)
{
	u64 pair[2]; /* the interface's type, the value's */

	if (!table || place == ABSENT || bpf_probe_read_user(pair, sizeof(pair), (void *)table))
		return 0;
	types->begin = pair[0] - place;
	types->type = pair[1];
	return types->type != 0;
}

/* The name as reflection writes it. In front of it are a byte of flags and its length; a star that is
 * there for the pointer's sake does not belong to it. 0: it cannot be read. */
static __always_inline int name_of(struct go_string *name, struct types *types)
{
	u8 head[2] = {};
	u8 flags = 0;
	s32 offset = 0;

	bpf_probe_read_user(&flags, sizeof(flags), (void *)(types->type + TYPE_FLAGS));
	if (bpf_probe_read_user(&offset, sizeof(offset), (void *)(types->type + TYPE_NAME)))
		return 0;
	name->data = types->begin + offset;
	if (bpf_probe_read_user(head, sizeof(head), (void *)name->data) || head[1] & 0x80)
		return 0;
	name->data += sizeof(head);
	name->length = head[1];
	if (flags & EXTRA_STAR && name->length) {
		name->data++;
		name->length--;
	}
	return 1;
}

static __always_inline void keep_type(struct record *record, const u32 number, struct types *types, const u32 most)
{
	struct go_string name = {};

	if (name_of(&name, types))
		keep(record, number, name.data, name.length, most);
}
