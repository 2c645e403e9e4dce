package patches

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/unweld/unweld/internal/component"
)

// repository makes a git repository with files, all in one commit.
func repository(t *testing.T, files map[string]string, subject string) string {
	t.Helper()
	top, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	run(t, top, "init", "--quiet")
	run(t, top, "config", "user.name", "Ann Ö. Author, the Elder")
	run(t, top, "config", "user.email", "ann@example.com")
	for _, key := range []string{"core.autocrlf", "commit.gpgsign"} {
		run(t, top, "config", key, "false")
	}
	write(t, top, files)
	run(t, top, "add", "--all", "--force")
	run(t, top, "commit", "--quiet", "-m", subject)
	return top
}

func run(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return string(out)
}

// write writes files; one with the content "-" is removed.
func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, content := range files {
		path := filepath.Join(dir, name)
		if content == "-" {
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

var lines = strings.Repeat("a line that stays\n", 30)

// TestApply makes patches of changes of all kinds, and holds what git am makes of
// them to the changes, byte for byte.
func TestApply(t *testing.T) {
	before := map[string]string{
		"windows.txt":         "one\r\ntwo\r\nthree\r\n",
		"mixed.txt":           "one\r\ntwo\nthree = 3\r\ntrailing \t\n",
		"end.txt":             "one\ntwo",
		"sub dir/näme.go":     "package a\n",
		"old/moved.txt":       lines,
		"gone.txt":            "to remove\n",
		"binary":              "\x00\x01\x02\n",
		"latin.txt":           "caf\xe9\r\n",
		"ignored.txt":         "tracked, and ignored\n",
		".gitignore":          "ignored.txt\n",
		"from.txt":            "one\n",
		"empty.txt":           "",
		"attributed.crlf":     "one\ntwo\n",
		".gitattributes":      "*.crlf text eol=crlf\n",
		"untouched/file.txt":  "one\n",
		"-dash.txt":           "one\n",
		"glob[ab].txt":        "one\n",
		"no newline, crlf.go": "one\r\ntwo",
	}
	steps := []map[string]string{
		{"windows.txt": "one\r\n2\r\nthree\r\nfour\r\n", "mixed.txt": "one\r\ntwo\r\nthree = 4\r\ntrailing\t \n", "end.txt": "one\ntwo\nthree", "sub dir/näme.go": "package b\n",
			"latin.txt": "caf\xe9s\r\n", "no newline, crlf.go": "one\r\n2\r\n"},
		{"old/moved.txt": "-", "new/moved.txt": lines + "and one more\n", "gone.txt": "-", "binary": "\x00\x01\x03\n", "ignored.txt": "changed\n", "made.txt": "made\r\n",
			"from.txt": "one\nFrom ann@example.com Mon Sep 17 00:00:00 2001\n---\ndiff --git a/x b/x\n", "empty.txt": "-", "empty2.txt": "", "attributed.crlf": "one\r\n2\r\n", "-dash.txt": "two\n", "glob[ab].txt": "two\n"},
	}
	top := repository(t, before, "begin")
	s, want := patched(t, top, before, steps)
	dir := t.TempDir()
	for i := range s.Patches {
		if err := os.WriteFile(filepath.Join(dir, s.Name(i)), s.Mail(i), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	run(t, top, "checkout", "--quiet", "-b", "series")
	run(t, top, "am", "--quiet", filepath.Join(dir, s.Name(0)), filepath.Join(dir, s.Name(1)))
	if left := run(t, top, "status", "--porcelain"); left != "" {
		t.Errorf("git am leaves %s", left)
	}
	for name, content := range want {
		got, err := os.ReadFile(filepath.Join(top, name))
		if (err != nil) != (content == "-") || err == nil && string(got) != content {
			t.Errorf("%s: %q, %v; want %q", name, got, err, content)
		}
	}
	checkLog(t, top)
	if out := run(t, top, "diff", "--stat", "--find-renames", "HEAD~", "HEAD"); !strings.Contains(out, "{old => new}/moved.txt") {
		t.Errorf("no rename: %s", out)
	}
	if !bytes.Contains(s.Mail(1), []byte("rename from old/moved.txt")) {
		t.Error("the patch doesn't tell of the rename")
	}
}

// patched makes a patch of each step in a copy of the repository. want is what the
// files should be then; "-" where there should be none.
func patched(t *testing.T, top string, before map[string]string, steps []map[string]string) (s *Stack, want map[string]string) {
	t.Helper()
	copy := t.TempDir()
	if err := os.CopyFS(copy, os.DirFS(top)); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(copy, ".git")); err != nil {
		t.Fatal(err)
	}
	s, err := Open(t.Context(), top, copy)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	want = map[string]string{}
	for name, content := range before {
		want[name] = content
	}
	for _, step := range steps {
		var files []string
		for name, content := range step {
			files = append(files, name)
			want[name] = content
		}
		if err := s.Before(t.Context(), files); err != nil {
			t.Fatal(err)
		}
		write(t, copy, step)
		if _, err := s.Add(t.Context(), files, Message{Dir: "sub", Subject: "change sub.Thing – all of it", Body: []string{"Why it is " + strings.Repeat("so ", 60), "  as it\n  stands"}}); err != nil {
			t.Fatal(err)
		}
	}
	return s, want
}

// checkLog holds the commits that git am made to their author and message.
func checkLog(t *testing.T, top string) {
	t.Helper()
	if got := run(t, top, "log", "-2", "--format=%an|%ae|%s", "HEAD"); got != strings.Repeat("Ann Ö. Author, the Elder|ann@example.com|change sub.Thing – all of it\n", 2) {
		t.Errorf("log: %s", got)
	}
	if got := run(t, top, "log", "-1", "--format=%b", "HEAD"); !strings.HasSuffix(got, "\n\n  as it\n  stands\n\n") || !strings.HasPrefix(got, "Why it is so so") {
		t.Errorf("body: %q", got)
	}
	for line := range strings.Lines(run(t, top, "log", "-1", "--format=%b", "HEAD")) {
		if len(line) > 73 {
			t.Errorf("a long line: %s", line)
		}
	}
}

// TestUncommitted finds what a patch would not apply to.
func TestUncommitted(t *testing.T) {
	top := repository(t, map[string]string{"a.txt": "a\n", "b.txt": "b\n", ".gitignore": "c.txt\n"}, "begin")
	write(t, top, map[string]string{"a.txt": "changed\n", "c.txt": "ignored\n", "d.txt": "new\n", "e.txt": "not asked for\n"})
	s, err := Open(t.Context(), top, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	got, err := s.Uncommitted(t.Context(), []string{"a.txt", "b.txt", "c.txt", "d.txt"})
	if err != nil || strings.Join(got, " ") != "a.txt d.txt c.txt" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestNoRepository(t *testing.T) {
	t.Setenv("GIT_CEILING_DIRECTORIES", os.TempDir())
	_, err := Open(t.Context(), t.TempDir(), t.TempDir())
	if usage, ok := errors.AsType[*component.UsageError](err); !ok || !strings.Contains(usage.Reason, "is in no git repository") {
		t.Errorf("got %v", err)
	}
}

// TestStyle reads logs as they are found.
func TestStyle(t *testing.T) {
	folders := []string{"net", "net/http", "cmd", "cmd/go", "internal", "internal/pricing", "web"}
	for _, tt := range []struct{ log, prefix, subject string }{
		{"net/http: fix a race\ncmd/go: add -x\nnet/http, net: drop it\nall: gofmt", Path, "internal/pricing: let callers of Engine go"},
		{"http: fix a race\npricing: Add x\nweb: y\nMerge it", Base, "pricing: let callers of Engine go"},
		{"pricing: Fix a race\nhttp: Add x\nweb: Y", Base, "pricing: Let callers of Engine go"},
		{"fix(web): a race\nfeat: add x\nchore(deps): bump", Scoped, "refactor(pricing): let callers of Engine go"},
		{"fix: a race\nfeat: add x\nchore: bump", Conventional, "refactor: let callers of pricing.Engine go"},
		{"[web] Fix a race\n[pricing] Add x", Bracketed, "[pricing] Let callers of Engine go"},
		{"Fix a race\nAdd x (#12)\nweb: y", "", "Let callers of pricing.Engine go"},
		{"fix a race\nadd x\n", "", "let callers of pricing.Engine go"},
		{"", "", "let callers of pricing.Engine go"},
	} {
		s := StyleOf(strings.Split(tt.log, "\n"), folders)
		subject, _ := Message{Dir: "internal/pricing", Subject: "let callers of pricing.Engine go"}.text(s)
		if s.Prefix != tt.prefix || subject != tt.subject {
			t.Errorf("%q: %+v, %q; want %q, %q", tt.log, s, subject, tt.prefix, tt.subject)
		}
	}
	if subject, _ := (Message{Dir: ".", Subject: "do it"}).text(Style{Prefix: Path}); subject != "all: do it" {
		t.Errorf("of the root: %q", subject)
	}
}
