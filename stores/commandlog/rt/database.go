package commandlog

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"modernc.org/sqlite"

	"github.com/unweld/unweld/stores/calllog/rt"
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

const tables = `
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS methods (id INTEGER PRIMARY KEY, name TEXT NOT NULL, schema TEXT NOT NULL, UNIQUE (name, schema));
CREATE TABLE IF NOT EXISTS batches (seq INTEGER PRIMARY KEY, data BLOB NOT NULL);
`

// A database is the SQLite file of one log, locked for this process.
type database struct {
	path  string
	db    *sql.DB
	conn  *sql.Conn
	add   *sql.Stmt
	side  string // the owner file
	owner *owner
}

// Open opens the log of a component in the SQLite file at path. Without one it
// is where PathFor says.
func Open(ctx context.Context, component, path string) (calllog.Storage, error) {
	if path == "" {
		path = PathFor(component)
	}
	return open(ctx, path)
}

// open opens the file at path, which may be a file: URI without escapes.
func open(ctx context.Context, path string) (*database, error) {
	abs, err := filepath.Abs(strings.TrimPrefix(path, "file://"))
	if err != nil {
		return nil, fmt.Errorf("command log %s: %w", path, err)
	}
	d := &database{path: abs, side: abs + ".owner"}
	if err := os.MkdirAll(filepath.Dir(d.path), 0o700); err != nil {
		return nil, fmt.Errorf("command log %s: %w", d.path, err)
	}
	// Before SQLite sees it, which would cut it off.
	if err := checkWAL(d.path + "-wal"); err != nil {
		return nil, d.damaged(err)
	}
	if d.db, err = sql.Open("sqlite", "file:"+escaped(d.path)); err != nil {
		return nil, fmt.Errorf("command log %s: %w", d.path, err)
	}
	if err := d.prepare(ctx); err != nil {
		return nil, errors.Join(d.explain(err), d.Release())
	}
	return d, nil
}

// escaped is a path as a part of a URI.
func escaped(path string) string { return (&url.URL{Path: filepath.ToSlash(path)}).EscapedPath() }

// prepare locks the file and brings its tables up.
func (d *database) prepare(ctx context.Context) error {
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
	return nil
}

// Name is the path of the file.
func (d *database) Name() string { return d.path }

// Mark keeps a value beside the log.
func (d *database) Mark(ctx context.Context, key, value string) (string, error) {
	if _, err := d.conn.ExecContext(ctx, "INSERT OR IGNORE INTO meta VALUES (?, ?)", key, value); err != nil {
		return "", d.explain(err)
	}
	err := d.conn.QueryRowContext(ctx, "SELECT value FROM meta WHERE key = ?", key).Scan(&value)
	return value, d.explain(err)
}

// Number returns the number of a method.
func (d *database) Number(ctx context.Context, name, schema string) (uint64, error) {
	if _, err := d.conn.ExecContext(ctx, "INSERT OR IGNORE INTO methods (name, schema) VALUES (?, ?)", name, schema); err != nil {
		return 0, d.explain(err)
	}
	var id int64
	err := d.conn.QueryRowContext(ctx, "SELECT id FROM methods WHERE name = ? AND schema = ?", name, schema).Scan(&id)
	return uint64(id), d.explain(err)
}

// Numbers lists the methods.
func (d *database) Numbers(ctx context.Context, each func(id uint64, name, schema string)) error {
	rows, err := d.conn.QueryContext(ctx, "SELECT id, name, schema FROM methods")
	if err != nil {
		return d.explain(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		var name, schema string
		if err := rows.Scan(&id, &name, &schema); err != nil {
			return d.explain(err)
		}
		each(uint64(id), name, schema)
	}
	return d.explain(rows.Err())
}

// Ready commits what was marked and numbered.
func (d *database) Ready(ctx context.Context) error {
	if err := d.complete(ctx); err != nil {
		return err
	}
	if _, err := d.conn.ExecContext(ctx, "COMMIT"); err != nil {
		return d.explain(err)
	}
	var err error
	d.add, err = d.conn.PrepareContext(ctx, "INSERT INTO batches (seq, data) VALUES (?, ?)")
	return d.explain(err)
}

// Batches reads the log.
func (d *database) Batches(ctx context.Context, each func(seq int64, data []byte) error) error {
	rows, err := d.conn.QueryContext(ctx, "SELECT seq, data FROM batches ORDER BY seq")
	if err != nil {
		return d.explain(err)
	}
	defer rows.Close()
	for rows.Next() {
		var seq int64
		var data []byte
		if err := rows.Scan(&seq, &data); err != nil {
			return d.explain(err)
		}
		if err := each(seq, data); err != nil {
			return err
		}
	}
	return d.explain(rows.Err())
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
	return &calllog.CorruptError{Path: d.path, Seq: records + 1, Err: fmt.Errorf("the log ends before it, but %d records were acknowledged%s", acknowledged, kept),
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
	return calllog.Last(seq, data), err
}

// Own takes the log, when its records were replayed.
func (d *database) Own(records int64) error {
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
		return &calllog.CorruptError{Path: d.path, Err: err}
	}
	return &calllog.CorruptError{Path: d.path, Err: err,
		Hint: fmt.Sprintf("restore it from a backup, or cut it there to go on without them: truncate -s %d %s-wal", at.Offset, d.path)}
}

// Append writes a batch.
func (d *database) Append(seq, count int64, data []byte) (calllog.Outcome, error) {
	_, err := d.add.ExecContext(context.Background(), seq, data)
	switch {
	case err == nil:
		d.owner.acknowledge(seq + count - 1)
	case rolledBack(err):
		return calllog.NotExecuted, err
	}
	return calllog.Unknown, err
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
	if err == nil {
		return nil
	}
	switch code(err) {
	case codeBusy:
		pid, _ := readOwner(d.side)
		return &calllog.LockedError{Path: d.path, PID: pid}
	case codeCorrupt, codeNotADB:
		return &calllog.CorruptError{Path: d.path, Err: err}
	}
	return fmt.Errorf("command log %s: %w", d.path, err)
}

// Close gives the file back as one piece, without a write-ahead log.
func (d *database) Close(records int64) error {
	_, err := d.conn.ExecContext(context.Background(), "PRAGMA wal_checkpoint(TRUNCATE)")
	err = errors.Join(err, d.owner.close(records))
	return errors.Join(err, d.Release())
}

// Release closes the file.
func (d *database) Release() error {
	var errs []error
	if d.add != nil {
		errs = append(errs, d.add.Close())
	}
	if d.conn != nil {
		errs = append(errs, d.conn.Close())
	}
	return errors.Join(append(errs, d.db.Close())...)
}
