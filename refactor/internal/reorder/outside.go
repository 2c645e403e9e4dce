package reorder

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"regexp"
	"slices"
	"strings"
)

// acts says that the code may change what is outside of it, or use it up: a file, a
// table, a channel, what is behind an interface.
func (w *walker) acts(pos token.Pos, what string) {
	if w.fp.acts == nil {
		w.fp.acts = &Site{pos, what}
	}
}

// looks are functions of the standard library that find something out, and leave it as
// it is.
var looks = map[string][]string{
	"os": {
		"Open", "ReadFile", "ReadDir", "Stat", "Lstat", "Readlink", "DirFS", "Getenv", "LookupEnv", "Environ", "ExpandEnv", "Getwd", "Hostname",
		"Executable", "UserHomeDir", "UserCacheDir", "UserConfigDir", "TempDir", "Getpid", "Getppid", "Getuid", "Geteuid", "Getgid", "Getegid",
		"IsExist", "IsNotExist", "IsPermission", "IsTimeout", "Close", "Name", "Stat", "Fd", "IsDir", "Info", "Type", "Size", "Mode", "ModTime", "Error", "Unwrap",
	},
	"io/fs":     {"*"},
	"io/ioutil": {"ReadFile", "ReadDir"},
	"net": {
		"LookupHost", "LookupIP", "LookupAddr", "LookupCNAME", "LookupMX", "LookupNS", "LookupPort", "LookupSRV", "LookupTXT", "LookupIPAddr", "LookupNetIP",
		"Interfaces", "InterfaceAddrs", "InterfaceByName", "InterfaceByIndex", "Addrs", "String", "Network", "Error",
	},
	"net/http":      {"Get", "Head", "NewRequest", "NewRequestWithContext", "Cookie", "Cookies", "FormValue", "PathValue", "Context", "UserAgent", "Referer", "Error", "String"},
	"path/filepath": {"Abs", "EvalSymlinks", "Glob", "Walk", "WalkDir"},
	"database/sql":  {"Open", "OpenDB", "Query", "QueryContext", "QueryRow", "QueryRowContext", "Prepare", "PrepareContext", "Ping", "PingContext", "Stats", "Next", "NextResultSet", "Scan", "Err", "Close", "Columns", "ColumnTypes", "Error", "Name", "Value"},
}

// uses are methods that read on from where the last call of them ended: only what the
// code has opened itself is as it was for the next run of it.
var uses = map[string][]string{
	"os":           {"Read", "ReadAt", "ReadDir", "Readdir", "Readdirnames", "ReadFrom", "Seek"},
	"database/sql": {"Next", "NextResultSet", "Scan"},
}

// looksOnly reports a call of what deals with the outside that leaves it as it is.
func (w *walker) looksOnly(call *ast.CallExpr, fn *types.Func) bool {
	path, name := pathOf(fn), fn.Name()
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if method := ok && fn.Signature().Recv() != nil; method && slices.Contains(uses[path], name) {
		return w.opened(sel.X)
	}
	if path == "database/sql" && strings.HasPrefix(name, "Query") {
		return !w.changesTables(call)
	}
	return slices.Contains(looks[path], name) || slices.Contains(looks[path], "*")
}

// opened reports what the code itself has opened.
func (w *walker) opened(e ast.Expr) bool {
	if _, call := ast.Unparen(e).(*ast.CallExpr); call {
		return true
	}
	p := w.pathOf(e)
	if p.root == nil || p.steps > 0 || !w.own(p.root) {
		return false
	}
	s := w.a.scopeAt(p.root.Pos())
	if s == nil || s.loose[p.root] || len(s.sources[p.root]) == 0 {
		return false
	}
	return !slices.ContainsFunc(s.sources[p.root], func(src source) bool {
		_, call := ast.Unparen(src.expr).(*ast.CallExpr)
		return !call
	})
}

// changing are words of SQL by which a query changes something.
var changing = regexp.MustCompile(`(?i)\b(insert\s+into|update\s+\S+\s+set|delete\s+from|merge\s+into|replace\s+into|nextval\s*\(|for\s+update|skip\s+locked)\b|^\s*call\b`)

// changesTables reports a query whose text changes what it asks for. Where the text
// isn't constant, it is made of what the function has.
func (w *walker) changesTables(call *ast.CallExpr) bool {
	for _, a := range call.Args {
		if tv := w.f.Pkg.Info.Types[a]; tv.Value != nil && tv.Value.Kind() == constant.String {
			return changing.MatchString(constant.StringVal(tv.Value))
		}
	}
	found := false
	ast.Inspect(w.within, func(n ast.Node) bool {
		if e, ok := n.(ast.Expr); ok {
			if tv := w.f.Pkg.Info.Types[e]; tv.Value != nil && tv.Value.Kind() == constant.String {
				found = found || changing.MatchString(constant.StringVal(tv.Value))
				return false
			}
		}
		return !found
	})
	return found
}
