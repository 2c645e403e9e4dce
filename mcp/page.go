package mcp

import (
	"encoding/json"
	"fmt"
	"hash/crc32"

	"github.com/unweld/unweld/internal/component"
)

// paged is the part of an input that says which page of a list is wanted.
type paged struct {
	Limit  int    `json:"limit,omitempty" jsonschema:"how many entries, at most 500; by default 40, or fewer where they are long"`
	Cursor string `json:"cursor,omitempty" jsonschema:"next of the answer before; empty for the first page"`
}

const (
	defaultLimit = 40
	maxLimit     = 500
	// pageSize is how many bytes of JSON a page has where the client doesn't say how many
	// entries it wants; an entry that is longer is a page of its own.
	pageSize = 20_000
)

// cut returns a page of items and the cursor of the page that follows, or "". A cursor
// holds on to the list that it was made for: where the module changed since, entries
// could be missed or come twice, and the call is refused.
func cut[T any](p paged, items []T) (page []T, next string, err error) {
	limit := p.Limit
	if limit == 0 {
		limit = defaultLimit
	}
	if limit < 0 || limit > maxLimit {
		return nil, "", &component.UsageError{Object: "limit", Reason: fmt.Sprintf("%d is not between 1 and %d", p.Limit, maxLimit)}
	}
	start, list := 0, uint32(0)
	if p.Cursor != "" || len(items) > limit || p.Limit == 0 {
		encoded, err := json.Marshal(items)
		if err != nil {
			return nil, "", err
		}
		list = crc32.ChecksumIEEE(encoded)
	}
	if p.Cursor != "" {
		var of uint32
		if _, err := fmt.Sscanf(p.Cursor, "%d-%x", &start, &of); err != nil || start < 0 {
			return nil, "", &component.UsageError{Object: "cursor", Reason: fmt.Sprintf("%q is not one", p.Cursor), Hint: "take next of the answer before, or leave it out"}
		}
		if of != list || start > len(items) {
			return nil, "", &component.UsageError{Object: "cursor", Reason: "the list is another one now", Hint: "the module changed, or the call is about something else: begin again without a cursor"}
		}
	}
	end := min(start+limit, len(items))
	if p.Limit == 0 {
		if end, err = fitting(items, start, end); err != nil {
			return nil, "", err
		}
	}
	if end < len(items) {
		next = fmt.Sprintf("%d-%x", end, list)
	}
	page = items[start:end]
	if page == nil {
		page = []T{}
	}
	return page, next, nil
}

// fitting returns the end of the entries from start on that fit into a page, which is at
// most end.
func fitting[T any](items []T, start, end int) (int, error) {
	size := 0
	for i := start; i < end; i++ {
		encoded, err := json.Marshal(items[i])
		if err != nil {
			return 0, err
		}
		if size += len(encoded); size > pageSize && i > start {
			return i, nil
		}
	}
	return end, nil
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
