package patches

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"mime"
	"net/mail"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/scratch"
)

// A Patch is one change as git am takes it.
type Patch struct {
	Subject string
	Body    string // of the message, without the subject
	stat    string // what git says of the changed files
	diff    []byte
}

// A Stack collects the patches of a repository. The caller must call Close. Its
// methods must not be called concurrently.
type Stack struct {
	top    string // of the repository
	copy   string // of the copy, the same folder there
	env    []string
	config []string // of the repository, as far as it decides what git stores
	author *mail.Address
	remove func()

	Style   Style
	Patches []*Patch
}

// Open begins a stack for the repository around a folder, of which top is a copy.
// A folder that is in no repository, and a repository whose author isn't known, is
// a *component.UsageError.
func Open(ctx context.Context, folder, copy string) (_ *Stack, err error) {
	s := &Stack{copy: copy, remove: func() {}}
	top, err := git(ctx, folder, nil, "rev-parse", "--show-toplevel")
	if err != nil {
		return nil, &component.UsageError{Object: "--series", Reason: folder + " is in no git repository", Hint: "a series is for git am; without a repository, use --write"}
	}
	s.top = filepath.FromSlash(line(top))
	ident, err := git(ctx, folder, nil, "var", "GIT_AUTHOR_IDENT")
	if err != nil {
		return nil, &component.UsageError{Object: "--series", Reason: "git doesn't know the author of the patches", Hint: "git config user.name and user.email"}
	}
	if s.author, err = author(line(ident)); err != nil {
		return nil, err
	}
	if err := s.readConfig(ctx); err != nil {
		return nil, err
	}
	dir, remove, err := scratch.Dir("unweld-series")
	if err != nil {
		return nil, err
	}
	s.remove = remove
	s.env = []string{"GIT_DIR=" + filepath.Join(dir, "git"), "GIT_WORK_TREE=" + copy, "GIT_CONFIG_GLOBAL=" + os.DevNull, "GIT_CONFIG_NOSYSTEM=1"}
	if _, err := s.git(ctx, "init", "--quiet"); err != nil {
		remove()
		return nil, err
	}
	if s.Style, err = s.style(ctx); err != nil {
		remove()
		return nil, err
	}
	return s, nil
}

// Close removes what the stack needed.
func (s *Stack) Close() { s.remove() }

// author takes the time off an identity: Name <mail> 1700000000 +0100.
func author(ident string) (*mail.Address, error) {
	end := strings.LastIndexByte(ident, '>')
	start := strings.LastIndexByte(ident, '<')
	if start < 0 || end < start {
		return nil, fmt.Errorf("git var GIT_AUTHOR_IDENT: %q is no identity", ident)
	}
	return &mail.Address{Name: strings.TrimSpace(ident[:start]), Address: ident[start+1 : end]}, nil
}

// readConfig reads what decides how a file of the working tree is stored.
func (s *Stack) readConfig(ctx context.Context) error {
	for _, key := range []string{"core.autocrlf", "core.eol", "core.safecrlf", "core.fileMode", "core.symlinks"} {
		value, err := git(ctx, s.top, nil, "config", "--get", key)
		if err != nil && ctx.Err() != nil {
			return ctx.Err()
		}
		if err == nil {
			s.config = append(s.config, "-c", key+"="+line(value))
		}
	}
	return nil
}

// Uncommitted returns those of some files, from the repository's top, that aren't as
// in the last commit.
func (s *Stack) Uncommitted(ctx context.Context, files []string) ([]string, error) {
	out, err := git(ctx, s.top, nil, append([]string{"--literal-pathspecs", "status", "--porcelain", "-z", "--untracked-files=all", "--ignored", "--"}, files...)...)
	if err != nil {
		return nil, err
	}
	var names []string
	for entry := range strings.SplitSeq(string(out), "\x00") {
		if len(entry) > 3 {
			names = append(names, entry[3:])
		}
	}
	return names, nil
}

// Before takes note of files, from the repository's top, that a change will touch.
// Those that aren't there are left out.
func (s *Stack) Before(ctx context.Context, files []string) error {
	_, err := s.record(ctx, files)
	return err
}

// record puts files into the index as they are in the copy, and returns its tree.
func (s *Stack) record(ctx context.Context, files []string) (tree string, err error) {
	for _, f := range files {
		args := []string{"--literal-pathspecs", "add", "--force", "--", f}
		if _, err := os.Lstat(filepath.Join(s.copy, filepath.FromSlash(f))); err != nil {
			args = []string{"--literal-pathspecs", "rm", "--quiet", "--cached", "--ignore-unmatch", "--", f}
		}
		if _, err := s.git(ctx, args...); err != nil {
			return "", err
		}
	}
	out, err := s.git(ctx, "write-tree")
	return line(out), err
}

