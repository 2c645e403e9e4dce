package thread

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/refactor/internal/code"
)

// A logger is what the program around a place reports to.
type logger struct {
	expr string     // d.logger; the name of a package for its functions
	typ  types.Type // nil for a package
	pkg  string     // the import path of a package
	of   *types.Package
	key  string // by which it is given an error: err or error
	own  *ownLog
}

// report spells the statement that gives an error to the logger that the code
// around r uses: its function, its receiver, its file, its package or else package
// log.
func (t *Threader) report(r mention, err string) string {
	l := t.loggerAt(r)
	if l.own != nil {
		return l.own.report(l.expr, t.messageOf(r), err)
	}
	if l.pkg != "" {
		name := path.Base(l.pkg)
		if l.of != nil {
			name = l.of.Name()
		}
		l.expr = r.File.ImportAt(r.ID.Pos(), l.pkg, name)
	}
	return t.spellReport(l, r, t.messageOf(r).text, err)
}

func (t *Threader) loggerAt(r mention) logger {
	if l, ok := t.loggers[r.ID]; ok {
		return l
	}
	l, ok := t.used(r)
	if !ok {
		l, ok = t.own(r)
	}
	if !ok {
		l, ok = t.held(r)
	}
	for _, files := range [][]*code.File{{r.File}, t.siblings(r.File), t.World.Files} {
		if !ok {
			l, ok = t.usedIn(r, files)
		}
	}
	if !ok {
		l = logger{pkg: "log"}
	}
	if l.key == "" {
		l.key = t.commonKey(r)
	}
	t.loggers[r.ID] = l
	return l
}

// commonKey returns the key by which the package of r mostly gives errors to its
// loggers: err or error.
func (t *Threader) commonKey(r mention) string {
	path := r.File.Pkg.Pkg.Path
	if key, ok := t.keys[path]; ok {
		return key
	}
	var all []string
	for _, f := range t.siblings(r.File) {
		ast.Inspect(f.AST, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok && keyOf(call) != "" {
				if _, _, ok := loggerOf(f, call); ok {
					all = append(all, keyOf(call))
				}
			}
			return true
		})
	}
	t.keys[path] = mostOf(all)
	return t.keys[path]
}

// used finds a logger among the calls of the function around r.
func (t *Threader) used(r mention) (logger, bool) {
	d := r.decl()
	if d == nil || d.Body == nil {
		return logger{}, false
	}
	var out logger
	ast.Inspect(d.Body, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || out.expr != "" || out.pkg != "" {
			return out.expr == "" && out.pkg == ""
		}
		if l, root, ok := loggerOf(r.File, call); ok && (root == nil || r.sees(root)) {
			out = l
			return false
		}
		return true
	})
	return out, out.expr != "" || out.pkg != ""
}

// held finds a logger among the parameters, the receiver and its fields.
func (t *Threader) held(r mention) (logger, bool) {
	d := t.declOf(r)
	if d == nil {
		return logger{}, false
	}
	sig := d.Obj.Signature()
	for v := range sig.Params().Variables() {
		if isLogger(v.Type(), v.Name()) && v.Name() != "_" && r.sees(v) {
			return logger{expr: v.Name(), typ: v.Type()}, true
		}
	}
	recv := sig.Recv()
	if recv == nil || recv.Name() == "" || recv.Name() == "_" || !r.sees(recv) {
		return logger{}, false
	}
	typ := recv.Type()
	if p, ok := typ.Underlying().(*types.Pointer); ok {
		typ = p.Elem()
	}
	s, ok := typ.Underlying().(*types.Struct)
	if !ok {
		return logger{}, false
	}
	for f := range s.Fields() {
		if isLogger(f.Type(), f.Name()) && (f.Exported() || f.Pkg() == r.File.Pkg.Types) {
			return logger{expr: recv.Name() + "." + f.Name(), typ: f.Type()}, true
		}
	}
	return logger{}, false
}

// usedIn finds a logger that needs no variable of a function: the one that most
// calls in some files are made of.
func (t *Threader) usedIn(r mention, files []*code.File) (logger, bool) {
	key := files[0].Rel
	if len(files) > 1 {
		key = files[0].Pkg.Pkg.Path + "/" + strconv.Itoa(len(files))
	}
	known, ok := t.loggersOf[key]
	if !ok {
		known = commonLogger(files)
		t.loggersOf[key] = known
	}
	switch {
	case known.pkg != "":
		// A package of the module is used where it is imported already: importing it
		// could close a cycle.
		own := slices.ContainsFunc(t.World.Packages, func(p *source.Package) bool { return p.Pkg.Path == known.pkg })
		return known, !own || slices.ContainsFunc(r.File.Pkg.Types.Imports(), func(p *types.Package) bool { return p.Path() == known.pkg })
	case known.expr == "":
		return logger{}, false
	}
	_, obj := r.File.Pkg.Types.Scope().Innermost(r.ID.Pos()).LookupParent(known.expr, r.ID.Pos())
	v, isVar := obj.(*types.Var)
	return known, isVar && v.Parent() == r.File.Pkg.Types.Scope()
}

