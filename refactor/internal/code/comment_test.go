package code

import (
	"go/ast"
	"slices"
	"strings"
	"testing"
)

func TestComment(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"// Get gets.\n// It's quick.", "// Get gets.\n// It's quick."},
		{"// Get gets.\n//\n// swagger:operation GET /x things getThing\n//\n//\tresponses:", "// Get gets."},
		{"// Get gets.\n// @Summary get\n// @Router /x [get]", "// Get gets."},
		{"// Get gets.\n//\n//go:noinline\n//nolint:gocyclo // it's long", "// Get gets."},
		{"// +kubebuilder:rbac:groups=x\n// Get gets.", "// Get gets."},
		{"// Get gets.\n//\n//unweld:local", "// Get gets.\n//\n//unweld:local"},
		{"// Get mails someone@Example.com, + 1 more.\n// Deprecated: don't.", "// Get mails someone@Example.com, + 1 more.\n// Deprecated: don't."},
		{"/*\nGet gets.\n*/", "/*\nGet gets.\n*/"},
		{"//go:linkname x y", ""},
	} {
		doc := &ast.CommentGroup{}
		if strings.HasPrefix(c.in, "/*") {
			doc.List = append(doc.List, &ast.Comment{Text: c.in})
		} else {
			for line := range strings.SplitSeq(c.in, "\n") {
				doc.List = append(doc.List, &ast.Comment{Text: line})
			}
		}
		got := (&Decl{Func: &ast.FuncDecl{Doc: doc}}).Comment()
		if want := strings.Split(c.want, "\n"); !slices.Equal(got, want) && (c.want != "" || len(got) > 0) {
			t.Errorf("the comment of %q is %q, want %q", c.in, got, want)
		}
	}
	var none *Decl
	if got := none.Comment(); len(got) > 0 {
		t.Errorf("no declaration has the comment %q", got)
	}
}
