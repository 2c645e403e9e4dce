package source

import (
	"encoding/json"
	"sync"
)

// A MemoryStore is a Store that ends with the process, for tests. The zero value is ready, and
// several workspaces may share it, as processes share the disk.
type MemoryStore struct {
	mu   sync.Mutex
	data map[string][]byte
}

// Read implements Store.
func (s *MemoryStore) Read(key string, v any) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	data, ok := s.data[key]
	return ok && json.Unmarshal(data, v) == nil
}

// Write implements Store.
func (s *MemoryStore) Write(key string, v any) {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.data == nil {
		s.data = map[string][]byte{}
	}
	s.data[key] = data
}
