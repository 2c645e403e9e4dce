package commandlog

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"net/url"
	"os"
	"path/filepath"
	"slices"

	"modernc.org/sqlite"
)

// Result codes of SQLite that mean something to the log.
const (
	codeBusy     = 5
	codeReadOnly = 8
	codeCorrupt  = 11
	codeFull     = 13
	codeCantOpen = 14
	codeTooBig   = 18
	codeNotADB   = 26
)

const format = "2"

const tables = `
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS methods (id INTEGER PRIMARY KEY, name TEXT NOT NULL, schema TEXT NOT NULL, UNIQUE (name, schema));
CREATE TABLE IF NOT EXISTS batches (seq INTEGER PRIMARY KEY, data BLOB NOT NULL);
`

// A database is the SQLite file of one log, locked for this process.
type database struct {
	path   string
	db     *sql.DB
	conn   *sql.Conn
	add    *sql.Stmt
	ids    []uint64 // of Config.Methods in this log
	byID   map[uint64]int
	side   string // the owner file; empty for a log in memory
	owner  *owner
	strays map[uint64]string // methods in the log that the component doesn't have, or that now take another request; why
}

func openDatabase(ctx context.Context, cfg Config) (*database, error) {
	d := &database{path: "in memory"}
	source := "file::memory:"
	if cfg.Path != "" {
		var err error
		if d.path, err = filepath.Abs(cfg.Path); err != nil {
			return nil, fmt.Errorf("command log %s: %w", cfg.Path, err)
		}
		if err := os.MkdirAll(filepath.Dir(d.path), 0o700); err != nil {
			return nil, fmt.Errorf("command log %s: %w", d.path, err)
		}
		source, d.side = "file:"+(&url.URL{Path: filepath.ToSlash(d.path)}).EscapedPath(), d.path+".owner"
		// Before SQLite sees it, which would cut it off.
		if err := checkWAL(d.path + "-wal"); err != nil {
			return nil, d.damaged(err)
		}
	}
	var err error
	if d.db, err = sql.Open("sqlite", source); err != nil {
		return nil, fmt.Errorf("command log %s: %w", d.path, err)
	}
	if err := d.prepare(ctx, cfg); err != nil {
		return nil, errors.Join(d.explain(err), d.release())
	}
	return d, nil
}

// prepare locks the file, checks what it is and brings its tables up.
func (d *database) prepare(ctx context.Context, cfg Config) error {
	var err error
	if d.conn, err = d.db.Conn(ctx); err != nil {
		return err
	}
	// Locked exclusively before the first access: no other process, no shared
	// memory beside the file.
	for _, q := range []string{"PRAGMA busy_timeout=0", "PRAGMA locking_mode=EXCLUSIVE", "PRAGMA journal_mode=WAL",
		"PRAGMA synchronous=FULL", "BEGIN IMMEDIATE", tables} {
		if _, err := d.conn.ExecContext(ctx, q); err != nil {
			return err
		}
	}
	if err := d.identify(ctx, cfg); err != nil {
		return err
	}
	if err := d.complete(ctx); err != nil {
		return err
	}
	if err := d.number(ctx, cfg); err != nil {
		return err
	}
	if _, err := d.conn.ExecContext(ctx, "COMMIT"); err != nil {
		return err
	}
	d.add, err = d.conn.PrepareContext(ctx, "INSERT INTO batches (seq, data) VALUES (?, ?)")
	return err
}

// complete checks that the log has all records that were acknowledged. If it
// doesn't, the write-ahead log is kept aside: closing the database rewrites it.
func (d *database) complete(ctx context.Context) error {
	_, acknowledged := readOwner(d.side)
	records, err := d.records(ctx)
	if err != nil || records >= acknowledged {
		return err
	}
	kept := ""
	if wal, err := os.ReadFile(d.path + "-wal"); err == nil {
		kept = d.path + "-wal.damaged"
		if err := os.WriteFile(kept, wal, 0o600); err != nil {
			return fmt.Errorf("command log %s: its end is missing, and the write-ahead log can't be kept: %w", d.path, err)
		}
		kept = "; what is left of the end is in " + kept
	}
	return &CorruptError{Path: d.path, Seq: records + 1, Err: fmt.Errorf("the log ends before it, but %d records were acknowledged%s", acknowledged, kept),
		Hint: "restore it from a backup, or remove " + d.side + " to go on without them"}
}

