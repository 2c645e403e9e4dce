package postgres

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/unweld/unweld/stores/calllog/rt"
)

// A database is the schema of one log, owned by this process.
type database struct {
	name       string // for messages: no password
	schema     string // quoted
	lock       int64  // number of the advisory lock
	conn       *pgx.Conn
	tx         pgx.Tx // of the preparation
	generation int64
}

const tables = `
CREATE SCHEMA IF NOT EXISTS %[1]s;
CREATE TABLE IF NOT EXISTS %[1]s.meta (key text PRIMARY KEY, value text NOT NULL);
CREATE TABLE IF NOT EXISTS %[1]s.methods (id bigserial PRIMARY KEY, name text NOT NULL, schema text NOT NULL, UNIQUE (name, schema));
CREATE TABLE IF NOT EXISTS %[1]s.batches (seq bigint PRIMARY KEY, data bytea NOT NULL);
CREATE TABLE IF NOT EXISTS %[1]s.owner (one boolean PRIMARY KEY DEFAULT true CHECK (one), generation bigint NOT NULL, records bigint NOT NULL, who text NOT NULL);
INSERT INTO %[1]s.owner (generation, records, who) VALUES (0, 0, '') ON CONFLICT DO NOTHING;
`

// connectLimit bounds how long a server that doesn't answer is waited for.
const connectLimit = 30 * time.Second

// releaseLimit bounds how long the log of another process is waited for.
const releaseLimit = 2 * time.Second

// Open opens the log of a component in the database at the given address.
func Open(ctx context.Context, component, address string) (calllog.Storage, error) {
	if !strings.HasPrefix(address, "postgres://") && !strings.HasPrefix(address, "postgresql://") {
		// What isn't an address may be anything, also a password, so it isn't shown.
		return nil, fmt.Errorf("command log of %s: what it is given is no address of a PostgreSQL database; set UNWELD_STATE_%s to postgres://user:password@host:5432/database",
			component, strings.ToUpper(strings.ReplaceAll(component, "-", "_")))
	}
	config, err := pgx.ParseConfig(address)
	if err != nil {
		// pgx leaves the password out of its message.
		return nil, fmt.Errorf("command log of %s: %w", component, err)
	}
	schema := "unweld_" + strings.ReplaceAll(component, "-", "_")
	d := &database{
		name:   fmt.Sprintf("%s at %s:%d/%s", schema, config.Host, config.Port, config.Database),
		schema: pgx.Identifier{schema}.Sanitize(), lock: lockNumber(schema),
	}
	config.RuntimeParams["application_name"] = fmt.Sprintf("unweld %s, process %d", component, os.Getpid())
	config.RuntimeParams["synchronous_commit"] = "on"
	config.RuntimeParams["default_transaction_isolation"] = "read committed"
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = connectLimit
	}
	if d.conn, err = pgx.ConnectConfig(ctx, config); err != nil {
		return nil, fmt.Errorf("command log %s: %w", d.name, err)
	}
	if err := d.take(ctx); err != nil {
		return nil, errors.Join(d.explain(err), d.Release())
	}
	return d, nil
}

// lockNumber is the number of the advisory lock of a schema. Locks are those of
// one database.
func lockNumber(schema string) int64 {
	h := fnv.New64a()
	h.Write([]byte("unweld command log " + schema))
	return int64(h.Sum64())
}

// take locks the log and makes this process the owner of its next generation,
// in the transaction that Ready commits.
func (d *database) take(ctx context.Context) error {
	if err := d.acquire(ctx); err != nil {
		return err
	}
	var err error
	if d.tx, err = d.conn.Begin(ctx); err != nil {
		return err
	}
	if _, err := d.tx.Exec(ctx, fmt.Sprintf(tables, d.schema)); err != nil {
		return err
	}
	host, _ := os.Hostname()
	return d.tx.QueryRow(ctx, "UPDATE "+d.schema+".owner SET generation = generation + 1, who = $1 RETURNING generation",
		fmt.Sprintf("process %d on %s", os.Getpid(), host)).Scan(&d.generation)
}

