package engine

import (
	"errors"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/codes"
	"github.com/unweld/unweld/internal/component"
)

// TestCodesAreWritten keeps a code without documentation out.
func TestCodesAreWritten(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range Codes() {
		if c.Name == "" || c.Title == "" || c.Why == "" || c.Since == "" || c.Severity == "" || c.Before == "" || c.After == "" || c.Before == c.After {
			t.Errorf("%s: something is missing: %+v", c.Name, c)
		}
		if !slices.Contains(codes.Families, c.Family) {
			t.Errorf("%s: %q is no family", c.Name, c.Family)
		}
		if first := c.Title[:1]; strings.HasSuffix(c.Title, ".") || first != strings.ToLower(first) || !strings.HasSuffix(c.Why, ".") {
			t.Errorf("%s: a title is lower case without a full stop, and why is sentences: %q, %q", c.Name, c.Title, c.Why)
		}
		if seen[c.Name] {
			t.Errorf("%s is documented twice", c.Name)
		}
		seen[c.Name] = true
		for _, text := range []string{c.Before, c.After} {
			for name, content := range c.Example(text) {
				if !strings.HasSuffix(name, ".go") || c.Name == "parse-error" {
					continue
				}
				if _, err := parser.ParseFile(token.NewFileSet(), name, content, 0); err != nil {
					t.Errorf("%s: %v", c.Name, err)
				}
			}
		}
	}
}

// TestCodesSayWhatTheyFind runs the command of each code on both of its
// examples: before it reports the code, and after it doesn't.
func TestCodesSayWhatTheyFind(t *testing.T) {
	if testing.Short() {
		t.Skip("loads some hundred modules")
	}
	for _, c := range Codes() {
		if c.Run == "" {
			continue
		}
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			if before := reported(t, c, c.Before); !slices.Contains(before, c.Name) {
				t.Errorf("unweld %s says %q of the example before", c.Run, before)
			}
			if after := reported(t, c, c.After); slices.Contains(after, c.Name) {
				t.Errorf("unweld %s says %q of the example after", c.Run, after)
			}
		})
	}
}

// reported returns the codes that the command of c reports on an example.
func reported(t *testing.T, c codes.Code, example string) []string {
	t.Helper()
	dir := t.TempDir()
	files := c.Example(example)
	if files == nil {
		t.Fatalf("the example is no code: %q", example)
	}
	files["go.mod"] = "module example.com/m\n\ngo 1.26\n"
	if len(files) == 2 && files["unweld.yaml"] != "" {
		files["orders/orders.go"] = "package orders\n"
	}
	for name, content := range files {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	s, err := Open(t.Context(), Options{Dir: dir, NoCache: true})
	if err != nil {
		t.Fatal(err)
	}
	problems, notes, err := perform(t, s, strings.Fields(c.Run))
	if r, ok := errors.AsType[*component.Refusal](err); ok {
		problems = append(problems, r.Problems...)
	} else if u, ok := errors.AsType[*component.UsageError](err); ok && len(u.Problems) > 0 {
		problems = append(problems, u.Problems...)
	} else if err != nil {
		t.Fatal(err)
	}
	said := map[string]bool{}
	for _, p := range problems {
		said[p.Code] = true
	}
	for _, n := range notes {
		said[n.Code] = true
	}
	delete(said, "")
	return slices.Sorted(maps.Keys(said))
}

// perform carries out the command line of a code's example.
func perform(t *testing.T, s *Session, args []string) ([]component.Problem, []change.Note, error) {
	switch args[0] {
	case "find":
		r, err := s.Find(t.Context(), FindOptions{})
		if err != nil {
			return nil, nil, err
		}
		problems := r.Problems
		for _, h := range r.Hazards {
			problems = append(problems, h.Problem)
		}
		return problems, nil, nil
	case "check":
		r, err := s.Check(t.Context(), CheckOptions{})
		if err != nil {
			return nil, nil, err
		}
		var problems []component.Problem
		for _, v := range r.Violations {
			problems = append(problems, v.Problem)
		}
		return append(problems, r.Notes...), nil, nil
	case "bind":
		set, err := s.Bind(t.Context(), BindOptions{Component: args[1], To: strings.Split(args[3], ",")})
		return nil, set.Notes, err
	case "extract":
		set, err := s.Refactor(t.Context(), args[0], RefactorRequest{Target: args[1], Params: map[string]string{"name": args[3], "keep-signatures": strconv.FormatBool(slices.Contains(args, "--keep-signatures"))}})
		return nil, set.Notes, err
	case "refactor":
		req := RefactorRequest{Target: args[2], Params: map[string]string{}}
		rest := slices.DeleteFunc(args[3:], func(a string) bool { return a == "--run-generators" })
		req.RunGenerators = len(rest) < len(args)-3
		for i := 0; i < len(rest); i += 2 {
			req.Params[strings.TrimPrefix(rest[i], "--")] = rest[i+1]
		}
		set, err := s.Refactor(t.Context(), args[1], req)
		return nil, set.Notes, err
	}
	t.Fatalf("no example runs %q", args)
	return nil, nil, nil
}
