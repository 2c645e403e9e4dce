package generators

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/unweld/unweld/internal/text"
)

// The programs that write mocks and whose flags are known.
const (
	Mockgen       = "mockgen"
	Moq           = "moq"
	Counterfeiter = "counterfeiter"
	Mockery       = "mockery"
)

// modules are where the known programs come from.
var modules = map[string]string{
	Mockgen:       "go.uber.org/mock/mockgen",
	Moq:           "github.com/matryer/moq",
	Counterfeiter: "github.com/maxbrunsfeld/counterfeiter/v6",
	Mockery:       "github.com/vektra/mockery/v3",
}

// A Directive says that a program writes files: a go:generate directive, or a
// configuration that mockery reads.
type Directive struct {
	Span text.Span // where it stands
	Line string    // as it is written; "" for a configuration
	Tool string    // the base name of the program: "mockgen"; "" if the words don't tell

	words   []string // without the prefix, aliases and variables replaced
	args    []string // what the program gets
	outputs []string // the files that it writes, from the module's root; none if the words don't tell
	source  string   // the file whose interfaces it reads; "" if the words don't tell
	dir     string   // the folder of the package whose interfaces it reads; "" if the words don't tell
	pkg     string   // its import path, instead
	names   []string // of interfaces; none: all, or the words don't tell
	all     bool     // counterfeiter -generate: it carries out the directives of the program's own
	config  *mockeryConfig
}

// Dir returns the folder that the program runs in, from the module's root.
func (d *Directive) Dir() string { return path.Dir(d.Span.File) }

// Source returns the file whose interfaces the program reads, from the module's root;
// "" if the words don't tell.
func (d *Directive) Source() string { return d.source }

// Command returns the command line as a person would type it in Dir.
func (d *Directive) Command() string {
	if d.config != nil {
		return Mockery
	}
	return strings.TrimSpace(strings.TrimPrefix(d.Line, goGenerate))
}

func (d *Directive) String() string { return d.Command() }

const (
	goGenerate    = "//go:generate"
	ownDirective  = "//counterfeiter:generate"
	commandPrefix = "-command"
)

// Read returns the directives of a Go file. rel is its path from the module's root,
// pkg the name of its package.
func Read(rel, pkg string, content []byte) []*Directive {
	if !bytes.Contains(content, []byte(goGenerate)) && !bytes.Contains(content, []byte(ownDirective)) {
		return nil
	}
	var out []*Directive
	aliases := map[string][]string{}
	at, n := 0, 0
	for line := range strings.Lines(string(content)) {
		n++
		start := at
		at += len(line)
		line = strings.TrimRight(line, " \t\r\n")
		prefix := goGenerate
		if strings.HasPrefix(line, ownDirective) {
			prefix = ownDirective
		}
		rest, ok := strings.CutPrefix(line, prefix)
		if !ok || rest == "" || rest[0] != ' ' && rest[0] != '\t' {
			continue
		}
		d := &Directive{Span: text.Span{File: rel, Start: start, End: start + len(line), Line: n, Col: 1}, Line: line}
		d.words = variables(words(rest), rel, pkg, n)
		if len(d.words) == 0 {
			continue
		}
		if prefix == ownDirective {
			d.words = append([]string{Counterfeiter}, d.words...)
		}
		if d.words[0] == commandPrefix {
			if len(d.words) > 2 {
				aliases[d.words[1]] = d.words[2:]
			}
			continue
		}
		if long := aliases[d.words[0]]; long != nil {
			d.words = append(slices.Clone(long), d.words[1:]...)
		}
		d.Tool, d.args = program(d.words)
		d.understand()
		out = append(out, d)
	}
	return out
}

// words splits a directive as the go command does: at blanks, but for those in
// quoted strings.
func words(s string) []string {
	var out []string
	for s = strings.TrimLeft(s, " \t"); s != ""; s = strings.TrimLeft(s, " \t") {
		if s[0] == '"' {
			quoted, err := strconv.QuotedPrefix(s)
			if err != nil {
				return append(out, s)
			}
			word, _ := strconv.Unquote(quoted)
			out, s = append(out, word), s[len(quoted):]
			continue
		}
		end := strings.IndexAny(s, " \t")
		if end < 0 {
			end = len(s)
		}
		out, s = append(out, s[:end]), s[end:]
	}
	return out
}

// variables replaces those that the go command sets and that are about the file.
func variables(words []string, rel, pkg string, line int) []string {
	values := map[string]string{"GOFILE": path.Base(rel), "GOPACKAGE": pkg, "GOLINE": strconv.Itoa(line), "DOLLAR": "$"}
	var pairs []string
	for name, value := range values {
		pairs = append(pairs, "${"+name+"}", value, "$"+name, value)
	}
	r := strings.NewReplacer(pairs...)
	for i, w := range words {
		words[i] = r.Replace(w)
	}
	return words
}

