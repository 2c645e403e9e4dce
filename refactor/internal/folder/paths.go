package folder

import (
	"go/ast"
	"go/token"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/source"
)

// A relativePath is one that a test writes, as one string or as the first arguments of
// filepath.Join.
type relativePath struct {
	text     string // with slashes
	literals []*ast.BasicLit
	joined   bool
	unknown  bool // it begins in a folder that isn't known
}

// upwards reports a path that begins with the parent folder.
func (p relativePath) upwards() bool { return p.text == ".." || strings.HasPrefix(p.text, "../") }

// editPaths changes the relative paths of a test, which runs in the folder of its
// package: those from a folder that moves, and those to what moves. Other code may run
// anywhere, so of its paths only those change that begin where its file is.
func (m *Move) editPaths(f *file, add func(pos, end token.Pos, text string)) {
	if m.To == m.from {
		return
	}
	why := ", as the test runs in the folder of its package"
	test := strings.HasSuffix(f.rel, "_test.go")
	if !test {
		why = ", as it begins in the folder of this file"
	}
	for _, p := range relativePaths(f.syntax, test) {
		now, known := m.pathNow(path.Dir(f.rel), path.Dir(f.to), p.text)
		switch {
		case p.unknown:
			for _, lit := range p.literals {
				m.understood[lit] = true // and told of here
			}
			if f.to != f.rel {
				m.note(f, p.literals[0], "this path may begin in the folder that moves, and stays as it is")
			}
			continue
		case !known:
			if p.joined && p.upwards() && f.to != f.rel {
				m.note(f, p.literals[0], stays)
			}
			continue
		}
		for _, lit := range p.literals {
			m.understood[lit] = true
		}
		if now == p.text {
			continue
		}
		first, last := p.literals[0], p.literals[len(p.literals)-1]
		add(first.Pos(), last.End(), p.spell(now))
		m.notes = append(m.notes, change.Note{
			Span:    m.World.Snapshot.Span(f.fset, first.Pos(), last.End()),
			Message: "this path becomes " + now + why,
		})
	}
}

// pathNow returns what leads from a new folder to where the relative path led from the
// old one. It isn't known where nothing is there.
func (m *Move) pathNow(dir, newDir, relative string) (now string, known bool) {
	at := path.Join(dir, relative)
	if at == ".." || strings.HasPrefix(at, "../") {
		return "", false
	}
	shift := m.shift()
	named := func(p string) bool { return strings.Trim(p, "./") != "" }
	// What a test writes isn't there yet, but the folder is that the path names.
	if parent := path.Dir(path.Clean(relative)); named(relative) && !shift.Exists(at) && !(named(parent) && shift.Exists(path.Dir(at))) {
		return "", false
	}
	to, err := filepath.Rel(filepath.FromSlash(newDir), filepath.FromSlash(shift.Path(at)))
	if err != nil {
		return "", false
	}
	if now = filepath.ToSlash(to); now == path.Clean(relative) {
		return relative, true
	}
	if now != "." && !strings.HasPrefix(now, "..") {
		now = "./" + now // a package, if the go command is told of it
	}
	if strings.HasSuffix(relative, "/") {
		now += "/"
	}
	return now, true
}

// spell writes a path as the old one was written.
func (p relativePath) spell(now string) string {
	if !p.joined {
		if strings.HasPrefix(p.literals[0].Value, "`") {
			return "`" + now + "`"
		}
		return strconv.Quote(now)
	}
	parts := strings.Split(strings.TrimPrefix(now, "./"), "/")
	for i, part := range parts {
		parts[i] = strconv.Quote(part)
	}
	return strings.Join(parts, ", ")
}

// relativePaths finds the paths that begin with the parent folder, and those that are
// joined to the folder of the file. The parent folder alone is one only where it is handed
// to what takes a folder.
func relativePaths(f *ast.File, test bool) []relativePath {
	packages := map[string]string{}
	for _, spec := range f.Imports {
		name := path.Base(source.ImportPath(spec))
		if spec.Name != nil {
			name = spec.Name.Name
		}
		packages[name] = source.ImportPath(spec)
	}
	dirs := findWorkdirs(f, packages, test)
	var out []relativePath
	taken := map[ast.Node]bool{}
	one := func(e ast.Expr, bare bool) {
		lit, text := stringOf(e)
		if test && lit != nil && !taken[lit] && (strings.HasPrefix(text, "../") || bare && text == "..") {
			taken[lit] = true
			out = append(out, relativePath{text: text, literals: []*ast.BasicLit{lit}, unknown: dirs.elsewhere(lit.Pos())})
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.Field:
			if n.Tag != nil {
				taken[n.Tag] = true
			}
		case *ast.CallExpr:
			switch fun, called := calledIn(n, packages); {
			case fun == "path/filepath.Join" || fun == "path.Join":
				for _, p := range dirs.joined(n.Args, test) {
					for _, lit := range p.literals {
						taken[lit] = true
					}
					out = append(out, p)
				}
			case changesFolder(n), slices.Contains([]string{"os", "path/filepath", "io/ioutil"}, called):
				for _, arg := range n.Args {
					one(arg, true)
				}
			}
		case *ast.AssignStmt:
			if sel, ok := n.Lhs[0].(*ast.SelectorExpr); ok && sel.Sel.Name == "Dir" && dirs.command(sel.X) {
				one(n.Rhs[0], true)
			}
		case *ast.CompositeLit:
			if dirs.runsIn(n) != nil {
				one(dirs.runsIn(n), true)
			}
		case *ast.BasicLit:
			one(n, false)
		}
		return true
	})
	return out
}

// calledIn returns the function of a package that a call calls, and the package.
func calledIn(call *ast.CallExpr, packages map[string]string) (fun, pkg string) {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return "", ""
	}
	x, ok := sel.X.(*ast.Ident)
	if !ok || packages[x.Name] == "" {
		return "", ""
	}
	return packages[x.Name] + "." + sel.Sel.Name, packages[x.Name]
}

// joined finds the path of the literals with which arguments begin, or that follow the
// folder of the file.
func (w *workdirs) joined(args []ast.Expr, test bool) []relativePath {
	if len(args) == 0 {
		return nil
	}
	p := relativePath{joined: true, unknown: w.elsewhere(args[0].Pos())}
	known := w.is(args[0])
	if known {
		args, p.unknown = args[1:], false
	} else if lit, _ := stringOf(args[0]); lit == nil {
		args, p.unknown = args[1:], true
	} else if !test {
		return nil
	}
	var parts []string
	for _, arg := range args {
		lit, text := stringOf(arg)
		if lit == nil || text == "" {
			break
		}
		p.literals, parts = append(p.literals, lit), append(parts, text)
	}
	p.text = path.Join(parts...)
	if p.literals == nil || !p.upwards() && !known || p.unknown && !test {
		return nil
	}
	return []relativePath{p}
}

func stringOf(e ast.Expr) (*ast.BasicLit, string) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return nil, ""
	}
	text, err := strconv.Unquote(lit.Value)
	if err != nil {
		return nil, ""
	}
	return lit, text
}