// records returns how many records there are, by the last batch. One that can't
// be read is for the replay to report.
func (d *database) records(ctx context.Context) (int64, error) {
	var seq int64
	var data []byte
	err := d.conn.QueryRowContext(ctx, "SELECT seq, data FROM batches ORDER BY seq DESC LIMIT 1").Scan(&seq, &data)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	n, bad := decodeBatch(data, seq, func(record) error { return nil })
	if bad != nil {
		return math.MaxInt64, err
	}
	return seq + int64(n) - 1, err
}

// own takes the log, when its records were replayed.
func (d *database) own(records int64) error {
	if d.side == "" {
		return nil
	}
	var err error
	if d.owner, err = openOwner(d.side, records); err != nil {
		return fmt.Errorf("command log %s: %w", d.path, err)
	}
	return nil
}

// damaged is the error of a write-ahead log that is damaged, or can't be read.
func (d *database) damaged(err error) error {
	var at *damageError
	switch {
	case !errors.As(err, &at):
		return fmt.Errorf("command log %s: %w", d.path, err)
	case at.Offset == 0:
		return &CorruptError{Path: d.path, Err: err}
	}
	return &CorruptError{Path: d.path, Err: err,
		Hint: fmt.Sprintf("restore it from a backup, or cut it there to go on without them: truncate -s %d %s-wal", at.Offset, d.path)}
}

// identify checks that the file is the log of this component, or marks a new
// one.
func (d *database) identify(ctx context.Context, cfg Config) error {
	want := []struct{ key, value, mismatch string }{
		{"format", format, "has format %q, this program writes %q"},
		{"component", cfg.Component, "belongs to component %q, not to %q"},
	}
	for _, w := range want {
		var have string
		err := d.conn.QueryRowContext(ctx, "SELECT value FROM meta WHERE key = ?", w.key).Scan(&have)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			if _, err := d.conn.ExecContext(ctx, "INSERT INTO meta VALUES (?, ?)", w.key, w.value); err != nil {
				return err
			}
		case err != nil:
			return err
		case have != w.value:
			return &SchemaError{Path: d.path, Reason: fmt.Sprintf(w.mismatch, have, w.value)}
		}
	}
	return nil
}

// number gives each method, with the form that its request has now, a number in
// this log, and finds the numbers of what the log knows.
func (d *database) number(ctx context.Context, cfg Config) error {
	d.byID, d.strays = map[uint64]int{}, map[uint64]string{}
	for _, m := range cfg.Methods {
		now := m.Schemas[len(m.Schemas)-1]
		if _, err := d.conn.ExecContext(ctx, "INSERT OR IGNORE INTO methods (name, schema) VALUES (?, ?)", m.Name, now); err != nil {
			return err
		}
		var id int64
		if err := d.conn.QueryRowContext(ctx, "SELECT id FROM methods WHERE name = ? AND schema = ?", m.Name, now).Scan(&id); err != nil {
			return err
		}
		d.ids = append(d.ids, uint64(id))
	}
	rows, err := d.conn.QueryContext(ctx, "SELECT id, name, schema FROM methods")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		var name, schema string
		if err := rows.Scan(&id, &name, &schema); err != nil {
			return err
		}
		d.known(cfg, uint64(id), name, schema)
	}
	return rows.Err()
}

