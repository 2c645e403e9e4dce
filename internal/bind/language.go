package bind

import (
	"context"
	"fmt"
	"go/version"
	"os/exec"
	"strings"

	"github.com/unweld/unweld/bindings/codegen"
	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/gomod"
	"github.com/unweld/unweld/internal/text"
)

// loopLanguage is the first language in which each round of a for loop has
// variables of its own: raising go.mod beyond it changes what code does.
const loopLanguage = "go1.22"

// toolchain refuses a go command that is too old for what is generated.
func (g *generator) toolchain(ctx context.Context) error {
	cmd := exec.CommandContext(ctx, "go", "env", "GOVERSION")
	cmd.Dir, cmd.Env = g.m.Root, g.m.Snapshot.Env()
	out, err := cmd.Output()
	if err != nil {
		return err
	}
	have, _, _ := strings.Cut(strings.TrimSpace(string(out)), " ")
	if version.IsValid(have) && version.Compare(have, codegen.Language) < 0 {
		return &component.UsageError{Object: g.what(), Reason: fmt.Sprintf("%s builds this module, and what is generated needs %s", have, codegen.Language),
			Hint: "install a newer release of Go; the go line of go.mod may stay as it is"}
	}
	return nil
}

// raised refuses requirements that would make go.mod ask for a language in which
// the module's own code means something else.
func (g *generator) raised(before, after []byte) error {
	from, to := gomod.Language(before), gomod.Language(after)
	if from == to {
		return nil
	}
	span := text.Span{File: "go.mod", Line: 1, Col: 1}
	need := "needs"
	if len(g.part.Requires) > 1 {
		need = "need"
	}
	needs := fmt.Sprintf("%s %s go %s, and go.mod says go %s", strings.Join(g.part.Requires, " and "), need, to, from)
	if version.Compare("go"+from, loopLanguage) < 0 && version.Compare("go"+to, loopLanguage) >= 0 {
		return component.Refuse(g.what(), component.Problem{Code: "language-version", Severity: component.Error, Span: span,
			Message: needs + "; since go 1.22 each round of a for loop has variables of its own, so this could change what the module's code does",
			Hint:    "run go mod edit -go=" + to + " && go mod tidy && go test ./... and try again, or bind to unix alone, which needs no other module"})
	}
	g.set.Notes = append(g.set.Notes, change.Note{Span: span, Message: needs + ": it is raised"})
	return nil
}
