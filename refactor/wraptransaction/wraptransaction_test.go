package wraptransaction_test

import (
	"flag"
	"strings"
	"testing"

	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/internal/archive"
	"github.com/unweld/unweld/refactor/wraptransaction"
)

var update = flag.Bool("update", false, "rewrite the expectations in testdata")

// TestWrap runs the archives of testdata.
func TestWrap(t *testing.T) {
	archive.Suite{Refactoring: wraptransaction.Refactoring, Update: *update}.Run(t)
}

func TestOffer(t *testing.T) {
	const content = "package p\n\nimport \"example.com/m/billing\"\n\nfunc Place(db *sql.DB) error {\n\ttx, err := db.BeginTx(nil, nil)\n\tif err := stock.Take(tx); err != nil {\n\t\treturn err\n\t}\n\tif err := billing.Charge(tx, 1); err != nil {\n\t\treturn err\n\t}\n\treturn tx.Commit()\n}\n\nfunc Count(db *sql.DB) error {\n\ttx, err := db.Begin()\n\t_, err = tx.Exec(\"x\")\n\treturn tx.Commit()\n}\n\nfunc Other(tx *sql.Tx) error { return billing.Charge(tx, 1) }\n"
	for needle, want := range map[string]string{
		"Place(": "./a.Place example.com/m/billing.Charge",
		"Count(": "",
		"Other(": "",
	} {
		at := strings.Index(content, needle)
		site := refactor.NewSite([]byte(content), text.Span{File: "a/p.go", Start: at, End: at}, nil)
		got := ""
		for _, o := range wraptransaction.Refactoring.Offer(refactor.Input{}, site) {
			got = o.Request.Target + " " + o.Request.Params["call"]
			if _, err := wraptransaction.Refactoring.Check(refactor.Input{}, o.Request); err != nil {
				t.Errorf("at %q: what is offered is refused: %v", needle, err)
			}
		}
		if got != want {
			t.Errorf("at %q: %q, want %q", needle, got, want)
		}
	}
}
