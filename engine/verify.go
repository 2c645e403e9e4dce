package engine

import (
	"context"
	"fmt"
	"go/types"
	"path"
	"strings"
	"time"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/effects"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/internal/verify"
)

// VerifyOptions say how a change is verified.
type VerifyOptions struct {
	Time time.Duration // for all of it; 0 is five minutes
}

// Verify holds a change to what the module does without it, in a copy: go vet, the
// tests of what it reaches, and what the changed functions do with random
// arguments. It runs code of the module. Nothing in the module itself changes.
func (s *Session) Verify(ctx context.Context, set change.Set, o VerifyOptions) (*verify.Report, error) {
	if len(set.Files) == 0 {
		return &verify.Report{Packages: []string{}, Failing: []string{}, Driven: []verify.Driven{}, Unverified: []verify.Gap{}, Differences: []verify.Difference{}}, nil
	}
	s.progress("verify: copying the module")
	c, err := s.repository().Disk(ctx)
	if err != nil {
		return nil, err
	}
	defer c.Remove()
	return s.VerifyIn(ctx, verify.Open(c.Root, c.Env), set, o)
}

// VerifyIn is Verify in a copy of the module that the caller has, and that is as
// it was afterwards. What the copy did without the change is asked once.
func (s *Session) VerifyIn(ctx context.Context, m *verify.Module, set change.Set, o VerifyOptions) (*verify.Report, error) {
	harmless, err := s.harmless(ctx)
	if err != nil {
		return nil, err
	}
	return m.Check(ctx, set, verify.Options{Time: o.Time, Harmless: harmless, Progress: s.options.Progress})
}

// VerifyRefusal is the error of a change that its verification found to change
// what the module does, or nil.
func VerifyRefusal(what string, r *verify.Report) error {
	if len(r.Differences) == 0 {
		return nil
	}
	var problems []component.Problem
	for _, d := range r.Differences {
		problems = append(problems, component.Problem{Code: codeDiffers, Severity: component.Error, Message: d.String(),
			Hint: "nothing was written; look at the diff without --verify"})
	}
	return component.Refuse(what, problems...)
}

const codeDiffers = "verify-differs"

// harmless returns a function that says why another one must not be called with
// made-up arguments, as far as the module is at hand.
func (s *Session) harmless(ctx context.Context) (func(verify.Func) string, error) {
	_, pkgs, err := s.written(ctx)
	if err != nil {
		return nil, err
	}
	program, err := s.effects(ctx)
	if err != nil {
		return nil, err
	}
	byDir := map[string]*source.Package{}
	for _, p := range source.Plain(pkgs) {
		byDir[path.Clean(p.Pkg.Dir)] = p
	}
	return func(f verify.Func) string {
		p := byDir[path.Clean(f.Dir)]
		if p == nil || p.Types == nil || p.IllTyped() {
			return "its package could not be analysed"
		}
		fn := declaredFunc(p.Types, f)
		if fn == nil {
			return "it could not be analysed"
		}
		m, err := program.Func(ctx, fn)
		if err != nil {
			return "it could not be analysed"
		}
		return reaches(m)
	}, nil
}

// declaredFunc returns the function or method of that name, or nil.
func declaredFunc(pkg *types.Package, f verify.Func) *types.Func {
	if f.Recv == "" {
		fn, _ := pkg.Scope().Lookup(f.Name).(*types.Func)
		return fn
	}
	obj, ok := pkg.Scope().Lookup(f.Recv).(*types.TypeName)
	if !ok {
		return nil
	}
	member, _, _ := types.LookupFieldOrMethod(types.NewPointer(obj.Type()), true, pkg, f.Name)
	fn, _ := member.(*types.Func)
	return fn
}

// reaches returns what a function may reach beside memory, or "".
func reaches(m effects.Method) string {
	switch {
	case m.World:
		return "it may reach files, processes or the network"
	case m.Unfollowed && m.Because != nil && m.Because.What != "" && !strings.HasPrefix(m.Because.What, "writes"):
		return fmt.Sprintf("it calls what could not be analysed: %s", m.Because)
	case m.Unfollowed:
		return "it calls what could not be analysed"
	}
	return ""
}
