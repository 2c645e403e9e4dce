package wraptransaction_test

import (
	"flag"
	"fmt"
	"go/ast"
	"go/types"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/internal/everywhere"
	"github.com/unweld/unweld/refactor/wraptransaction"
)

var (
	everything = flag.Int("everything", 12, "how many transactions TestEverything tries; 0 is all")
	another    = flag.String("corpus", "", "directory of a module in which TestEverything tries each transaction instead")
)

// TestEverything wraps transactions of every shape that can be wrapped, and of a
// module that nobody here wrote where -corpus names one. Each outcome is code that
// type-checks, which Do has made sure of, or a refusal with a reason of our own. Of
// the shapes none is refused.
func TestEverything(t *testing.T) {
	dir := *another
	if dir == "" {
		dir = t.TempDir()
		shapes(t, dir)
	}
	snap, err := source.Open(t.Context(), source.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	all := transactions(t, snap)
	if len(all) == 0 {
		t.Fatal("no transactions: the corpus doesn't load")
	}
	tried := everywhere.Spread(all, *everything)
	applied, refused := 0, map[string]int{}
	for _, req := range tried {
		_, err := wraptransaction.Refactoring.Do(t.Context(), refactor.Input{Snapshot: snap}, req)
		switch why, ours := everywhere.Refusal(err); {
		case err == nil:
			applied++
		case ours && *another != "":
			refused[why]++
		default:
			t.Errorf("%s %v: %v", req.Target, req.Params, err)
		}
	}
	t.Logf("of %d transactions %d were tried: %d applied; refused:\n%s", len(all), len(tried), applied, everywhere.Ranked(refused))
	if applied == 0 && *another == "" {
		t.Error("nothing was applied")
	}
}

// transactions asks for each call with a transaction in a function that begins one.
func transactions(t *testing.T, snap *source.Snapshot) []refactor.Request {
	pkgs, err := snap.Load(t.Context(), source.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var out []refactor.Request
	for _, p := range pkgs {
		for _, f := range p.Syntax {
			for _, d := range f.Decls {
				fn, ok := d.(*ast.FuncDecl)
				if !ok || fn.Body == nil {
					continue
				}
				begins, given := false, map[string]bool{}
				ast.Inspect(fn.Body, func(n ast.Node) bool {
					c, ok := n.(*ast.CallExpr)
					if !ok {
						return true
					}
					sel, ok := c.Fun.(*ast.SelectorExpr)
					if !ok {
						return true
					}
					obj, ok := p.Info.Uses[sel.Sel].(*types.Func)
					if !ok {
						return true
					}
					begins = begins || strings.HasPrefix(obj.FullName(), "(*database/sql.DB).Begin")
					for _, a := range c.Args {
						if typ := p.Info.TypeOf(a); typ != nil && typ.String() == "*database/sql.Tx" {
							given[strings.NewReplacer("(", "", ")", "", "*", "").Replace(obj.FullName())] = true
						}
					}
					return true
				})
				target := fn.Name.Name
				if r := source.Receiver(fn); r != "" {
					target = r + "." + target
				}
				for name := range given {
					if begins {
						out = append(out, refactor.Request{Target: p.Pkg.Path + "." + target, Params: map[string]string{"call": name}})
					}
				}
			}
		}
	}
	return out
}

// shapes writes a module with a transaction of every shape.
func shapes(t *testing.T, dir string) {
	params := []struct{ decl, args string }{
		{"", ""}, {", id string, n int", ", id, n"}, {", b Bill", ", bill(id, n)"}, {", tags []string", ", []string{id}"}, {", _ bool, type_ map[string]int64", ", true, nil"},
	}
	handle := []string{
		"if err := %s; err != nil {\n\t\treturn %serr\n\t}",
		"err = %s\n\tif err != nil {\n\t\treturn %sfmt.Errorf(\"write: %%w\", err)\n\t}",
		"if err := %s; err != nil {\n\t\t_ = tx.Rollback()\n\t\treturn %serr\n\t}",
		"for range n {\n\t\tif err := %s; err != nil {\n\t\t\treturn %serr\n\t\t}\n\t}",
	}
	commits := []string{
		"return %stx.Commit()",
		"if err := tx.Commit(); err != nil {\n\t\treturn %serr\n\t}\n\treturn %snil",
		"err = tx.Commit()\n\tif err != nil {\n\t\treturn %serr\n\t}\n\treturn %snil",
	}
	a := "package a\n\nimport (\n\t\"context\"\n\t\"database/sql\"\n\t\"fmt\"\n\n\t\"example.com/m/b\"\n)\n\ntype T struct {\n\tdb *sql.DB\n\tb  *b.B\n}\n\nvar _ = fmt.Sprint\n\nfunc bill(id string, n int) b.Bill { return b.Bill{ID: id, N: n} }\n"
	callees := "package b\n\nimport (\n\t\"context\"\n\t\"database/sql\"\n)\n\ntype B struct{ n int }\n\ntype Bill struct {\n\tID string\n\tN  int\n}\n"
	i := 0
	for _, method := range []bool{true, false} {
		for _, ctx := range []bool{true, false} {
			for _, p := range params {
				for _, h := range handle {
					for _, c := range commits {
						i++
						name := fmt.Sprintf("Write%d", i)
						zero, result, commit := "", "error", c
						if i%2 == 0 {
							zero, result = "0, ", "(int, error)"
						}
						recv, db, call, of := "", "db", "b."+name, ""
						outer := "db *sql.DB, "
						if method {
							recv, db, call, of, outer = "(t *T) ", "t.db", "t.b."+name, "(r *B) ", ""
						}
						begin, given, taken := db+".Begin()", "tx", "tx *sql.Tx"
						if ctx {
							begin, given, taken, outer = db+".BeginTx(ctx, nil)", "ctx, tx", "ctx context.Context, tx *sql.Tx", "ctx context.Context, "+outer
						}
						commit = strings.ReplaceAll(commit, "%s", zero)
						handled := fmt.Sprintf(h, call+"("+given+p.args+")", zero)
						a += fmt.Sprintf("\nfunc %sPlace%d(%sid string, n int) %s {\n\ttx, err := %s\n\tif err != nil {\n\t\treturn %serr\n\t}\n\tdefer tx.Rollback()\n\t%s\n\t%s\n}\n", recv, i, outer, result, begin, zero, handled, commit)
						callees += fmt.Sprintf("\nfunc %s%s(%s%s) error {\n\t_, err := tx.Exec(\"INSERT INTO t (n) VALUES (?)\", 1)\n\treturn err\n}\n", of, name, taken, p.decl)
					}
				}
			}
		}
	}
	for name, content := range map[string]string{"go.mod": "module example.com/m\n\ngo 1.26\n", "a/a.go": a, "b/b.go": callees} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
