package calllog

import (
	"context"
	"math"
)

// A Storage is the place of one log, owned by this process from the time it was
// opened. Its methods are called one after the other: Mark, Number and Numbers,
// then Ready, then Batches, then Own, then Append as often as there are calls,
// and at the end Close; after a failure before Own, Release.
type Storage interface {
	// Name is the place for messages: a path, or an address without a password.
	Name() string
	// Mark returns the value of a key, which is the given one where there was
	// none.
	Mark(ctx context.Context, key, value string) (string, error)
	// Number returns the number of a method with the given form of its request,
	// a new one where there was none.
	Number(ctx context.Context, name, schema string) (uint64, error)
	// Numbers calls each for all numbers.
	Numbers(ctx context.Context, each func(id uint64, name, schema string)) error
	// Ready makes durable what was marked and numbered. It fails with a
	// *CorruptError where records that were acknowledged are missing.
	Ready(ctx context.Context) error
	// Batches calls each for the batches by the numbers of their first records.
	// The data is each's own. It fails with what each returns.
	Batches(ctx context.Context, each func(seq int64, data []byte) error) error
	// Own says that the log was replayed, and has so many records.
	Own(records int64) error
	// Append writes a batch of count records under the number of the first. It
	// returns when the batch is durable. Where it fails, the outcome is
	// NotExecuted only if nothing of the batch can be found later.
	Append(seq, count int64, data []byte) (Outcome, error)
	// Close gives the log back, with so many records.
	Close(records int64) error
	// Release gives a log back that could not be opened.
	Release() error
}

// Last returns how many records a log has whose last batch is the given one. A
// batch that can't be read is for the replay to report: it counts as enough.
func Last(seq int64, data []byte) int64 {
	n, err := decodeBatch(data, seq, func(record) error { return nil })
	if err != nil {
		return math.MaxInt64
	}
	return seq + int64(n) - 1
}
