/* Calls of databases through database/sql.
 *
 *   func (db *DB) queryDC(ctx, txctx context.Context, dc *driverConn, releaseConn func(error),
 *                         query string, args []any) (*Rows, error)
 *   func (db *DB) execDC(ctx context.Context, dc *driverConn, release func(error),
 *                        query string, args []any) (res Result, err error)
 *   func (db *DB) prepareDC(ctx context.Context, dc *driverConn, release func(error),
 *                           cg stmtConnGrabber, query string) (*Stmt, error)
 *   func (db *DB) beginDC(ctx context.Context, dc *driverConn, release func(error),
 *                         opts *TxOptions) (tx *Tx, err error)
 *   func (s *Stmt) QueryContext(ctx context.Context, args ...any) (*Rows, error)
 *   func (s *Stmt) ExecContext(ctx context.Context, args ...any) (Result, error)
 *   func (tx *Tx) Commit() error
 *   func (tx *Tx) rollback(discardConn bool) error
 *
 * All queries of a DB, a Conn or a Tx pass one of the first two, with a connection, once for each try;
 * those of prepared statements do not. Whether they fail is seen at their returns.
 */

/* Their sum is 510: the last one's place is masked to 511. */
#define DRIVER 47
#define QUERY 463
#define ERROR 63

enum {
	DRIVER_TEXT,
	QUERY_TEXT,
	ERROR_TEXT,
};

enum call {
	STATEMENT,
	PREPARE,
	BEGIN,
	COMMIT,
	ROLLBACK,
	DISCARD, /* a rollback that always answers with an error, since its connection is given up */
};

struct sql {
	u32 length; /* of the query as it was */
	u8 call;    /* enum call */
	u8 failed;
	u8 spare[2];
};

_Static_assert(sizeof(struct sql) == SQL_SIZE, "differs from sql.py");

static __always_inline struct sql *sql_facts(struct record *record)
{
	return (struct sql *)record->facts;
}

/* The type of the driver, by which its database is known. What sql.Open makes of a driver without
 * connectors of its own is database/sql's dsnConnector, which holds the driver. */
static __always_inline void sql_keep_driver(struct record *record, struct binary *binary, u64 db)
{
	struct types types;
	u64 pair[2]; /* an interface: table, data */

	if (bpf_probe_read_user(pair, sizeof(pair), (void *)(db + binary->sql_connector)) ||
	    !types_of(&types, pair[0], binary->sql_connector_type))
		return;
	if (types.type - types.begin == binary->sql_dsn_type && binary->sql_dsn_driver != ABSENT &&
	    !types_of(&types, read_word(pair[1] + binary->sql_dsn_driver), binary->sql_driver_type))
		return;
	keep_type(record, DRIVER_TEXT, &types, DRIVER);
}

/* What a call begins with; NULL where nothing more is to be read. The address of the return is what it
 * is about: two calls of a goroutine at one time have two. */
static __always_inline struct record *sql_begin_call(struct pt_regs *ctx, u8 call, u64 db, u64 go_context)
{
	struct key key = key_of(ctx, ROLE_SQL);
	struct process *process = processes.lookup(&key.process);
	struct record *record;
	struct binary *binary;
	struct sql *facts;

	if (!process)
		return NULL;
	binary = binary_of(process->binary);
	record = begin(&key, process, SQL, PT_REGS_SP(ctx));
	if (!binary || !record)
		return NULL;
	place(record, ctx, go_context, process->threshold);
	if (!(record->context.flags & SAMPLED))
		return NULL;
	facts = sql_facts(record);
	facts->length = 0;
	facts->call = call;
	facts->failed = 0;
	sql_keep_driver(record, binary, db);
	return record;
}

static __always_inline int sql_begin_query(struct pt_regs *ctx, u8 call, u64 data, u64 length)
{
	struct record *record = sql_begin_call(ctx, call, GO_ARGUMENT_1(ctx), GO_ARGUMENT_3(ctx));

	if (record) {
		sql_facts(record)->length = length;
		keep(record, QUERY_TEXT, data, length, QUERY);
	}
	return 0;
}

