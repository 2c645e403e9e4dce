package engine

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestSplitsOfEveryBinding runs a module's tests under splits by each scheme
// that leads to another process: with both of its components apart, and with
// one that is called from there apart from the one that calls it.
func TestSplitsOfEveryBinding(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a module's tests for each binding")
	}
	root := t.TempDir()
	for name, content := range map[string]string{
		"go.mod":         "module example.com/shop\n\ngo 1.26\n",
		"tax/tax.go":     "package tax\n\nimport \"context\"\n\ntype Service interface {\n\tRate(ctx context.Context, sku string) (int, error)\n}\n\ntype Table struct{ rates map[string]int }\n\nfunc New() *Table { return &Table{map[string]int{\"tea\": 7}} }\n\nfunc (t *Table) Rate(_ context.Context, sku string) (int, error) { return t.rates[sku], nil }\n",
		"price/price.go": "package price\n\nimport (\n\t\"context\"\n\n\t\"example.com/shop/tax\"\n)\n\ntype Service interface {\n\tQuote(ctx context.Context, sku string) (int, error)\n}\n\ntype Engine struct{ tax tax.Service }\n\nfunc New(t tax.Service) *Engine { return &Engine{t} }\n\nfunc (e *Engine) Quote(ctx context.Context, sku string) (int, error) {\n\trate, err := e.tax.Rate(ctx, sku)\n\treturn 100 + rate, err\n}\n",
		"shop.go":        "package main\n\nimport (\n\t\"example.com/shop/price\"\n\t\"example.com/shop/tax\"\n)\n\nfunc open() price.Service {\n\trates := tax.New()\n\treturn price.New(rates)\n}\n\nfunc main() { open() }\n",
		"shop_test.go":   "package main\n\nimport (\n\t\"context\"\n\t\"testing\"\n)\n\nfunc TestQuote(t *testing.T) {\n\tt.TempDir()\n\tfor range 2 {\n\t\tif n, err := open().Quote(context.Background(), \"tea\"); n != 107 || err != nil {\n\t\t\tt.Error(n, err)\n\t\t}\n\t}\n}\n",
	} {
		writeTestFile(t, filepath.Join(root, name), content)
	}
	var schemeNames []string
	for _, x := range schemes() {
		if x.CrossesUnits && x.Name == x.Binding { // by which name a link says it
			schemeNames = append(schemeNames, x.Name)
		}
	}
	config := "version: 1\nsplits:\n"
	var splits []string
	for _, x := range schemeNames {
		config += fmt.Sprintf("  %[1]s-both: {units: {main: {components: ['*']}, price: {components: [price]}, tax: {components: [tax]}}, links: {price: %[1]s, tax: %[1]s}}\n", x)
		config += fmt.Sprintf("  %[1]s-back: {units: {main: {components: ['*']}, price: {components: [price]}}, links: {price: %[1]s, tax: %[1]s}}\n", x)
		splits = append(splits, x+"-both", x+"-back")
	}
	writeTestFile(t, filepath.Join(root, "unweld.yaml"), config)
	s, err := Open(t.Context(), Options{Dir: root})
	if err != nil {
		t.Fatal(err)
	}
	for _, component := range []string{"tax", "price"} {
		set, err := s.Bind(t.Context(), BindOptions{Component: component, To: schemes().Bindings()})
		if err == nil {
			err = s.Apply(t.Context(), set)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	runs, err := s.TestSplits(t.Context(), splits, nil)
	if err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
		t.Errorf("the runs leave %v in the folder of temporary files, %v", left, err)
	}
	for _, run := range runs {
		want := int64(4) // two quotes, each with a rate
		if !run.OK || run.Passed != 1 || run.Crossed < want-2 || strings.HasSuffix(run.Split, "both") && run.Crossed != want {
			t.Errorf("%s: %d calls crossed, want %d: %s\n%s", run.Split, run.Crossed, want, run.Reason, run.Output)
		}
	}
}
