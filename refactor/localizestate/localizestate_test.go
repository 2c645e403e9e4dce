package localizestate_test

import (
	"flag"
	"strings"
	"testing"

	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/internal/archive"
	"github.com/unweld/unweld/refactor/localizestate"
)

var update = flag.Bool("update", false, "rewrite the expectations in testdata")

// TestLocalize runs the archives of testdata.
func TestLocalize(t *testing.T) {
	archive.Suite{Refactoring: localizestate.Refactoring, Update: *update}.Run(t)
}

func TestOffer(t *testing.T) {
	const content = "package p\n\ntype App struct {\n\tmu sync.Mutex\n\tcache map[string]int\n\tdb *sql.DB\n\tName string `json:\"name\"`\n}\n\ntype one struct{ n int }\n\nfunc (a *App) Price() int { a.mu.Lock(); return a.cache[\"\"] }\n\nfunc (a *App) Load() { a.db.Ping() }\n"
	for needle, want := range map[string]string{
		"cache map": "./a.App mu,cache Cache",
		"mu sync":   "./a.App mu,cache Mu",
		"db *":      "./a.App db DB",
		"Name str":  "./a.App Name Name: a tag says how Name is encoded",
		"n int":     "",
		"Price":     "",
	} {
		at := strings.Index(content, needle)
		site := refactor.NewSite([]byte(content), text.Span{File: "a/p.go", Start: at, End: at}, nil)
		got := ""
		for _, o := range localizestate.Refactoring.Offer(refactor.Input{}, site) {
			got = o.Request.Target + " " + o.Request.Params["fields"] + " " + o.Request.Params["into"]
			if o.Disabled != "" {
				got += ": " + o.Disabled
			}
			if _, err := localizestate.Refactoring.Check(refactor.Input{}, o.Request); err != nil {
				t.Errorf("at %q: what is offered is refused: %v", needle, err)
			}
		}
		if got != want {
			t.Errorf("at %q: %q, want %q", needle, got, want)
		}
	}
}
