package bindable

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"slices"
	"strings"

	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/scratch"
	"github.com/unweld/unweld/internal/subprocess"
)

// A Result says what came of carrying out what should be possible.
type Result string

const (
	// Proven: it was extracted and bound, all of its endpoints cross, and what was
	// generated passes go vet and builds.
	Proven Result = "proven"
	// Refused: extract or bind said no, for a reason that isn't about what crosses: the
	// code around the type looks inside it, or nothing makes one.
	Refused Result = "refused"
	// Broken: the decision was wrong, or what came out doesn't vet or build.
	Broken Result = "broken"
)

// A Proof is what came of binding one subject in a copy.
type Proof struct {
	Subject Subject
	Binding string // that it was bound to
	Result  Result
	Code    string // Refused: of the first problem
	Detail  string // in the words of the refusal, or of go vet
}

// sample picks up to limit types and as many packages of those that bind, in an order
// that has nothing to do with their names: the first few are a sample of all. What needs
// values of open interfaces is left out: of a library, whose callers aren't there, extract
// can't say which.
func sample(all []Subject, limit int) (some []Subject) {
	key := func(s Subject) string {
		sum := sha256.Sum256([]byte(s.String()))
		return string(sum[:])
	}
	for _, kind := range []Kind{OfType, OfPackage} {
		of := slices.DeleteFunc(slices.Clone(all), func(s Subject) bool { return s.Kind != kind || !s.Binds() || !s.provable || s.open() })
		slices.SortFunc(of, func(a, b Subject) int { return cmp.Compare(key(a), key(b)) })
		some = append(some, of[:min(limit, len(of))]...)
	}
	return some
}

// prove extracts a subject in a copy of its code, and binds it to one of the bindings that
// carry it, which the turn picks. It fails only where that can't be tried.
func (c Code) prove(ctx context.Context, s Subject, turn int) (p Proof, err error) {
	dir, remove, err := scratch.Dir("unweld-bindable")
	if err != nil {
		return p, err
	}
	defer remove()
	if err := c.copy(dir, s.Package); err != nil {
		return p, err
	}
	session, err := engine.Open(ctx, engine.Options{Dir: dir})
	if err != nil {
		return p, err
	}
	p = Proof{Subject: s, Binding: s.Bindings[len(s.Bindings)-1-turn%len(s.Bindings)], Result: Proven}
	err = proveIn(ctx, session, s, p.Binding)
	load, unloadable := errors.AsType[*component.LoadError](err)
	switch refusal, refused := errors.AsType[*component.Refusal](err); {
	case err == nil:
	case unloadable: // its tests need modules that aren't there
		p.Result, p.Code, p.Detail = Refused, "load-error", load.Error()
	case ctx.Err() != nil:
		return p, ctx.Err()
	case refused:
		first := refusal.Problems[0]
		p.Result, p.Code, p.Detail = Refused, first.Code, first.Message
		if wrongly(refusal.Problems) {
			p.Result = Broken
		}
	default:
		p.Result, p.Detail = Broken, err.Error()
	}
	return p, nil
}

// besideContract is how bind says that something beside the contract uses the component's
// state, which has nothing to do with what crosses.
const besideContract = "is not in the contract and touches the component's state"

// wrongly reports a refusal that contradicts the decision, or that is our own fault: what
// would come out doesn't type-check.
func wrongly(problems []component.Problem) bool {
	for _, p := range problems {
		switch {
		case strings.Contains(p.Message, "would come out doesn't type-check"):
			return true
		case p.Code == "pinned" && !strings.Contains(p.Message, besideContract), p.Code == "no-endpoints" && len(problems) == 1, p.Code == "stays-local" && !ofSource(p.Message):
			return true
		}
	}
	return false
}

// proveIn carries the steps out in a module. What it returns that isn't a refusal says
// what is wrong.
func proveIn(ctx context.Context, s *engine.Session, subject Subject, binding string) error {
	dir := strings.TrimPrefix(strings.TrimPrefix(subject.Package, s.Module), "/")
	if s.Module == "example.com/m" { // a package of the standard library
		dir = path.Base(subject.Package)
	}
	target := "./" + dir
	if subject.Name != "" {
		target += "." + subject.Name
	}
	params := map[string]string{"name": "part", "inout": "all", "max-files": "0"}
	if subject.Kept {
		params["keep-signatures"] = "true"
	}
	set, err := s.Refactor(ctx, "extract", engine.RefactorRequest{Target: target, Params: params})
	if err != nil {
		return err
	}
	for _, n := range set.Notes {
		if strings.Contains(n.Message, " can't cross a process, so ") || strings.Contains(n.Message, " stays local: ") || strings.Contains(n.Message, " stays out of the contract: ") {
			return saidOtherwise(n)
		}
	}
	if err := apply(ctx, s, set); err != nil {
		return err
	}
	set, err = s.Bind(ctx, engine.BindOptions{Component: "part", To: []string{binding}})
	if err != nil {
		return err
	}
	if err := apply(ctx, s, set); err != nil {
		return err
	}
	made, err := s.Contract(ctx, "part")
	if err != nil {
		return err
	}
	for _, m := range made.Methods {
		if m.Local != "" {
			return fmt.Errorf("%s stays local: %s", m.Name, m.Local)
		}
	}
	for _, verb := range []string{"vet", "build"} {
		if err := goCommand(ctx, s.Root, verb, "./"+dir); err != nil {
			return err
		}
	}
	return nil
}

// sourceReasons are how extract says that a function can't be renamed, which has nothing
// to do with what crosses.
var sourceReasons = []string{
	"its file is left out of some builds", "which this build leaves out", "a directive ties it to its name", "it has no Go body", "it stands in a generated file",
	"a type of another module declares it",
}

func ofSource(message string) bool {
	return slices.ContainsFunc(sourceReasons, func(reason string) bool { return strings.Contains(message, reason) })
}

// saidOtherwise is what a note means by which an endpoint stays local: a refusal where
// that is because of the source text, and else a decision that was wrong.
func saidOtherwise(n change.Note) error {
	if ofSource(n.Message) {
		return component.Refuse("extract", component.Problem{Code: "stays-local", Severity: component.Error, Span: n.Span, Message: n.Message})
	}
	return errors.New(n.Message)
}

func apply(ctx context.Context, s *engine.Session, set change.Set) error {
	if err := change.Apply(s.Root, set); err != nil {
		return err
	}
	return s.Refresh(ctx)
}

// goCommand runs the go command in a module; its error has what it wrote.
func goCommand(ctx context.Context, dir string, args ...string) error {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=mod")
	subprocess.EndsWithAll(cmd)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, out)
	}
	return nil
}