// commonLogger returns the package, or the package variable, that most calls of a
// logger in some files are made of.
func commonLogger(files []*code.File) logger {
	counts, all := map[string]int{}, map[string]logger{}
	var names []string
	for _, f := range files {
		ast.Inspect(f.AST, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			l, root, ok := loggerOf(f, call)
			if !ok || root != nil && root.Parent() != f.Pkg.Types.Scope() || root != nil && l.expr != root.Name() {
				return true
			}
			k := l.expr
			if l.pkg != "" {
				k = l.pkg
			}
			if counts[k]++; counts[k] == 1 {
				all[k], names = l, append(names, k)
			}
			return true
		})
	}
	best := logger{}
	most := 0
	for _, k := range names {
		if counts[k] > most {
			best, most = all[k], counts[k]
		}
	}
	return best
}

// loggerOf returns the logger that a call is made to, with the variable that it
// is found by; nil for a package.
func loggerOf(f *code.File, call *ast.CallExpr) (logger, types.Object, bool) {
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok || !reports.MatchString(sel.Sel.Name) {
		return logger{}, nil, false
	}
	return callee(f, call)
}

// callee is loggerOf, whatever the method is called.
func callee(f *code.File, call *ast.CallExpr) (logger, types.Object, bool) {
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok {
		return logger{}, nil, false
	}
	x := sel.X
	for {
		inner, ok := ast.Unparen(x).(*ast.CallExpr)
		if !ok {
			break
		}
		s, ok := ast.Unparen(inner.Fun).(*ast.SelectorExpr)
		if !ok {
			return logger{}, nil, false
		}
		x = s.X
	}
	root := rootOf(x)
	if root == nil {
		return logger{}, nil, false
	}
	info := f.Pkg.Info
	if p, ok := info.Uses[root].(*types.PkgName); ok {
		path := p.Imported().Path()
		if x != ast.Expr(root) || !packages[path] && !logging.MatchString(p.Imported().Name()) || p.Imported().Scope().Lookup("Printf") == nil && p.Imported().Scope().Lookup("Errorf") == nil && p.Imported().Scope().Lookup("Error") == nil {
			return logger{}, nil, false
		}
		return logger{pkg: path, of: p.Imported(), key: keyOf(call)}, nil, true
	}
	name := root.Name
	if s, ok := x.(*ast.SelectorExpr); ok {
		name = s.Sel.Name
	}
	if !isLogger(info.TypeOf(x), name) || info.Uses[root] == nil {
		return logger{}, nil, false
	}
	return logger{expr: f.Source(x), typ: info.TypeOf(x), key: keyOf(call)}, info.Uses[root], true
}

// keyOf returns the key by which a call is given an error.
func keyOf(call *ast.CallExpr) string {
	for _, a := range call.Args {
		if lit, ok := a.(*ast.BasicLit); ok && lit.Kind == token.STRING && (lit.Value == `"error"` || lit.Value == `"err"`) {
			return lit.Value[1 : len(lit.Value)-1]
		}
	}
	return ""
}

var (
	// reports are methods and functions by which something is logged.
	reports = regexp.MustCompile(`^(Error|Warn|Warning|Info|Debug|Print|Trace|Msg|Log|V)`)
	logging = regexp.MustCompile(`(?i)^(log|logs|logger|logging|slog|glog|klog|zlog|xlog)$`)
	// packages are those whose functions log, by any name.
	packages = map[string]bool{
		"log": true, "log/slog": true, "github.com/sirupsen/logrus": true, "github.com/rs/zerolog/log": true,
		"k8s.io/klog": true, "k8s.io/klog/v2": true, "github.com/golang/glog": true,
	}
)

// isLogger reports a type that logs, by where it is from or by its name or the
// name that a variable has.
func isLogger(t types.Type, name string) bool {
	n := named(t)
	if n == nil || n.Obj().Pkg() == nil {
		return false
	}
	switch n.Obj().Pkg().Path() {
	case "testing", "fmt":
		return false
	case "log", "log/slog", "go.uber.org/zap", "github.com/rs/zerolog", "github.com/sirupsen/logrus", "github.com/hashicorp/go-hclog", "github.com/go-logr/logr":
		return n.Obj().Name() == "Logger" || n.Obj().Name() == "SugaredLogger" || n.Obj().Name() == "Entry" || n.Obj().Name() == "FieldLogger"
	}
	return (loggerish.MatchString(n.Obj().Name()) || loggerish.MatchString(name)) && speaks(t) != nil
}

