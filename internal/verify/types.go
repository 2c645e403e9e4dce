package verify

import (
	"bytes"
	"cmp"
	"go/ast"
	"go/printer"
	"go/token"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A typeIn names a type of the module.
type typeIn struct {
	dir  string // of its package, from the root
	name string
}

func (t typeIn) compare(other typeIn) int {
	return cmp.Or(cmp.Compare(t.name, other.name), cmp.Compare(t.dir, other.dir))
}

// exported returns the types that got an exported name with a change, with the one they
// had. It is that with a capital letter or, where that was taken, the only new one that
// begins or ends so, in the same package or in the one that the type moved to.
func exported(before, after map[typeIn]bool) map[typeIn]string {
	out := map[typeIn]string{}
	var added []typeIn
	for _, t := range slices.SortedFunc(maps.Keys(after), typeIn.compare) {
		if !before[t] {
			added = append(added, t)
		}
	}
	for _, t := range slices.SortedFunc(maps.Keys(before), typeIn.compare) {
		kept := func(now typeIn) bool { return now.name == t.name }
		if after[t] || token.IsExported(t.name) || slices.ContainsFunc(added, kept) {
			continue
		}
		if now, ok := exportedAs(t, added, out); ok {
			out[now] = t.name
		}
	}
	return out
}

// exportedAs returns which of the new types is one that was there before. Others are taken.
func exportedAs(t typeIn, added []typeIn, taken map[typeIn]string) (typeIn, bool) {
	first, size := utf8.DecodeRuneInString(t.name)
	capital := string(unicode.ToUpper(first)) + t.name[size:]
	same := func(now typeIn) bool { return now.name == capital }
	like := func(now typeIn) bool {
		return strings.HasPrefix(now.name, capital) || strings.HasSuffix(now.name, capital)
	}
	for _, fits := range []func(typeIn) bool{same, like} {
		var here, elsewhere []typeIn
		for _, now := range added {
			switch {
			case taken[now] != "" || !fits(now):
			case now.dir == t.dir:
				here = append(here, now)
			default:
				elsewhere = append(elsewhere, now)
			}
		}
		if found := cmp.Or(len(here), len(elsewhere)); found > 0 {
			return append(here, elsewhere...)[0], found == 1
		}
	}
	return typeIn{}, false
}

// structType notes the fields of a struct.
func (v *version) structType(fset *token.FileSet, in typeIn, ts *ast.TypeSpec) {
	st, ok := ts.Type.(*ast.StructType)
	if !ok {
		return
	}
	fields := map[string]string{}
	v.fields[in] = fields
	for _, f := range st.Fields.List {
		var typ bytes.Buffer
		if printer.Fprint(&typ, fset, f.Type) != nil {
			continue
		}
		for _, n := range f.Names {
			fields[n.Name] = typ.String()
		}
		if len(f.Names) == 0 {
			fields[baseName(f.Type)] = typ.String()
		}
	}
}

// structs returns the fields of structs by the names that the types had before they were
// exported. Those of types with the same name in two packages are joined.
func (v *version) structs(exported map[typeIn]string) map[string]map[string]string {
	out := map[string]map[string]string{}
	for _, in := range slices.SortedFunc(maps.Keys(v.fields), typeIn.compare) {
		name := cmp.Or(exported[in], in.name)
		if out[name] == nil {
			out[name] = map[string]string{}
		}
		for field, typ := range v.fields[in] {
			out[name][field] = qualified.ReplaceAllStringFunc(typ, func(word string) string {
				return unexported(in.dir, word, exported)
			})
		}
	}
	return out
}

// unexported spells the name of a type, which a package may stand before, as it was before
// it was exported. Dir is of the package that says so.
func unexported(dir, word string, exported map[typeIn]string) string {
	pkg, name, other := strings.Cut(word, ".")
	if !other {
		return cmp.Or(exported[typeIn{dir, word}], word)
	}
	for in, had := range exported {
		if in.name == name && path.Base(in.dir) == pkg {
			return pkg + "." + had
		}
	}
	return word
}

// differing returns the fields of a struct that its two versions don't share.
func differing(name string, a, b map[string]string) []string {
	var out []string
	for f, t := range a {
		if b[f] != t {
			out = append(out, name+"."+f)
		}
	}
	for f := range b {
		if _, ok := a[f]; !ok {
			out = append(out, name+"."+f)
		}
	}
	return out
}

// reshaped returns the structs of which one version has a field that the other hasn't,
// and those with a field of such a type: a value of one has no counterpart in the other.
func reshaped(before, after map[string]map[string]string) map[string]bool {
	out := map[string]bool{}
	for name, fields := range before {
		if now, ok := after[name]; ok && !slices.Equal(sortedKeys(fields), sortedKeys(now)) {
			out[name] = true
		}
	}
	for size := -1; size < len(out); {
		size = len(out)
		for _, types := range []map[string]map[string]string{before, after} {
			for name, fields := range types {
				for _, t := range fields {
					if mentions(t, out) {
						out[name] = true
					}
				}
			}
		}
	}
	return out
}

var (
	word      = regexp.MustCompile(`[\pL_][\pL\pN_]*`)
	qualified = regexp.MustCompile(`([\pL_][\pL\pN_]*\.)?[\pL_][\pL\pN_]*`)
)

// mentions reports whether a type is written with one of the names.
func mentions(typ string, names map[string]bool) bool {
	return len(names) > 0 && slices.ContainsFunc(word.FindAllString(typ, -1), func(w string) bool { return names[w] })
}
