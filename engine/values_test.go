package engine

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/unweld/unweld/internal/change"
)

const purse = `-- go.mod --
module m

go 1.26
-- coin/coin.go --
package coin

// A Money has no exported field.
type Money struct{ cents int64 }

// Of returns an amount.
func Of(cents int64) Money { return Money{cents} }
-- till/till.go --
package till

import (
	"context"

	"m/coin"
)

// A Receipt has a field of its own.
type Receipt struct{ total coin.Money }

type Service interface {
	Sum(ctx context.Context, all []coin.Money) (Receipt, error)
}

type counter struct{}

func New() Service { return counter{} }

func (counter) Sum(_ context.Context, all []coin.Money) (Receipt, error) { return Receipt{all[0]}, nil }
-- bank/bank.go --
package bank

import (
	"context"

	"m/coin"
)

type Service interface {
	Pay(ctx context.Context, m coin.Money) error
}

type vault struct{}

func New() Service { return vault{} }

func (vault) Pay(context.Context, coin.Money) error { return nil }
-- main.go --
package main

import (
	"context"

	"m/bank"
	"m/coin"
	"m/till"
)

func main() {
	ctx := context.Background()
	t := till.New()
	b := bank.New()
	if _, err := t.Sum(ctx, []coin.Money{coin.Of(1)}); err != nil {
		panic(err)
	}
	if err := b.Pay(ctx, coin.Of(2)); err != nil {
		panic(err)
	}
}
`

// TestValuesOfOtherPackages binds two components to which values with unexported fields
// of a third package cross: it gets a file for each, nothing is left to do the second
// time, the outcome passes go vet, and eject takes all of it away.
func TestValuesOfOtherPackages(t *testing.T) {
	s := module(t, purse)
	before := contents(t, s.Root)
	do := func(set change.Set, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		if err := change.Apply(s.Root, set); err != nil {
			t.Fatal(err)
		}
		if err := s.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"till", "bank"} {
		do(s.Bind(t.Context(), BindOptions{Component: name, To: []string{"unix"}}))
	}
	for _, name := range []string{"till", "bank"} {
		if set, err := s.Bind(t.Context(), BindOptions{Component: name}); err != nil || len(set.Files) > 0 {
			t.Errorf("again: %d files of %s change, %v", len(set.Files), name, err)
		}
	}
	now := contents(t, s.Root)
	for _, file := range []string{"coin/zz_unweld_till_values.go", "coin/zz_unweld_bank_values.go", "till/zz_unweld_till_values.go"} {
		if now[file] == "" {
			t.Errorf("there is no %s", file)
		}
	}
	if now["bank/zz_unweld_bank_values.go"] != "" {
		t.Error("bank has no type with unexported fields that crosses")
	}
	vet := exec.Command("go", "vet", "./...")
	vet.Dir, vet.Env = s.Root, append(os.Environ(), "GOWORK=off", "GOFLAGS=")
	if out, err := vet.CombinedOutput(); err != nil {
		t.Errorf("go vet: %v\n%s", err, out)
	}
	do(s.Eject(t.Context(), ""))
	after := contents(t, s.Root)
	for name, content := range before {
		if after[name] != content {
			t.Errorf("%s isn't as it was", name)
		}
	}
	for name := range after {
		if _, was := before[name]; !was {
			t.Errorf("%s is left", name)
		}
	}
}

// contents returns the Go files of a module, and its configuration.
func contents(t *testing.T, root string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !slices.Contains([]string{".go", ".mod", ".yaml", ".lock"}, filepath.Ext(path)) {
			return err
		}
		content, err := os.ReadFile(path)
		out[filepath.ToSlash(strings.TrimPrefix(path, root+string(filepath.Separator)))] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
