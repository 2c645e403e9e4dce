package generators

import (
	"path"
	"regexp"
	"slices"
	"strings"
)

// A Shift says where things of a module go.
type Shift struct {
	Path   func(rel string) string       // where a file or folder goes; itself where it stays
	Import func(path string) string      // what an import path becomes; itself where it stays
	Exists func(rel string) bool         // whether there is such a file or folder now
	Clause func(dir, name string) string // what the name of a package in a folder becomes; itself where it stays
}

// token matches what a flag or an argument can be in a directive.
var token = regexp.MustCompile("[^\\s\"'`=,:;(){}]+")

// packageFlags are the flags that name the package of what is written.
var packageFlags = []string{"-package", "--package", "-pkg", "--pkg", "--outpkg", "-outpkg", "--pkgname"}

// Retarget returns the line of a directive whose file stands in the folder to
// afterwards: paths lead from there to where things go, import paths and the name of
// what is written are the new ones.
func (d *Directive) Retarget(to string, s Shift) string {
	rest, ok := strings.CutPrefix(d.Line, goGenerate)
	prefix := goGenerate
	if !ok {
		rest, ok = strings.CutPrefix(d.Line, ownDirective)
		prefix = ownDirective
	}
	if !ok {
		return d.Line
	}
	var b strings.Builder
	b.WriteString(prefix)
	at := 0
	flag := ""
	for _, loc := range token.FindAllStringIndex(rest, -1) {
		word := rest[loc[0]:loc[1]]
		b.WriteString(rest[at:loc[0]])
		at = loc[1]
		switch {
		case slices.Contains(packageFlags, flag) && !strings.HasPrefix(word, "-"):
			b.WriteString(s.Clause(d.outputDir(), word))
		default:
			b.WriteString(d.retargeted(word, to, s))
		}
		if flag = ""; strings.HasPrefix(word, "-") {
			flag = word
		}
	}
	b.WriteString(rest[at:])
	return b.String()
}

// outputDir is the folder of what is written.
func (d *Directive) outputDir() string {
	if len(d.outputs) > 0 {
		return path.Dir(d.outputs[0])
	}
	return d.Dir()
}

// retargeted returns what a word becomes.
func (d *Directive) retargeted(word, to string, s Shift) string {
	if now := s.Import(word); now != word {
		return now
	}
	clean, tail := word, ""
	if before, found := strings.CutSuffix(word, "/..."); found {
		clean, tail = before, "/..."
	}
	if clean == "" || clean[0] == '-' || strings.ContainsAny(clean, "$*~@") || path.IsAbs(clean) {
		return word
	}
	rel := path.Join(d.Dir(), clean)
	dotted := clean == "." || clean == ".." || strings.HasPrefix(clean, "./") || strings.HasPrefix(clean, "../")
	isPath := s.Exists(rel) || (dotted || path.Ext(clean) == ".go") && s.Exists(path.Dir(rel)) || dotted && strings.HasPrefix(rel, "../")
	if !isPath || !dotted && !strings.Contains(clean, "/") && path.Ext(clean) == "" {
		return word
	}
	now := relative(to, s.Path(rel))
	if now == path.Clean(clean) {
		return word
	}
	if dotted && !strings.HasPrefix(now, "../") && now != "." && now != ".." {
		now = "./" + now
	}
	if strings.HasSuffix(clean, "/") {
		now += "/"
	}
	return now + tail
}

// relative spells a path of the module from one of its folders.
func relative(from, to string) string {
	a, b := split(from), split(to)
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] && a[0] != ".." {
		a, b = a[1:], b[1:]
	}
	out := append(slices.Repeat([]string{".."}, len(a)), b...)
	if len(out) == 0 {
		return "."
	}
	return strings.Join(out, "/")
}

func split(p string) []string {
	if p = path.Clean(p); p == "." {
		return nil
	}
	return strings.Split(p, "/")
}
