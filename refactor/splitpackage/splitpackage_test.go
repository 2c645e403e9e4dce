package splitpackage_test

import (
	"context"
	"flag"
	"strings"
	"testing"

	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/internal/archive"
	"github.com/unweld/unweld/refactor/splitpackage"
)

var update = flag.Bool("update", false, "rewrite the expectations in testdata")

// TestSplit runs each archive of testdata. What find would propose stands here.
func TestSplit(t *testing.T) {
	archive.Suite{Refactoring: splitpackage.Refactoring, Update: *update, Input: func(_ *testing.T, snap *source.Snapshot) refactor.Input {
		return refactor.Input{Snapshot: snap, Propose: propose}
	}}.Run(t)
}

func propose(_ context.Context, path string) ([]refactor.Proposal, error) {
	if strings.HasSuffix(path, "/api") {
		return []refactor.Proposal{
			{Name: "api", Decls: []string{"ClientAPI", "Server", "Handle"}},
			{Name: "api-client", Decls: []string{"ClientStore", "ClientParams"}},
			{Name: "api-user", Decls: []string{"UserAPI", "UserStore"}},
			{Name: "api-model", Decls: []string{"Page"}},
		}, nil
	}
	if !strings.HasSuffix(path, "/util") {
		return []refactor.Proposal{{Name: "all", Decls: []string{"Even", "Odd"}}}, nil
	}
	return []refactor.Proposal{
		{Name: "util", Decls: []string{"Clock", "NewClock", "Sleep", "Trim", "Title"}},
		{Name: "util-env", Decls: []string{"Env", "Folders", "MustEnv", "Path"}},
		{Name: "web/slug", Decls: []string{"Slug", "lower"}},
	}, nil
}

func TestOffer(t *testing.T) {
	site := refactor.NewSite([]byte("package p\n\nfunc F() {}\n"), text.Span{File: "a/p.go", Start: 2, End: 2}, nil)
	got := splitpackage.Refactoring.Offer(refactor.Input{}, site)
	if len(got) != 1 || got[0].Request.Target != "./a" || got[0].Disabled != "" {
		t.Fatalf("at the package clause: %+v", got)
	}
	if _, err := splitpackage.Refactoring.Check(refactor.Input{}, got[0].Request); err != nil {
		t.Error(err)
	}
	if got := splitpackage.Refactoring.Offer(refactor.Input{}, site.At(text.Span{File: "a/p.go", Start: 14, End: 14}, nil)); len(got) != 0 {
		t.Errorf("at a function: %+v", got)
	}
}
