package conformance

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// TestEvolution binds a contract, changes it in each way that bind takes, and binds
// it again with the unweld.lock of before. Then units of the two versions call each
// other over each binding.
func TestEvolution(t *testing.T) {
	files, err := filepath.Glob("../../testdata/contracts/evolution/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			s, versions := evolve(t, file)
			for _, binding := range remote(t) {
				for _, c := range []struct{ caller, callee string }{{"old", "new"}, {"new", "old"}} {
					t.Run(binding+" "+c.caller+" calls "+c.callee, func(t *testing.T) {
						defer note(t, c.caller+" calls "+c.callee, binding)
						at := address(t, binding)
						s.serve(t, versions[c.callee].program, at)
						got := s.run(t, versions[c.caller].program, s.elsewhere(at)...)
						if want := versions[c.caller].want; got != want {
							t.Errorf("printed:\n%s\nwant:\n%s", got, want)
						}
					})
				}
			}
		})
	}
}

// A version is one state of a contract that changes.
type version struct {
	program string
	want    string // what it prints when it calls the other
}

// evolve builds the case's program as it was and as it is.
func evolve(t *testing.T, file string) (*scratch, map[string]version) {
	t.Helper()
	ar, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	s := open(t, file)
	versions := map[string]version{}
	for _, name := range []string{"old", "new"} {
		v := version{}
		for _, f := range ar.Files {
			if rel, ok := strings.CutPrefix(f.Name, name+"/"); ok {
				s.write(rel, f.Data)
			}
			if strings.HasPrefix(f.Name, name+" calls ") {
				v.want = string(f.Data)
			}
		}
		s.generate()
		v.program = s.build(name + ".program")
		versions[name] = v
	}
	for _, name := range []string{"old", "new"} { // what the archive has isn't part of the program
		if err := os.RemoveAll(filepath.Join(s.dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	return s, versions
}
