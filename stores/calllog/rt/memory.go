package calllog

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// inMemory is the location of a log that is gone with the process: what tests
// have that name no other, as none must find what another left.
const inMemory = "memory:"

// isTestBinary reports whether this process is one that go test builds.
func isTestBinary() bool {
	base := strings.TrimSuffix(filepath.Base(os.Args[0]), ".exe")
	return strings.HasSuffix(base, ".test") ||
		slices.ContainsFunc(os.Args[1:], func(a string) bool { return strings.HasPrefix(strings.TrimLeft(a, "-"), "test.") })
}

// storage opens the place of the log.
func (c *Config) storage(ctx context.Context) (Storage, error) {
	if c.Location == inMemory || c.Location == "" && isTestBinary() {
		return &memory{marks: map[string]string{}}, nil
	}
	return c.Storage(ctx, c.Component, c.Location)
}

// A memory is a log of which nothing is ever read again, so that it keeps what
// it is asked for while it is opened and no batch.
type memory struct {
	marks   map[string]string
	methods []Method // the number of each is its index and one
}

func (m *memory) Name() string { return "in memory" }

func (m *memory) Mark(_ context.Context, key, value string) (string, error) {
	if had, ok := m.marks[key]; ok {
		return had, nil
	}
	m.marks[key] = value
	return value, nil
}

func (m *memory) Number(_ context.Context, name, schema string) (uint64, error) {
	m.methods = append(m.methods, Method{name, []string{schema}})
	return uint64(len(m.methods)), nil
}

func (m *memory) Numbers(_ context.Context, each func(id uint64, name, schema string)) error {
	for i, method := range m.methods {
		each(uint64(i+1), method.Name, method.Schemas[0])
	}
	return nil
}

func (m *memory) Ready(context.Context) error                                       { return nil }
func (m *memory) Batches(context.Context, func(seq int64, data []byte) error) error { return nil }
func (m *memory) Own(int64) error                                                   { return nil }
func (m *memory) Append(int64, int64, []byte) (Outcome, error)                      { return NotExecuted, nil }
func (m *memory) Close(int64) error                                                 { return nil }
func (m *memory) Release() error                                                    { return nil }
