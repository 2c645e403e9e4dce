package code_test

import (
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/internal/code"
)

// TestMissingEmbed has a package that embeds what a build of something else makes, which
// wasn't run: the module can be changed, and the change says that it doesn't build.
func TestMissingEmbed(t *testing.T) {
	for _, tt := range []struct{ name, more, want string }{
		{"the file isn't there", "", ""},
		{"nor does it type-check", "\nvar Other = missing\n", "undefined: missing"},
	} {
		dir := t.TempDir()
		if err := txtar.Write(txtar.Parse([]byte(embedding+tt.more)), dir); err != nil {
			t.Fatal(err)
		}
		snap, err := source.Open(t.Context(), source.Options{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		w, err := code.Load(t.Context(), refactor.Input{Snapshot: snap}, "test")
		if tt.want != "" {
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%s: got %v, want %s", tt.name, err, tt.want)
			}
			continue
		}
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		for _, f := range w.Files {
			if f.Rel == "svc/svc.go" {
				f.Insert(f.AST.End(), "\n\nvar Size = len(ui.Name)\n")
			}
		}
		set, err := w.Result(t.Context(), "test", "add Size", nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(set.Files) != 1 || len(set.Notes) != 1 || set.Notes[0].Span.File != "ui/ui.go" || !strings.Contains(set.Notes[0].Message, "doesn't build, before and after: pattern dist: no matching files found") {
			t.Errorf("%s: got %v and %v", tt.name, set.Files, set.Notes)
		}
	}
}

const embedding = `
-- go.mod --
module example.com/m

go 1.26
-- svc/svc.go --
package svc

import "example.com/m/ui"

var Pages = ui.Pages
-- ui/ui.go --
package ui

import "embed"

//go:embed dist
var Pages embed.FS

var Name = "ui"
`