int sql_query(struct pt_regs *ctx)
{
	return sql_begin_query(ctx, STATEMENT, GO_ARGUMENT_8(ctx), GO_ARGUMENT_9(ctx));
}

int sql_exec(struct pt_regs *ctx)
{
	return sql_begin_query(ctx, STATEMENT, GO_ARGUMENT_6(ctx), GO_ARGUMENT_7(ctx));
}

int sql_prepare(struct pt_regs *ctx)
{
	return sql_begin_query(ctx, PREPARE, GO_ARGUMENT_8(ctx), GO_ARGUMENT_9(ctx));
}

int sql_begin(struct pt_regs *ctx)
{
	sql_begin_call(ctx, BEGIN, GO_ARGUMENT_1(ctx), GO_ARGUMENT_3(ctx));
	return 0;
}

static __always_inline struct binary *sql_binary(void)
{
	u32 number = current_process();
	struct process *process = processes.lookup(&number);

	return process ? binary_of(process->binary) : NULL;
}

int sql_statement(struct pt_regs *ctx)
{
	u64 statement = GO_ARGUMENT_1(ctx);
	struct binary *binary = sql_binary();
	struct go_string query = {};
	struct record *record;

	if (!binary || binary->sql_statement_db == ABSENT || binary->sql_statement_query == ABSENT)
		return 0;
	record = sql_begin_call(ctx, STATEMENT, read_word(statement + binary->sql_statement_db),
				GO_ARGUMENT_3(ctx));
	if (!record)
		return 0;
	bpf_probe_read_user(&query, sizeof(query), (void *)(statement + binary->sql_statement_query));
	sql_facts(record)->length = query.length;
	keep(record, QUERY_TEXT, query.data, query.length, QUERY);
	return 0;
}

/* The end of a transaction; one that has ended already does nothing, as in `defer tx.Rollback()`. */
static __always_inline int sql_end_transaction(struct pt_regs *ctx, u8 call)
{
	u64 transaction = GO_ARGUMENT_1(ctx);
	struct binary *binary = sql_binary();

	if (!binary || binary->sql_tx_db == ABSENT || binary->sql_tx_done == ABSENT ||
	    binary->sql_tx_context == ABSENT)
		return 0;
	if ((u32)read_word(transaction + binary->sql_tx_done))
		return 0;
	sql_begin_call(ctx, call, read_word(transaction + binary->sql_tx_db),
		       read_word(transaction + binary->sql_tx_context + 8));
	return 0;
}

int sql_commit(struct pt_regs *ctx)
{
	return sql_end_transaction(ctx, COMMIT);
}

int sql_rollback(struct pt_regs *ctx)
{
	return sql_end_transaction(ctx, (u8)GO_ARGUMENT_2(ctx) ? DISCARD : ROLLBACK);
}

/* The call is over; `error` is the first word of what it returns as its error. */
static __always_inline int sql_end_call(struct pt_regs *ctx, u64 error)
{
	struct key key = key_of(ctx, ROLE_SQL);
	struct record *record = under_way(&key);
	struct binary *binary;
	struct types types;
	struct sql *facts;

	if (!record)
		return 0;
	facts = sql_facts(record);
	binary = binary_of(record->binary);
	if (error && record->context.flags & SAMPLED && facts->call != DISCARD) {
		facts->failed = 1;
		if (binary && types_of(&types, error, binary->sql_error_type))
			keep_type(record, ERROR_TEXT, &types, ERROR);
	}
	return finish(record);
}

int sql_returns_error(struct pt_regs *ctx)
{
	return sql_end_call(ctx, GO_ARGUMENT_1(ctx));
}

int sql_returns_pointer(struct pt_regs *ctx)
{
	return sql_end_call(ctx, GO_ARGUMENT_2(ctx));
}

int sql_returns_interface(struct pt_regs *ctx)
{
	return sql_end_call(ctx, GO_ARGUMENT_3(ctx));
}
