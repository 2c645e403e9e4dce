package clients_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/unweld/unweld/internal/debian"
	"github.com/unweld/unweld/internal/tmux"
)

const languages = `[language-server.unweld]
command = "%s"
args = ["lsp"]

[[language]]
name = "go"
language-servers = ["unweld"]
`

// TestHelix drives Helix in a terminal: a hazard, the list of code actions, one of them, undo
// and redo.
func TestHelix(t *testing.T) {
	program, err := debian.Helix.Path()
	if errors.Is(err, debian.ErrMissing) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	dir, config := shop(t), t.TempDir()
	file := filepath.Join(config, "helix", "languages.toml")
	if err := os.Mkdir(filepath.Dir(file), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, fmt.Appendf(nil, languages, build(t)), 0o666); err != nil {
		t.Fatal(err)
	}
	w := tmux.Open(t, 120, 40, fmt.Sprintf("cd '%s' && XDG_CONFIG_HOME='%s' XDG_STATE_HOME='%s' '%s' carts/carts.go:63:17", dir, config, config, program))
	w.Sees("Create takes no context").Type(":open pricing/pricing.go").Press("Enter").Sees("package pricing")
	w.Type("/type Engine").Press("Enter").Type("l").Press("Space", "a").Sees("Extract Engine as a component: ").Press("Enter").Sees("pricing.go [+]", `"context"`)
	w.Press("u").Sees("pricing.go  ").Press("U").Sees("pricing.go [+]") // undo is one step, and so is doing it again
	w.Type(":write-all").Press("Enter").Sees("pricing.go  ").Type(":quit-all").Press("Enter").Sees("status 0")
	extracted(t, dir)
}
