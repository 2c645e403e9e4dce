package archive

import (
	"encoding/json"
	"sync"

	"github.com/unweld/unweld/internal/source"
)

// Memory keeps what the tests of this process learn from the go command, as later runs of
// the program find it on disk: most modules of archives import the same few packages.
var Memory source.Store = &memory{data: map[string][]byte{}}

type memory struct {
	mu   sync.Mutex
	data map[string][]byte
}

func (m *memory) Read(key string, v any) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	data, ok := m.data[key]
	return ok && json.Unmarshal(data, v) == nil
}

func (m *memory) Write(key string, v any) {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.data[key] = data
}