// acquire takes the advisory lock. The server may need a moment to see that a
// process has died.
func (d *database) acquire(ctx context.Context) error {
	for limit := time.Now().Add(releaseLimit); ; {
		var mine bool
		if err := d.conn.QueryRow(ctx, "SELECT pg_try_advisory_lock($1)", d.lock).Scan(&mine); err != nil || mine {
			return err
		}
		if time.Now().After(limit) {
			return &calllog.LockedError{Path: d.name, Owner: d.owner(ctx)}
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// owner tells who has the log.
func (d *database) owner(ctx context.Context) string {
	var who string
	if err := d.conn.QueryRow(ctx, "SELECT who FROM "+d.schema+".owner").Scan(&who); err != nil || who == "" {
		return "another process"
	}
	return who
}

// Name is the schema and the database.
func (d *database) Name() string { return d.name }

// Mark keeps a value beside the log.
func (d *database) Mark(ctx context.Context, key, value string) (string, error) {
	if _, err := d.tx.Exec(ctx, "INSERT INTO "+d.schema+".meta VALUES ($1, $2) ON CONFLICT DO NOTHING", key, value); err != nil {
		return "", d.explain(err)
	}
	err := d.tx.QueryRow(ctx, "SELECT value FROM "+d.schema+".meta WHERE key = $1", key).Scan(&value)
	return value, d.explain(err)
}

// Number returns the number of a method.
func (d *database) Number(ctx context.Context, name, schema string) (uint64, error) {
	if _, err := d.tx.Exec(ctx, "INSERT INTO "+d.schema+".methods (name, schema) VALUES ($1, $2) ON CONFLICT DO NOTHING", name, schema); err != nil {
		return 0, d.explain(err)
	}
	var id int64
	err := d.tx.QueryRow(ctx, "SELECT id FROM "+d.schema+".methods WHERE name = $1 AND schema = $2", name, schema).Scan(&id)
	return uint64(id), d.explain(err)
}

// Numbers lists the methods.
func (d *database) Numbers(ctx context.Context, each func(id uint64, name, schema string)) error {
	rows, err := d.tx.Query(ctx, "SELECT id, name, schema FROM "+d.schema+".methods")
	if err != nil {
		return d.explain(err)
	}
	var id int64
	var name, schema string
	_, err = pgx.ForEachRow(rows, []any{&id, &name, &schema}, func() error {
		each(uint64(id), name, schema)
		return nil
	})
	return d.explain(err)
}

// Ready commits what was marked and numbered.
func (d *database) Ready(ctx context.Context) error {
	if err := d.complete(ctx); err != nil {
		return err
	}
	tx := d.tx
	d.tx = nil
	return d.explain(tx.Commit(ctx))
}

// complete checks that the log has all records that were acknowledged.
func (d *database) complete(ctx context.Context) error {
	var acknowledged, records int64
	if err := d.tx.QueryRow(ctx, "SELECT records FROM "+d.schema+".owner").Scan(&acknowledged); err != nil {
		return d.explain(err)
	}
	var seq int64
	var data []byte
	err := d.tx.QueryRow(ctx, "SELECT seq, data FROM "+d.schema+".batches ORDER BY seq DESC LIMIT 1").Scan(&seq, &data)
	switch {
	case err == nil:
		records = calllog.Last(seq, data)
	case !errors.Is(err, pgx.ErrNoRows):
		return d.explain(err)
	}
	if records >= acknowledged {
		return nil
	}
	return &calllog.CorruptError{Path: d.name, Seq: records + 1, Err: fmt.Errorf("the log ends before it, but %d records were acknowledged", acknowledged),
		Hint: fmt.Sprintf("restore it from a backup, or go on without them: UPDATE %s.owner SET records = %d", d.schema, records)}
}

// Batches reads the log, some rows at a time.
func (d *database) Batches(ctx context.Context, each func(seq int64, data []byte) error) error {
	const page = 256
	for next := int64(0); ; {
		rows, err := d.conn.Query(ctx, "SELECT seq, data FROM "+d.schema+".batches WHERE seq > $1 ORDER BY seq LIMIT $2", next, page)
		if err != nil {
			return d.explain(err)
		}
		count, failed := 0, error(nil)
		for rows.Next() {
			var data []byte
			if err := rows.Scan(&next, &data); err != nil {
				rows.Close()
				return d.explain(err)
			}
			count++
			if failed = each(next, data); failed != nil {
				break
			}
		}
		rows.Close()
		if failed != nil {
			return failed
		}
		if err := rows.Err(); err != nil {
			return d.explain(err)
		}
		if count < page {
			return nil
		}
	}
}

// Own has nothing to do: the log is this process's since it was opened.
func (d *database) Own(int64) error { return nil }

// errLost says that another process has taken the log.
var errLost = errors.New("another process owns the log by now; restart this one")

// Append writes a batch if the log is still this process's own.
func (d *database) Append(seq, count int64, data []byte) (calllog.Outcome, error) {
	tag, err := d.conn.Exec(context.Background(),
		"WITH mine AS (UPDATE "+d.schema+".owner SET records = $2 WHERE generation = $4 RETURNING one) INSERT INTO "+d.schema+".batches (seq, data) SELECT $1, $3 FROM mine",
		seq, seq+count-1, data, d.generation)
	switch {
	case err == nil && tag.RowsAffected() == 1:
		return calllog.Unknown, nil // of no meaning without an error
	case err == nil:
		return calllog.Unknown, errLost // and so is every later write
	case refused(err):
		return calllog.NotExecuted, err
	}
	return calllog.Unknown, err
}

// refused reports whether the server said that it wrote nothing: it answers
// with an error before a commit only, and the connection lives on.
func refused(err error) bool {
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		return false
	}
	switch {
	case strings.HasPrefix(e.Code, "53"), // insufficient resources: the disk is full
		strings.HasPrefix(e.Code, "54"), // a limit is exceeded
		e.Code == "25006":               // read-only transaction
		return true
	}
	return false
}

// explain turns an error at opening into one with the place and a next step.
func (d *database) explain(err error) error {
	var locked *calllog.LockedError
	if err == nil || errors.As(err, &locked) {
		return err
	}
	var e *pgconn.PgError
	if errors.As(err, &e) && e.Code == "42501" {
		return fmt.Errorf("command log %s: %w; let the user create the schema, or create it: CREATE SCHEMA %s AUTHORIZATION %s",
			d.name, err, d.schema, pgx.Identifier{d.conn.Config().User}.Sanitize())
	}
	return fmt.Errorf("command log %s: %w", d.name, err)
}

// Close gives the log back.
func (d *database) Close(records int64) error {
	_, err := d.conn.Exec(context.Background(), "UPDATE "+d.schema+".owner SET who = '' WHERE generation = $1", d.generation)
	if err != nil {
		err = fmt.Errorf("command log %s, %s records: %w", d.name, strconv.FormatInt(records, 10), err)
	}
	return errors.Join(err, d.Release())
}

// Release ends the connection, and with it the lock.
func (d *database) Release() error {
	if d.conn == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return d.conn.Close(ctx)
}