// known notes what records with the given number are.
func (d *database) known(cfg Config, id uint64, name, schema string) {
	i := slices.IndexFunc(cfg.Methods, func(m Method) bool { return m.Name == name })
	switch {
	case i < 0:
		d.strays[id] = fmt.Sprintf("calls of %s, which this version of %s doesn't have, or no longer as a change", name, cfg.Component)
	case slices.Contains(cfg.Methods[i].Schemas, schema):
		d.byID[id] = i
	default:
		now := cfg.Methods[i].Schemas[len(cfg.Methods[i].Schemas)-1]
		d.strays[id] = fmt.Sprintf("calls of %s with another request, which this version can't read without loss (%s, now %s)", name, schema, now)
	}
}

// replay runs the log and returns the number of the next record.
func (d *database) replay(ctx context.Context, cfg Config) (int64, error) {
	rows, err := d.conn.QueryContext(ctx, "SELECT seq, data FROM batches ORDER BY seq")
	if err != nil {
		return 0, d.explain(err)
	}
	defer rows.Close()
	next := int64(1)
	const every = 1 << 16
	report := int64(every)
	for rows.Next() {
		var seq int64
		var data []byte
		if err := rows.Scan(&seq, &data); err != nil {
			return 0, d.explain(err)
		}
		if seq != next {
			return 0, &CorruptError{Path: d.path, Seq: next, Err: fmt.Errorf("records %d to %d are missing", next, seq-1)}
		}
		n, err := decodeBatch(data, seq, func(r record) error { return d.redo(cfg, r) })
		var schema *SchemaError
		if errors.As(err, &schema) {
			return 0, schema
		}
		if err != nil {
			return 0, &CorruptError{Path: d.path, Seq: seq, Err: err}
		}
		next += int64(n)
		if cfg.Progress != nil && next >= report {
			cfg.Progress(next - 1)
			report = next + every
		}
		if err := ctx.Err(); err != nil {
			return 0, context.Cause(ctx)
		}
	}
	if err := rows.Err(); err != nil {
		return 0, d.explain(err)
	}
	if cfg.Progress != nil {
		cfg.Progress(next - 1)
	}
	return next, nil
}

// redo runs one record again. What panicked then panics now, to no effect.
func (d *database) redo(cfg Config, r record) (err error) {
	i, ok := d.byID[r.method]
	if !ok {
		why, known := d.strays[r.method]
		if !known {
			return fmt.Errorf("method number %d is not in the table of methods", r.method)
		}
		return &SchemaError{Path: d.path, Reason: "holds " + why + "; start the version that wrote it, or move it away to start empty"}
	}
	defer func() { _ = recover() }()
	return cfg.Replay(i, r.request)
}

func (d *database) insert(seq int64, data []byte) error {
	_, err := d.add.ExecContext(context.Background(), seq, data)
	return err
}

// rolledBack reports whether err certainly left nothing of the row on the disk.
func rolledBack(err error) bool {
	switch code(err) {
	case codeFull, codeReadOnly, codeTooBig:
		return true
	}
	return false
}

func code(err error) int {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code() & 0xff
	}
	return 0
}

// explain turns what SQLite says at opening into an error with a next step.
func (d *database) explain(err error) error {
	switch code(err) {
	case codeBusy:
		pid, _ := readOwner(d.side)
		return &LockedError{Path: d.path, PID: pid}
	case codeCorrupt, codeNotADB:
		return &CorruptError{Path: d.path, Err: err}
	}
	var schema *SchemaError
	var corrupt *CorruptError
	if errors.As(err, &schema) || errors.As(err, &corrupt) {
		return err
	}
	return fmt.Errorf("command log %s: %w", d.path, err)
}

// close gives the file back as one piece, without a write-ahead log.
func (d *database) close(records int64) error {
	_, err := d.conn.ExecContext(context.Background(), "PRAGMA wal_checkpoint(TRUNCATE)")
	err = errors.Join(err, d.owner.close(records))
	return errors.Join(err, d.release())
}

func (d *database) release() error {
	var errs []error
	if d.add != nil {
		errs = append(errs, d.add.Close())
	}
	if d.conn != nil {
		errs = append(errs, d.conn.Close())
	}
	return errors.Join(append(errs, d.db.Close())...)
}
