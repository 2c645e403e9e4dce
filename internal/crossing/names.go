package crossing

import (
	"go/types"
	"strings"
)

// paramPath starts the path of a parameter with the declared type's name where
// there is one, since that is where the user has to look.
func paramPath(method string, v *types.Var, i int) string {
	if name := typeName(v.Type()); name != "" {
		return name
	}
	if v.Name() != "" && v.Name() != "_" {
		return method + "(" + v.Name() + ")"
	}
	return method + "(" + ordinal(i) + " parameter)"
}

func resultPath(method string, v *types.Var, i, n int) string {
	if name := typeName(v.Type()); name != "" {
		return name
	}
	if v.Name() != "" && v.Name() != "_" {
		return method + "() " + v.Name()
	}
	if n == 1 {
		return method + "() result"
	}
	return method + "() " + ordinal(i) + " result"
}

func ordinal(i int) string {
	names := []string{"first", "second", "third", "fourth", "fifth", "sixth"}
	if i < len(names) {
		return names[i]
	}
	return "last"
}

// typeName returns the name of the declared type behind pointers, unless it is
// an alias for something that has none.
func typeName(t types.Type) string {
	for {
		switch u := t.(type) {
		case *types.Pointer:
			t = u.Elem()
		case *types.Named:
			return u.Obj().Name()
		case *types.Alias:
			t = types.Unalias(u)
		default:
			return ""
		}
	}
}

// IsContext reports whether t is context.Context.
func IsContext(t types.Type) bool {
	n, ok := types.Unalias(t).(*types.Named)
	return ok && n.Obj().Name() == "Context" && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == "context"
}

// IsError reports whether t is the predeclared error.
func IsError(t types.Type) bool {
	return types.Identical(types.Unalias(t), types.Universe.Lookup("error").Type())
}

// short spells t with package names.
func short(t types.Type) string {
	return strings.TrimSpace(types.TypeString(t, (*types.Package).Name))
}

// qualified is the full name of a declared type, without type arguments.
func qualified(t *types.Named) string {
	obj := t.Obj()
	if obj.Pkg() == nil {
		return obj.Name()
	}
	return obj.Pkg().Path() + "." + obj.Name()
}

// within reports whether a package belongs to a module.
func within(path, module string) bool {
	if module == "std" {
		first, _, _ := strings.Cut(path, "/")
		return !strings.Contains(first, ".")
	}
	return path == module || strings.HasPrefix(path, module+"/")
}
