package lsp_test

import (
	"path/filepath"
	"strings"
	"testing"

	"go.lsp.dev/protocol"

	"github.com/unweld/unweld/lsp/lsptest"
)

// TestHover asks about declarations and calls before and after the first
// analysis of the module.
func TestHover(t *testing.T) {
	ctx, dir := t.Context(), shop(t)
	write(t, filepath.Join(dir, "unweld.yaml"), "version: 1\ncomponents:\n  pricing: {packages: [./pricing/...]}\n")
	file, web := filepath.Join(dir, "pricing", "pricing.go"), filepath.Join(dir, "carts", "carts.go")
	e := start(t, lsptest.Capabilities)
	must(t, e.Open(ctx, file))
	if got, err := e.Hover(ctx, file, "Engine struct"); err != nil || got != nil {
		t.Errorf("before the first analysis: %+v, %v, want null", got, err)
	}
	must(t, e.AwaitVersion(file, patience))
	must(t, e.Open(ctx, web))
	for _, tt := range []struct{ file, needle, on, want string }{
		{file, "pricing\n", "pricing", "component **pricing**\n"},
		{file, "Engine struct", "Engine", "component **pricing**\n"},
		{file, "Quote(", "Quote", "- carts uses it in "},
		{file, "Quote(", "Quote", "an endpoint; whether it changes state isn't known"},
		{web, "\"example.com/shop/pricing\"", "\"example.com/shop/pricing\"", "component **pricing**\n"},
		{web, "Quote(", "Quote", "component **pricing**\n"},
		{web, "Drop(", "Drop", "**no-context**: Drop takes no context"},
	} {
		got, err := e.Hover(ctx, tt.file, tt.needle)
		must(t, err)
		if got == nil || got.Contents.Kind != protocol.Markdown || !strings.Contains(got.Contents.Value, tt.want) {
			t.Errorf("%s, %q: %+v, want %q", filepath.Base(tt.file), tt.needle, got, tt.want)
			continue
		}
		if on := e.Text(tt.file, *got.Range); on != tt.on {
			t.Errorf("%s, %q: the range is %q, want %q", filepath.Base(tt.file), tt.needle, on, tt.on)
		}
	}
	for _, needle := range []string{"return", "errors\"", "{"} {
		if got, err := e.Hover(ctx, web, needle); err != nil || got != nil {
			t.Errorf("at %q: %+v, %v, want null", needle, got, err)
		}
	}
	for _, m := range e.Messages() {
		t.Errorf("the server also sent: %s", m)
	}
}
