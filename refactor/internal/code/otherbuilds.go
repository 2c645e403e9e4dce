package code

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/source"
)

// otherBuilds are the builds that have the files which this build leaves out.
type otherBuilds struct {
	of map[string]*otherBuild // by file
}

// An otherBuild is one of these builds, with such files.
type otherBuild struct {
	source.Build
	files []string

	once  sync.Once
	names map[string]source.FileNames // by file; none of files whose packages don't type-check
}

// buildsOfUnbuilt finds, for each file that this build leaves out, a build that has it.
func (w *World) buildsOfUnbuilt() *otherBuilds {
	if w.builds != nil {
		return w.builds
	}
	contents := sha256.New() // the packages don't say what is in these files
	for _, u := range w.leftOut() {
		content, _, _ := w.Snapshot.Content(u.rel)
		fmt.Fprintf(contents, "%s %d\n%s", u.rel, len(content), content)
	}
	w.builds = derive(w, fmt.Sprintf("other builds %x", contents.Sum(nil)), func() *otherBuilds {
		out := &otherBuilds{of: map[string]*otherBuild{}}
		byBuild := map[source.Build]*otherBuild{}
		for _, u := range w.leftOut() {
			content, _, err := w.Snapshot.Content(u.rel)
			if err != nil {
				continue
			}
			b, ok := w.Snapshot.BuildOf(u.rel, content)
			if !ok {
				continue
			}
			o := byBuild[b]
			if o == nil {
				o = &otherBuild{Build: b}
				byBuild[b] = o
			}
			out.of[u.rel] = o
			o.files = append(o.files, u.rel)
		}
		return out
	})
	return w.builds
}

// meansOther reports whether a file that this build leaves out, and which has the name of an
// object, means something else by it, as a build says that has the file. What comes out is
// checked in that build, then.
func (w *World) meansOther(rel string, obj types.Object) bool {
	o, names, known := w.asked(rel)
	if key := w.Key(obj); !known || names.Uses[source.Place{File: key.file, Offset: key.offset}] || names.Declares[obj.Name()] {
		return false
	}
	w.relyOn(o, obj)
	return true
}

// HeldToBuilds returns the files that this build leaves out and that have the name of an
// object, if each is in a build that type-checks: what comes out is checked there, then.
func (w *World) HeldToBuilds(obj types.Object) (files []string, ok bool) {
	dir := path.Dir(w.FileOf(obj).Rel)
	var builds []*otherBuild
	for _, u := range w.leftOut() {
		same := path.Dir(u.rel) == dir && (u.broken || u.pkg == obj.Pkg().Name())
		if !u.broken && !u.mentions(obj, same) {
			continue
		}
		o, names, known := w.asked(u.rel)
		if !known || names.Declares[obj.Name()] {
			return nil, false
		}
		builds, files = append(builds, o), append(files, u.rel)
	}
	for _, o := range builds {
		w.relyOn(o, obj)
	}
	return files, true
}

// MeantInBuilds returns the files that this build leaves out and that mean an object by its
// name, if each is in a build that type-checks: what comes out is checked there, then. It is
// not ok where a file declares the name once more, or nothing is known of what it means.
func (w *World) MeantInBuilds(obj types.Object) (files []string, ok bool) {
	dir, pkg := path.Dir(w.FileOf(obj).Rel), w.FileOf(obj).Pkg
	var builds []*otherBuild
	for _, u := range w.leftOut() {
		same, mine := w.mayMean(u, obj, dir, pkg)
		switch {
		case u.broken && mine:
			return nil, false
		case !mine || !u.mentions(obj, same) || w.meansOther(u.rel, obj):
			continue
		}
		o, names, known := w.asked(u.rel)
		if !known || names.Declares[obj.Name()] {
			return nil, false
		}
		builds, files = append(builds, o), append(files, u.rel)
	}
	for _, o := range builds {
		w.relyOn(o, obj)
	}
	return files, true
}

// asked returns the build of a file that this build leaves out, and what the file means by its
// names there; known is false where nothing is known of that.
func (w *World) asked(rel string) (o *otherBuild, names source.FileNames, known bool) {
	if o = w.buildsOfUnbuilt().of[rel]; o == nil {
		return nil, names, false
	}
	o.once.Do(func() {
		// Without an answer, each name may mean what it can mean.
		o.names, _ = w.Snapshot.AskBuild(context.Background(), o.Build, o.files)
	})
	names, known = o.names[rel]
	return o, names, known
}

// relyOn has what comes out checked in a build if the declaration of an object changes.
func (w *World) relyOn(o *otherBuild, obj types.Object) {
	if w.relied[o] == nil {
		if w.relied == nil {
			w.relied = map[*otherBuild]map[types.Object]bool{}
		}
		w.relied[o] = map[types.Object]bool{}
	}
	w.relied[o][obj] = true
}

// checkBuilds type-checks what comes out in the builds whose word about a declaration that
// changes a decision rests on.
func (w *World) checkBuilds(ctx context.Context, changed *source.Snapshot, what string, after map[string][]byte) error {
	builds := slices.SortedFunc(maps.Keys(w.relied), func(a, b *otherBuild) int {
		return cmp.Or(strings.Compare(a.GOOS, b.GOOS), strings.Compare(a.GOARCH, b.GOARCH), strings.Compare(a.Tags, b.Tags))
	})
	for _, o := range builds {
		if !w.changesOneOf(w.relied[o], after) {
			continue
		}
		problems, err := w.Snapshot.CheckBuild(ctx, changed, o.Build, o.files)
		if err != nil {
			return err
		}
		for i, found := range problems {
			problems[i] = component.Problem{Code: "other-builds", Severity: component.Error, Span: found.Span,
				Message: "the code that would come out doesn't type-check with " + o.Variables() + ": " + found.Message, Hint: "do it in that build, or by hand"}
		}
		if len(problems) > 0 {
			return component.Refuse(what, problems...)
		}
	}
	return nil
}

// changesOneOf reports whether the declaration of one of the objects is edited, or its file
// is written by something else than edits.
func (w *World) changesOneOf(objs map[types.Object]bool, after map[string][]byte) bool {
	for obj := range objs {
		f := w.FileOf(obj)
		if f == nil {
			return true
		}
		if !f.Edited() {
			if content, written := after[f.Rel]; written && !bytes.Equal(content, f.Before) {
				return true
			}
			continue
		}
		start, end := declaration(f.AST, obj.Pos())
		if f.deleted || f.editedIn(f.Offset(start), f.Offset(end)) {
			return true
		}
	}
	return false
}

// declaration returns where the declaration of a name in a file begins and ends: of a
// function without its body, of a field or a method of an interface that alone.
func declaration(f *ast.File, name token.Pos) (start, end token.Pos) {
	start, end = f.FileStart, f.FileEnd
	ast.Inspect(f, func(n ast.Node) bool {
		if n == nil || name < n.Pos() || name >= n.End() {
			return false
		}
		switch n := n.(type) {
		case *ast.FuncDecl:
			start, end = n.Pos(), n.Type.End()
			return false
		case ast.Spec, *ast.Field:
			start, end = n.Pos(), n.End()
		}
		return true
	})
	return start, end
}