// Add makes a patch of what became of the files that Before was told of.
func (s *Stack) Add(ctx context.Context, files []string, m Message) (*Patch, error) {
	before, err := s.git(ctx, "write-tree")
	if err != nil {
		return nil, err
	}
	after, err := s.record(ctx, files)
	if err != nil {
		return nil, err
	}
	p := &Patch{}
	p.Subject, p.Body = m.text(s.Style)
	if p.diff, err = s.diff(ctx, "--unified=3", "--binary", "--full-index", line(before), after); err != nil {
		return nil, err
	}
	stat, err := s.diff(ctx, "--stat=72", "--summary", line(before), after)
	if err != nil {
		return nil, err
	}
	p.stat = string(stat)
	s.Patches = append(s.Patches, p)
	return p, nil
}

func (s *Stack) diff(ctx context.Context, args ...string) ([]byte, error) {
	return s.git(ctx, append([]string{"-c", "core.quotePath=true", "-c", "diff.algorithm=myers", "diff", "--no-color", "--no-ext-diff", "--no-textconv", "--find-renames",
		"--src-prefix=a/", "--dst-prefix=b/"}, args...)...)
}

// Name is the file name of the i-th patch, counted from 0.
func (s *Stack) Name(i int) string {
	name := strings.Trim(strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '.', r == '_':
			return r
		}
		return '-'
	}, s.Patches[i].Subject), "-.")
	for strings.Contains(name, "--") {
		name = strings.ReplaceAll(name, "--", "-")
	}
	return fmt.Sprintf("%04d-%s.patch", i+1, strings.TrimRight(name[:min(len(name), 52)], "-."))
}

// Mail is the i-th patch as a message that git am reads.
func (s *Stack) Mail(i int) []byte {
	p := s.Patches[i]
	tag := "[PATCH]"
	if n := len(s.Patches); n > 1 {
		tag = fmt.Sprintf("[PATCH %d/%d]", i+1, n)
	}
	var body bytes.Buffer
	if p.Body != "" {
		body.WriteString(p.Body + "\n")
	}
	body.WriteString("---\n" + p.stat + "\n")
	body.Write(p.diff)
	encoding, content := "8bit", body.Bytes()
	if bytes.ContainsRune(content, '\r') { // which would be lost at the end of a line
		encoding, content = "quoted-printable", quoted(content)
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "From %040d Mon Sep 17 00:00:00 2001\nFrom: %s\nSubject: %s %s\nMIME-Version: 1.0\nContent-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: %s\n\n",
		0, s.from(), tag, mime.QEncoding.Encode("utf-8", p.Subject), encoding)
	b.Write(content)
	return b.Bytes()
}

// from spells the author. Only a name with special characters is quoted or encoded.
func (s *Stack) from() string {
	if strings.ContainsFunc(s.author.Name, func(r rune) bool { return r > '~' || r < ' ' || strings.ContainsRune("\"(),.:;<>@[\\]", r) }) {
		return s.author.String()
	}
	return s.author.Name + " <" + s.author.Address + ">"
}

// quoted encodes a text as quoted-printable. Lines stay lines, and as long as they
// are.
func quoted(text []byte) []byte {
	var b bytes.Buffer
	for i, c := range text {
		last := i+1 == len(text) || text[i+1] == '\n'
		switch {
		case c == '\n', c >= '!' && c <= '~' && c != '=', (c == ' ' || c == '\t') && !last:
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "=%02X", c)
		}
	}
	return b.Bytes()
}

// git runs git in the copy, with the stack's own index.
func (s *Stack) git(ctx context.Context, args ...string) ([]byte, error) {
	return git(ctx, s.copy, s.env, append(append([]string{}, s.config...), args...)...)
}

// git runs git in a folder. Variables of a git that this process was started by are
// not for it.
func git(ctx context.Context, dir string, env []string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir = dir
	for _, v := range os.Environ() {
		name, _, _ := strings.Cut(v, "=")
		switch name {
		case "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_EXTERNAL_DIFF", "GIT_DIFF_OPTS":
		default:
			cmd.Env = append(cmd.Env, v)
		}
	}
	cmd.Env = append(cmd.Env, env...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return nil, &component.UsageError{Object: "git", Reason: "not found", Hint: "install git: a series is for git am"}
	case err != nil && ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		reason, _, _ := strings.Cut(strings.TrimSpace(stderr.String()), "\n")
		return nil, fmt.Errorf("git %s: %s", args[0], strings.TrimPrefix(reason, "fatal: "))
	}
	return out, nil
}

func line(out []byte) string { return strings.TrimRight(string(out), "\r\n") }