// program returns the base name of the program that words run, and what it gets:
// of go run and go tool, the one that these run.
func program(words []string) (string, []string) {
	args := words[1:]
	name := words[0]
	if path.Base(name) == "go" && len(args) > 1 && (args[0] == "run" || args[0] == "tool") {
		i := 1
		for ; i < len(args) && strings.HasPrefix(args[i], "-"); i++ {
			if !strings.Contains(args[i], "=") && (args[i] == "-mod" || args[i] == "-modfile" || args[i] == "-tags") {
				i++
			}
		}
		if i >= len(args) {
			return "", nil
		}
		name, args = args[i], args[i+1:]
	}
	name, _, _ = strings.Cut(name, "@")
	base := path.Base(strings.ReplaceAll(name, `\`, "/"))
	if len(base) > 1 && base[0] == 'v' && strings.Trim(base[1:], "0123456789") == "" {
		base = path.Base(path.Dir(name))
	}
	return strings.TrimSuffix(base, ".exe"), args
}

// flags reads the flags of a program as package flag, and mockery's, do. takes says
// of a flag whether the next word is its value.
func flags(args []string, takes func(string) bool) (values map[string]string, rest []string) {
	values = map[string]string{}
	for i := 0; i < len(args); i++ {
		name := strings.TrimLeft(args[i], "-")
		if name == args[i] || name == "" {
			rest = append(rest, args[i])
			continue
		}
		value, given := "", false
		name, value, given = strings.Cut(name, "=")
		if !given && takes(name) && i+1 < len(args) {
			i++
			value = args[i]
		}
		values[name] = value
	}
	return values, rest
}

// understand works out what the directive is about.
func (d *Directive) understand() {
	at := func(name string) string { return path.Join(d.Dir(), strings.ReplaceAll(name, `\`, "/")) }
	is := func(names ...string) func(string) bool {
		return func(name string) bool { return slices.Contains(names, name) }
	}
	switch d.Tool {
	case Mockgen:
		values, rest := flags(d.args, func(name string) bool {
			return !slices.Contains([]string{"typed", "write_package_comment", "write_source_comment", "write_generate_directive", "write_command_comment", "debug_parser", "version", "prog_only", "fake"}, name)
		})
		if v := values["destination"]; v != "" {
			d.outputs = []string{at(v)}
		}
		if v := values["source"]; v != "" {
			d.source = at(v)
			return
		}
		if len(rest) > 1 {
			d.lead(rest[0])
			d.names = strings.Split(rest[1], ",")
		}
	case Moq:
		values, rest := flags(d.args, is("out", "pkg", "fmt"))
		if v := values["out"]; v != "" {
			d.outputs = []string{at(v)}
		}
		if len(rest) > 1 {
			d.dir = at(rest[0])
			for _, name := range rest[1:] {
				name, _, _ = strings.Cut(name, ":")
				d.names = append(d.names, name)
			}
		}
	case Counterfeiter:
		values, rest := flags(d.args, is("o", "fake-name", "header"))
		if _, all := values["generate"]; all {
			d.all = true
			return
		}
		if v := values["o"]; strings.HasSuffix(v, ".go") {
			d.outputs = []string{at(v)}
		}
		switch len(rest) {
		case 1:
			if i := strings.LastIndexByte(rest[0], '.'); i > 0 {
				d.lead(rest[0][:i])
				d.names = []string{rest[0][i+1:]}
			}
		case 2:
			d.lead(rest[0])
			d.names = []string{rest[1]}
		}
	case Mockery:
		values, _ := flags(d.args, is("name", "dir", "output", "outpkg", "filename", "structname", "config", "log-level", "case", "note", "srcpkg", "testonly", "packageprefix", "recv", "cpuprofile", "tags", "boilerplate-file", "exclude", "mock-build-tags"))
		if v := values["name"]; v != "" && strings.Trim(v, "()|$^_") == v {
			d.names = []string{v}
		}
		if v, ok := values["dir"]; ok {
			d.dir = at(v)
		} else if d.names != nil {
			d.dir = d.Dir()
		}
		if v := values["srcpkg"]; v != "" {
			d.dir, d.pkg = "", v
		}
		if _, ok := values["recursive"]; ok {
			d.dir = ""
		}
	}
}

// lead is told the package that interfaces are read from.
func (d *Directive) lead(spec string) {
	if spec == "." || strings.HasPrefix(spec, "./") || strings.HasPrefix(spec, "../") {
		d.dir = path.Join(d.Dir(), spec)
		return
	}
	d.pkg = spec
}

// A Mock is a generated file, and what it stands for.
type Mock struct {
	File       string      // from the module's root
	Header     string      // the comments above its package clause
	Types      []string    // that it declares
	Interfaces []Interface // of the module, that its types have the methods of
}

// An Interface is one of the module.
type Interface struct {
	Name, Package, File string // Package is its import path, File where it is declared
}

// tool returns the program that wrote a file by what it says of itself; "" if that is
// none of the known ones.
func (m Mock) tool() string {
	switch h := strings.ToLower(m.Header); {
	case strings.Contains(h, "by mockgen"), strings.Contains(h, "by gomock"):
		return Mockgen
	case strings.Contains(h, "by mockery"):
		return Mockery
	case strings.Contains(h, "by counterfeiter"):
		return Counterfeiter
	case strings.Contains(h, "by moq"):
		return Moq
	}
	return ""
}

// Writes reports whether a directive has its program write the file, as far as its
// words tell.
func (d *Directive) Writes(m Mock) bool {
	if d.all {
		return false // its own directives say what it writes
	}
	if len(d.outputs) > 0 {
		return slices.Contains(d.outputs, m.File)
	}
	known := d.Tool == Mockgen || d.Tool == Moq || d.Tool == Counterfeiter || d.Tool == Mockery
	if tool := m.tool(); known && tool != d.Tool && (tool != "" || d.config == nil) {
		return false // mockery's templates can be anybody's
	}
	if !known {
		return d.mentions(m)
	}
	return slices.ContainsFunc(m.Interfaces, d.reads)
}

// reads reports whether the interface is one that the program reads.
func (d *Directive) reads(i Interface) bool {
	switch {
	case d.config != nil:
		return d.config.covers(i)
	case d.source != "" && d.source != i.File,
		d.pkg != "" && d.pkg != i.Package,
		d.dir != "" && d.dir != path.Dir(i.File):
		return false
	}
	return d.names == nil || slices.Contains(d.names, i.Name)
}

// mentions reports whether a program that isn't known is told the name of the file, of
// a type in it or of what it stands for.
func (d *Directive) mentions(m Mock) bool {
	names := append([]string{path.Base(m.File), strings.TrimSuffix(path.Base(m.File), ".go")}, m.Types...)
	for _, i := range m.Interfaces {
		if d.Dir() == path.Dir(i.File) || slices.ContainsFunc(d.words, func(w string) bool { return strings.Contains(w, path.Base(i.Package)) }) {
			names = append(names, i.Name)
		}
	}
	for _, w := range d.words[1:] {
		for _, part := range strings.FieldsFunc(w, func(r rune) bool { return strings.ContainsRune("=,:;/'\"() ", r) }) {
			if slices.Contains(names, part) {
				return true
			}
		}
	}
	return false
}

// Writer returns the directive that has a file written, the nearest where several do,
// or nil.
func Writer(all []*Directive, m Mock) *Directive {
	var best *Directive
	for _, d := range all {
		if d.Writes(m) && (best == nil || d.near(m) > best.near(m)) {
			best = d
		}
	}
	return best
}

// near says how certain it is that a directive is the one of a file.
func (d *Directive) near(m Mock) int {
	n := 0
	if slices.Contains(d.outputs, m.File) {
		n += 8
	}
	if d.Tool != "" && d.Tool == m.tool() {
		n += 4
	}
	if len(d.names) > 0 {
		n += 2
	}
	if d.Dir() == path.Dir(m.File) {
		n++
	}
	return n
}

// Resolve puts what carries it out in the place of each directive that counterfeiter
// has of its own: the go:generate directive of the same package that tells it to.
func Resolve(all []*Directive) []*Directive {
	out := slices.Clone(all)
	return slices.DeleteFunc(out, func(d *Directive) bool {
		return strings.HasPrefix(d.Line, ownDirective) && d.carrier(all) == nil
	})
}

// carrier returns the go:generate directive that carries out d: itself, or
// counterfeiter -generate.
func (d *Directive) carrier(all []*Directive) *Directive {
	if !strings.HasPrefix(d.Line, ownDirective) {
		return d
	}
	for _, other := range all {
		if other.all && other.Dir() == d.Dir() {
			return other
		}
	}
	return nil
}

// Install says how a program can be had, or "".
func (d *Directive) Install() string {
	if m := modules[d.Tool]; m != "" {
		return fmt.Sprintf("go install %s@latest", m)
	}
	return ""
}

// Moved returns what became of a directive in a changed module, or nil: the same one,
// or else one that is new there, of the same program and about the same. Before and now
// are all directives of both.
func Moved(d *Directive, before, now []*Directive) *Directive {
	same := func(a, b *Directive) bool { return a.Span.File == b.Span.File && a.Line == b.Line }
	for _, n := range now {
		if same(n, d) {
			return n
		}
	}
	var found *Directive
	for _, n := range now {
		if n.Tool != d.Tool || slices.ContainsFunc(before, func(b *Directive) bool { return same(b, n) }) {
			continue
		}
		if n.Line == d.Line {
			return n
		}
		if found == nil && slices.Equal(n.names, d.names) && path.Base(n.source) == path.Base(d.source) && slices.Equal(bases(n.outputs), bases(d.outputs)) {
			found = n
		}
	}
	return found
}

func bases(paths []string) []string {
	var out []string
	for _, p := range paths {
		out = append(out, path.Base(p))
	}
	return out
}
