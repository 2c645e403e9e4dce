package source

import (
	"crypto/sha256"
	"fmt"
	"hash"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/sync/errgroup"
)

// fingerprint covers what the go command reads to list the packages of the
// workspace: its settings, the set of files and their headers, and the files
// that say which modules there are. Of files below Root it tells the relative
// names, so that a copy of the module has the same.
func (s *Snapshot) fingerprint() string {
	s.mu.Lock()
	known := s.printed
	s.mu.Unlock()
	if known != "" {
		return known
	}
	h := sha256.New()
	fmt.Fprintln(h, s.settings())
	for _, root := range s.roots() {
		for _, name := range []string{"go.mod", "go.sum", filepath.Join("vendor", "modules.txt")} {
			s.note(h, filepath.Join(root, name))
		}
		files := s.walk(root)
		s.lookAt(files)
		for _, f := range files {
			fmt.Fprintf(h, "%s %s\n", s.Rel(f), s.headerIn(f))
		}
	}
	if work := s.WorkFile(); work != "" {
		for _, f := range []string{work, work + ".sum", filepath.Join(filepath.Dir(work), "vendor", "modules.txt")} {
			s.note(h, f)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.printed = sum(h)
	return s.printed
}

// lookAt finds out the states of many files, several at a time.
func (s *Snapshot) lookAt(files []string) {
	const few = 64 // are as quickly looked at one by one
	var g errgroup.Group
	g.SetLimit(min(4, max(2, runtime.GOMAXPROCS(0)-1)))
	for part := range slices.Chunk(files, few) {
		g.Go(func() error {
			for _, f := range part {
				s.state(f)
			}
			return nil
		})
	}
	_ = g.Wait() // there are no errors: a state says why it can't be read
}

// note covers the whole of a file.
func (s *Snapshot) note(h hash.Hash, abs string) {
	st := s.state(abs)
	fmt.Fprintf(h, "%s %s %s\n", s.Rel(abs), st.hash, st.err)
}

// headerIn is what the go command reads of a source file: of one that isn't Go,
// which cgo may translate, that is all.
func (s *Snapshot) headerIn(abs string) string {
	st := s.state(abs)
	switch {
	case st.err != "":
		return st.err
	case filepath.Ext(abs) == ".go":
		return st.header
	case filepath.Base(abs) == "go.mod": // of another module, which ends this one
		return ""
	}
	return string(st.hash)
}

// roots are the folders of all modules whose source may change: that of the
// snapshot, those of its workspace, and those that replace others.
func (s *Snapshot) roots() []string {
	roots := []string{s.Root}
	add := func(dirs []string) {
		for _, dir := range dirs {
			if !slices.Contains(roots, dir) {
				roots = append(roots, dir)
			}
		}
	}
	file := s.WorkFile()
	base := filepath.Dir(file)
	if work := s.parsedWork(file); work != nil {
		var uses []string
		for _, use := range work.Use {
			uses = append(uses, folder(base, use.Path))
		}
		add(uses)
		add(replacements(base, work.Replace))
	}
	for _, root := range slices.Clone(roots) {
		name := filepath.Join(root, "go.mod")
		data, _, err := s.read(name)
		if err != nil {
			continue
		}
		if mod, err := modfile.Parse(name, data, nil); err == nil { // ParseLax passes over replacements
			add(replacements(root, mod.Replace))
		}
	}
	return roots
}

// replacements are the folders that stand in for modules.
func replacements(base string, rs []*modfile.Replace) []string {
	var dirs []string
	for _, r := range rs {
		if r.New.Version == "" {
			dirs = append(dirs, folder(base, r.New.Path))
		}
	}
	return dirs
}

// folder is the absolute path of a folder that a file in base names.
func folder(base, named string) string {
	dir := filepath.FromSlash(named)
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(base, dir)
	}
	return filepath.Clean(dir)
}

// parsedWork reads a go.work; it returns nil where there is none, or the go
// command has something to say of it.
func (s *Snapshot) parsedWork(file string) *modfile.WorkFile {
	if file == "" {
		return nil
	}
	data, _, err := s.read(file)
	if err != nil {
		return nil
	}
	work, err := modfile.ParseWork(file, data, nil)
	if err != nil {
		return nil
	}
	return work
}

// WorkFile is the go.work that the go command uses, or "".
func (s *Snapshot) WorkFile() string {
	file, ok := lookup(s.env, "GOWORK")
	if !ok || file == "" {
		file = s.configured("GOWORK")
	}
	if file == "off" {
		return ""
	}
	if file != "" && file != "auto" {
		return file
	}
	for dir := s.dir; ; dir = filepath.Dir(dir) {
		if f := filepath.Join(dir, "go.work"); isFile(f) {
			return f
		}
		if dir == filepath.Dir(dir) {
			return ""
		}
	}
}

// beyond covers what l holds of the source outside of what fingerprint looks
// at: packages behind symbolic links, vendored ones, and files to embed.
func (s *Snapshot) beyond(l *listing) string {
	h := sha256.New()
	inside := map[string]bool{}
	for _, root := range s.roots() {
		for _, f := range s.walk(root) {
			inside[f] = true
		}
	}
	for _, id := range slices.Sorted(maps.Keys(l.packages)) {
		m := l.packages[id]
		vendored := m.Module != nil && s.vendored(m)
		if !m.fromSource && !vendored {
			continue
		}
		if len(m.GoFiles) == 0 || !inside[m.GoFiles[0]] || vendored {
			for _, f := range s.sourcesIn(m.Dir) {
				fmt.Fprintf(h, "%s %s\n", s.Rel(f), s.headerIn(f))
			}
		}
		for _, f := range m.EmbedFiles {
			fmt.Fprintf(h, "%s %s\n", s.Rel(f), s.state(f).err)
		}
		for _, f := range embeddable(m.Dir, m.EmbedPatterns) {
			fmt.Fprintf(h, "could embed %s\n", s.Rel(f))
		}
	}
	return sum(h)
}

// sourcesIn lists the source files in one folder.
func (s *Snapshot) sourcesIn(dir string) []string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	var files []string
	for _, e := range entries {
		if !e.IsDir() && slices.Contains(sources, filepath.Ext(e.Name())) {
			files = append(files, filepath.Join(dir, e.Name()))
		}
	}
	return files
}

// embeddable lists the files that patterns of go:embed in a folder could match:
// all of them and some more. The patterns have the folder before them, as
// go/packages gives them.
func embeddable(dir string, patterns []string) []string {
	var files []string
	for _, p := range patterns {
		p = strings.TrimPrefix(p, dir+string(filepath.Separator))
		p = strings.TrimPrefix(p, "all:")
		matches, _ := filepath.Glob(filepath.Join(escapeGlob.Replace(dir), filepath.FromSlash(p)))
		for _, match := range matches {
			filepath.WalkDir(match, func(name string, d fs.DirEntry, err error) error {
				if err == nil && !d.IsDir() {
					files = append(files, name)
				}
				return nil
			})
		}
	}
	return files
}

var escapeGlob = strings.NewReplacer(`*`, `[*]`, `?`, `[?]`, `[`, `[[]`)
