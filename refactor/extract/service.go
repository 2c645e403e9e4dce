package extract

import (
	"bytes"
	"fmt"
	"go/format"
	"go/types"
	"path"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/module"

	"github.com/unweld/unweld/internal/component"
)

// A newFile collects the text and imports of a file to create.
type newFile struct {
	job     *job
	body    bytes.Buffer
	imports map[string]string // path -> name
	names   map[string]string // name -> path
}

func (j *job) newFile() *newFile {
	n := &newFile{job: j, imports: map[string]string{}, names: map[string]string{}}
	n.use("context", "context")
	return n
}

func (n *newFile) printf(format string, args ...any) { fmt.Fprintf(&n.body, format, args...) }

// use imports a package under a name that no other import has.
func (n *newFile) use(path, name string) string {
	if known, ok := n.imports[path]; ok {
		return known
	}
	base := name
	for i := 2; n.names[name] != ""; i++ {
		name = base + strconv.Itoa(i)
	}
	n.imports[path], n.names[name] = name, path
	return name
}

// typer spells types in the file.
func (n *newFile) typer() typer {
	return func(t types.Type) string {
		return types.TypeString(t, func(p *types.Package) string {
			if p.Path() == n.job.target.pkg.Pkg.Path {
				return ""
			}
			return n.use(p.Path(), p.Name())
		})
	}
}

// content returns the formatted file.
func (n *newFile) content() []byte {
	var out bytes.Buffer
	fmt.Fprintf(&out, "package %s\n\n", n.job.target.pkg.Pkg.Name)
	paths := make([]string, 0, len(n.imports))
	for p := range n.imports {
		paths = append(paths, p)
	}
	slices.SortFunc(paths, func(a, b string) int {
		if x, y := foreign(a), foreign(b); x != y {
			if x {
				return 1
			}
			return -1
		}
		return strings.Compare(a, b)
	})
	open, end := "import (\n", ")\n\n"
	if len(paths) == 1 {
		open, end = "import ", "\n"
	}
	out.WriteString(open)
	for i, p := range paths {
		if i > 0 && foreign(p) && !foreign(paths[i-1]) {
			out.WriteString("\n")
		}
		if n.imports[p] != calledAfter(p) {
			out.WriteString(n.imports[p] + " ")
		}
		fmt.Fprintf(&out, "%q\n", p)
	}
	out.WriteString(end)
	out.Write(n.body.Bytes())
	formatted, err := format.Source(out.Bytes())
	if err != nil {
		return out.Bytes() // the check of the outcome says where it is wrong
	}
	return formatted
}

// calledAfter is the name that a package most likely has: the last part of its path
// that is no version.
func calledAfter(p string) string {
	prefix, _, ok := module.SplitPathVersion(p)
	if !ok {
		return path.Base(p)
	}
	return path.Base(prefix)
}

func foreign(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return strings.Contains(first, ".")
}

// writeInterface declares the contract.
func (n *newFile) writeInterface(name string, endpoints []*endpoint) {
	n.printf("// %s\n//\n%s\n", component.Announcement(name, n.job.name()), component.Directive(component.ContractDirective, n.job.name()))
	n.printf("type %s interface {\n", name)
	for _, e := range endpoints {
		for _, line := range e.comment() {
			n.printf("\t%s\n", line)
		}
		if names := n.job.backwards(e); len(names) > 0 {
			n.printf("\t%s\n", component.Directive(component.InOutDirective, names...))
		}
		if !n.job.chosen(e.name) {
			if len(e.comment()) > 0 {
				n.printf("\t//\n") // a paragraph of its own
			}
			n.printf("\t%s\n\t%s\n", strings.Join(staysLocal(e.name), "\n\t"), e.sameMethod(n.typer()))
			continue
		}
		n.printf("\t%s\n", e.contractMethod(n.typer()))
	}
	n.printf("}\n")
}

// writeService writes the contract of functions, its implementation in this
// process, and the variable through which every call goes.
func (j *job) writeService(s *service) {
	n := j.newFile()
	n.writeInterface(s.iface, s.endpoints)
	n.printf("\n// %s answers every call. Everything that uses the package goes through it.\nvar %s %s = %s{}\n", s.variable, s.variable, s.iface, s.impl)
	n.printf("\n// %s is the %s of this process.\ntype %s struct{}\n", s.impl, s.iface, s.impl)
	for _, e := range s.endpoints {
		ctx := "_"
		if e.context {
			ctx = "ctx"
		}
		n.printf("\nfunc (%s) %s(%s)%s {\n\t%s\n}\n", s.impl, e.name, e.paramList(n.typer(), ctx), e.resultList(n.typer(), true), e.body(e.impl, true))
	}
	j.created[j.file("service.go")] = n.content()
}
