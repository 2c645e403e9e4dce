package contract_test

import (
	"go/ast"
	"testing"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/contract"
	"github.com/unweld/unweld/internal/contract/comments"
)

// TestDocsOfHandles reads the comments of what is behind a handle.
func TestDocsOfHandles(t *testing.T) {
	checked := check(t, `package p
import "context"
// A Session is a conversation.
type Session interface {
	// Put keeps.
	//
	// Deprecated: talk.
	Put(ctx context.Context, key string /* of what */) (n int /* of bytes */, err error)
}
type Service interface {
	Open(
		name string, // of the session
	) (Session /* to be closed */, error)
}`)
	c := checked.build(t, contract.Options{
		Carriers: component.Carriers{All: []component.Carrier{ableCarrier}},
		Comments: comments.New(comments.Source{Fset: checked.fset, Syntax: []*ast.File{checked.file}}),
	})
	open, session := c.Methods[0], c.Type("example.com/p.Session")
	if open.Local != "" || session == nil || session.Kind != component.KindHandle || len(session.Methods) != 1 {
		t.Fatalf("Open is %+v, Session %+v", open, session)
	}
	put := session.Methods[0]
	for what, pair := range map[string][2]string{
		"parameter": {open.Params[0].Doc, "of the session"}, "result": {open.Results[0].Doc, "to be closed"},
		"type": {session.Doc, "A Session is a conversation."}, "method": {put.Doc, "Put keeps.\n\nDeprecated: talk."},
		"its parameter": {put.Params[0].Doc, "of what"}, "its result": {put.Results[0].Doc, "of bytes"},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: %q, want %q", what, pair[0], pair[1])
		}
	}
}
