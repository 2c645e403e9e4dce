package bindable

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/campaign"
	"github.com/unweld/unweld/internal/corpus"
	"github.com/unweld/unweld/internal/scratch"
	"github.com/unweld/unweld/internal/source"
)

// A Code is code to count in: a library whose packages others import, or a program.
type Code struct {
	Name string
	// Program says that its internal packages count, too.
	Program bool

	dir      string                      // where it is looked at; empty: in a copy
	patterns []string                    // of its packages; none are all
	copy     func(dir, pkg string) error // copies the module that a package belongs to, or what stands for it
}

// Standard is the standard library, looked at where it is.
func Standard(ctx context.Context) (Code, error) {
	out, err := exec.CommandContext(ctx, "go", "env", "GOROOT").Output()
	if err != nil {
		return Code{}, fmt.Errorf("go env: %w", err)
	}
	return Code{Name: "the standard library", dir: filepath.Join(strings.TrimSpace(string(out)), "src"), copy: corpus.Std}, nil
}

// StandardPackage is one package of the standard library.
func StandardPackage(ctx context.Context, path string) (Code, error) {
	c, err := Standard(ctx)
	c.Name, c.patterns = path, []string{path}
	return c, err
}

// Dependencies are the modules whose packages the module at root imports, directly or
// not: of each the packages that it imports.
func Dependencies(ctx context.Context, root string) ([]Code, error) {
	cmd := exec.CommandContext(ctx, "go", "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}}@{{.Version}} {{$.ImportPath}}{{end}}{{end}}", "./...")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list -deps ./...: %w", err)
	}
	var codes []Code
	for line := range strings.Lines(string(out)) {
		mod, pkg, ok := strings.Cut(strings.TrimSpace(line), " ")
		if !ok {
			continue
		}
		i := slices.IndexFunc(codes, func(c Code) bool { return c.Name == mod })
		if i < 0 {
			i = len(codes)
			codes = append(codes, Code{Name: mod, dir: root, copy: func(dir, _ string) error { return corpus.Module(dir, mod) }})
		}
		codes[i].patterns = append(codes[i].patterns, pkg)
	}
	slices.SortFunc(codes, func(a, b Code) int { return strings.Compare(a.Name, b.Name) })
	return codes, nil
}

// Program is a module, PATH@VERSION, that is a program.
func Program(mod string) Code {
	return Code{Name: mod, Program: true, copy: func(dir, _ string) error { return corpus.Module(dir, mod) }}
}

// Checkout is the module at a folder, taken for a program.
func Checkout(dir string) (Code, error) {
	root, err := campaign.ModuleRoot(dir)
	return Code{Name: filepath.Base(root), Program: true, dir: root, copy: func(to, _ string) error { return corpus.Checkout(to, root) }}, err
}

// open returns a snapshot of the code.
func (c Code) open(ctx context.Context) (snap *source.Snapshot, remove func(), err error) {
	dir, remove := c.dir, func() {}
	if dir == "" {
		if dir, remove, err = scratch.Dir("unweld-bindable"); err != nil {
			return nil, nil, err
		}
		if err := c.copy(dir, ""); err != nil {
			remove()
			return nil, nil, err
		}
	}
	if snap, err = source.Open(ctx, source.Options{Dir: dir}); err != nil {
		remove()
		return nil, nil, err
	}
	return snap, remove, nil
}

// An Outcome is what was found out of one code.
type Outcome struct {
	Code     string
	Subjects []Subject
	IllTyped []string // packages that don't type-check here, and so aren't counted
	Proofs   []Proof
}

// Options bound a run.
type Options struct {
	// Limit is how many types, and how many packages of functions, of each code are
	// bound in a copy, of those that are said to bind; 0 is none.
	Limit int
	// Progress is told what is being done. It may be nil.
	Progress func(format string, args ...any)
}

// Run counts in one code, and proves a sample of what binds.
func Run(ctx context.Context, c Code, o Options) (*Outcome, error) {
	say := o.Progress
	if say == nil {
		say = func(string, ...any) {}
	}
	snap, remove, err := c.open(ctx)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.Name, err)
	}
	defer remove()
	out := &Outcome{Code: c.Name}
	if out.Subjects, out.IllTyped, err = Count(ctx, snap, !c.Program, c.patterns...); err != nil {
		return nil, fmt.Errorf("%s: %w", c.Name, err)
	}
	say("%s: %d subjects", c.Name, len(out.Subjects))
	return out, c.Prove(ctx, out, o)
}

// Prove carries out a sample of what was found to bind, in copies of the code.
func (c Code) Prove(ctx context.Context, out *Outcome, o Options) error {
	for i, s := range sample(out.Subjects, o.Limit) {
		p, err := c.prove(ctx, s, i)
		if err != nil {
			return fmt.Errorf("%s: %s: %w", c.Name, s, err)
		}
		if o.Progress != nil {
			o.Progress("%s: %s by %s: %s %s", c.Name, s, p.Binding, p.Result, p.Detail)
		}
		out.Proofs = append(out.Proofs, p)
	}
	return nil
}
