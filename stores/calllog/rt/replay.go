package calllog

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
)

// A replay runs the records of a log again.
type replay struct {
	*book
	cfg    Config
	next   int64            // number of the next record
	noting bool             // calls that failed are listed from here on
	fails  map[int64]string // calls that failed now, of which the log has yet to say whether they did when they were made
	schema error            // what keeps this version from going on
}

// replay runs the log and returns the number of the next record, and whether
// failures are noted in it.
func (b *book) replay(ctx context.Context, cfg Config) (next int64, noting bool, err error) {
	r := &replay{book: b, cfg: cfg, next: 1, fails: map[int64]string{}}
	const every = 1 << 16
	report := int64(every)
	err = b.storage.Batches(ctx, func(seq int64, data []byte) error {
		if err := r.batch(seq, data); err != nil {
			return err
		}
		if cfg.Progress != nil && r.next >= report {
			cfg.Progress(r.next - 1)
			report = r.next + every
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return nil
	})
	if err != nil {
		return 0, false, err
	}
	if cfg.Progress != nil {
		cfg.Progress(r.next - 1)
	}
	r.warn()
	return r.next, r.noting, nil
}

func (r *replay) batch(seq int64, data []byte) error {
	if seq != r.next {
		return &CorruptError{Path: r.storage.Name(), Seq: r.next, Err: fmt.Errorf("records %d to %d are missing", r.next, seq-1)}
	}
	first := true
	_, err := decodeBatch(data, seq, func(rec record) error {
		failed := map[int64]bool{}
		if first && rec.method == failures {
			var err error
			if failed, err = decodeFailures(rec.request); err != nil {
				return err
			}
		}
		if first {
			// What was written before has failed by now, or never will.
			if r.schema = r.compare(failed); r.schema != nil {
				return r.schema
			}
		}
		isNote := first && rec.method == failures
		first = false
		if isNote {
			r.noting = true
			r.next++
			return nil
		}
		return r.redo(rec)
	})
	switch {
	case r.schema != nil:
		return r.schema
	case err != nil:
		return &CorruptError{Path: r.storage.Name(), Seq: seq, Err: err}
	}
	return nil
}

// compare holds what failed in the replay against what failed when the calls
// were made. Where the two differ, the state is another one than the callers
// were told.
func (r *replay) compare(failed map[int64]bool) error {
	now := r.fails
	r.fails = map[int64]string{}
	differs := func(seq int64, what string) error {
		return &SchemaError{Path: r.storage.Name(), Reason: fmt.Sprintf("holds call %d, which %s; start the version that wrote it, or move it away to start empty", seq, what)}
	}
	for _, seq := range slices.Sorted(maps.Keys(now)) {
		if !failed[seq] {
			return differs(seq, "did not fail when it was made and fails now ("+now[seq]+")")
		}
	}
	for _, seq := range slices.Sorted(maps.Keys(failed)) {
		if _, fails := now[seq]; !fails {
			return differs(seq, "failed when it was made and does not now")
		}
	}
	return nil
}

// redo runs one record again. What panicked then panics now, to no effect.
func (r *replay) redo(rec record) error {
	i, ok := r.byID[rec.method]
	if !ok {
		why, known := r.strays[rec.method]
		if !known {
			return fmt.Errorf("method number %d is not in the table of methods", rec.method)
		}
		r.schema = &SchemaError{Path: r.storage.Name(), Reason: "holds " + why + "; start the version that wrote it, or move it away to start empty"}
		return r.schema
	}
	own, bad := r.call(i, rec.request)
	if bad == nil && own != nil && r.noting {
		r.fails[r.next] = fmt.Sprintf("%s: %v", r.cfg.Methods[i].Name, own)
	}
	r.next++
	return bad
}

func (r *replay) call(method int, request []byte) (own, bad error) {
	returned := false
	defer func() {
		if v := recover(); !returned {
			own = fmt.Errorf("panic: %v", v)
		}
	}()
	own, bad = r.cfg.Replay(method, request)
	returned = true
	return own, bad
}

// warn tells of calls in the last batch that fail now. The process may have
// ended before it could note that they did when they were made.
func (r *replay) warn() {
	if len(r.fails) == 0 {
		return
	}
	tell := r.cfg.Warn
	if tell == nil {
		tell = func(s string) { fmt.Fprintln(os.Stderr, s) }
	}
	for _, seq := range slices.Sorted(maps.Keys(r.fails)) {
		tell(fmt.Sprintf("command log %s: call %d fails in the replay (%s), and the process that logged it ended before it could note whether it did then", r.storage.Name(), seq, r.fails[seq]))
	}
}