var loggerish = regexp.MustCompile(`(?i)^(l|log|lg|logf)$|log(ger)?$|^log(ger|ging)`)

func named(t types.Type) *types.Named {
	if t == nil {
		return nil
	}
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	n, _ := types.Unalias(t).(*types.Named)
	return n
}

// speaks returns the method by which a logger of an unknown type is given an
// error, or nil.
func speaks(t types.Type) *types.Func {
	for _, name := range []string{"Errorf", "Error", "Warnf", "Printf", "Logf"} {
		obj, _, _ := types.LookupFieldOrMethod(t, true, nil, name)
		if fn, ok := obj.(*types.Func); ok && fn.Signature().Variadic() && isString(fn.Signature().Params().At(0).Type()) {
			return fn
		}
	}
	return nil
}

func isString(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Kind() == types.String
}

// formats reports whether a function that takes a string and more gets a format
// and not a message with pairs: its calls, or else the name of its parameter, say.
func (t *Threader) formats(fn *types.Func) bool {
	key := fn.FullName()
	if known, ok := t.formatted[key]; ok {
		return known
	}
	formats, pairs := 0, 0
	for _, f := range t.World.Files {
		ast.Inspect(f.AST, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) < 2 {
				return true
			}
			callee, text := f.Callee(call), f.Pkg.Info.Types[call.Args[0]].Value
			switch {
			case callee == nil || text == nil || text.Kind() != constant.String || callee.FullName() != key:
			case verb.MatchString(constant.StringVal(text)):
				formats++
			default:
				pairs++
			}
			return true
		})
	}
	t.formatted[key] = formats > pairs || formats == pairs && strings.Contains(strings.ToLower(fn.Signature().Params().At(0).Name()), "format")
	return t.formatted[key]
}

var verb = regexp.MustCompile(`%[-+#.0-9]*[a-zA-Z]`)

// spellReport is the statement that gives a logger an error.
func (t *Threader) spellReport(l logger, r mention, what, err string) string {
	key := l.key
	if key == "" {
		key = "err"
	}
	formatted := func(method string) string {
		return l.expr + "." + method + "(" + quote(what+": %v") + ", " + err + ")"
	}
	paired := l.expr + ".Error(" + quote(what) + ", " + quote(key) + ", " + err + ")"
	at := l.pkg
	n := named(l.typ)
	if n != nil && n.Obj().Pkg() != nil {
		at = n.Obj().Pkg().Path()
	}
	switch at {
	case "log":
		return formatted("Printf")
	case "log/slog", "github.com/hashicorp/go-hclog":
		return paired
	case "go.uber.org/zap":
		if n != nil && n.Obj().Name() == "Logger" {
			return l.expr + ".Error(" + quote(what) + ", " + r.File.ImportAt(r.ID.Pos(), at, "zap") + ".Error(" + err + "))"
		}
		return formatted("Errorf")
	case "github.com/rs/zerolog", "github.com/rs/zerolog/log":
		return l.expr + ".Error().Err(" + err + ").Msg(" + quote(what) + ")"
	case "github.com/sirupsen/logrus":
		return l.expr + ".WithError(" + err + ").Error(" + quote(what) + ")"
	case "github.com/go-logr/logr":
		return l.expr + ".Error(" + err + ", " + quote(what) + ")"
	case "k8s.io/klog", "k8s.io/klog/v2", "github.com/golang/glog":
		return formatted("Errorf")
	}
	if l.typ == nil {
		return t.reportToPackage(l, r, what, err, formatted, paired)
	}
	fn := speaks(l.typ)
	if fn.Name() == "Error" && !t.formats(fn) {
		return paired
	}
	return formatted(fn.Name())
}

// reportToPackage is spellReport for the functions of a package that isn't known.
func (t *Threader) reportToPackage(l logger, r mention, what, err string, formatted func(string) string, paired string) string {
	for _, name := range []string{"Errorf", "Error", "Printf"} {
		fn, ok := l.of.Scope().Lookup(name).(*types.Func)
		if !ok {
			continue
		}
		ps := fn.Signature().Params()
		switch {
		case fn.Signature().Variadic() && ps.Len() == 2 && isString(ps.At(0).Type()) && (name != "Error" || t.formats(fn)):
			return formatted(name)
		case name == "Error" && fn.Signature().Variadic() && ps.Len() == 2 && isString(ps.At(0).Type()):
			return paired
		case name == "Error" && fn.Signature().Variadic() && ps.Len() == 1:
			return l.expr + ".Error(" + quote(what+":") + ", " + err + ")"
		}
	}
	return r.File.ImportAt(r.ID.Pos(), "log", "log") + ".Printf(" + quote(what+": %v") + ", " + err + ")"
}
