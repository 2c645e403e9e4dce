package lsp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/sourcegraph/jsonrpc2"
	"go.lsp.dev/protocol"

	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/split"
	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/lsp/convert"
	"github.com/unweld/unweld/lsp/wire"
)

// A moduleParams are the parameters of requests and commands about a whole module.
type moduleParams struct {
	// URI is a file or folder of the module; empty: the module of a file that is
	// open, or of a folder of the workspace.
	URI protocol.DocumentURI `json:"uri"`
}

// module returns the module that a request is about, as v sees it.
func (s *server) module(ctx context.Context, v view, uri protocol.DocumentURI) (*project, error) {
	path, err := s.fileOf(v, uri)
	if err != nil {
		return nil, err
	}
	return s.project(ctx, v, path)
}

// fileOf returns a path in the module that a request is about.
func (s *server) fileOf(v view, uri protocol.DocumentURI) (string, error) {
	if uri != "" {
		path, ok := pathOf(uri)
		if ok {
			path = filepath.Join(path, split.FileName) // in the folder, or below a file, which is the same module
			_, ok = s.workspace.rootOf(path)
		}
		if !ok {
			return "", failed("%s isn't in a module of the workspace", uri)
		}
		return path, nil
	}
	for _, path := range slices.Sorted(maps.Keys(v)) {
		if _, ours := s.workspace.rootOf(path); ours {
			return path, nil
		}
	}
	for _, folder := range s.workspace.all() {
		path := filepath.Join(folder, split.FileName)
		if _, ours := s.workspace.rootOf(path); ours {
			return path, nil
		}
	}
	return "", failed("no Go module is open")
}

// failed is the error of a request that is right and can't be done.
func failed(format string, args ...any) error {
	return &jsonrpc2.Error{Code: wire.RequestFailed, Message: fmt.Sprintf(format, args...)}
}

// chosenSplits are the splits that the user chose since the server began, by root of
// the module. They count before the settings.
type chosenSplits struct {
	mu sync.Mutex
	by map[string]string
}

func (c *chosenSplits) set(root, split string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.by == nil {
		c.by = map[string]string{}
	}
	if split == "" {
		delete(c.by, root)
	} else {
		c.by[root] = split
	}
}

// splitOf is the split that the user chose for a module, or "".
func (s *server) splitOf(root string) string {
	s.chosen.mu.Lock()
	chosen := s.chosen.by[root]
	s.chosen.mu.Unlock()
	if st := s.settings.Load(); chosen == "" && st != nil {
		return st.Split
	}
	return chosen
}

// overview looks at the module that a request is about.
func (s *server) overview(ctx context.Context, v view, uri protocol.DocumentURI) (*project, *engine.Overview, error) {
	p, err := s.module(ctx, v, uri)
	if err != nil {
		return nil, nil, err
	}
	say, done := s.progress("Unweld looks at "+filepath.Base(p.Root), nil)
	defer done()
	o, err := p.WithProgress(say).Overview(ctx, s.splitOf(p.Root))
	return p, o, err
}

// A severityCount is how many hazards there are of each severity.
type severityCount struct {
	Error   int `json:"error"`
	Warning int `json:"warning"`
	Info    int `json:"info"`
}

func (c *severityCount) add(severity component.Severity) {
	switch severity {
	case component.Error:
		c.Error++
	case component.Warn:
		c.Warning++
	default:
		c.Info++
	}
}

// countHazards counts hazards by component.
func countHazards(found *component.Result) map[string]*severityCount {
	by := map[string]*severityCount{}
	for _, c := range found.Components {
		by[c.Name] = &severityCount{}
	}
	for _, h := range found.Hazards {
		if c := by[h.Component]; c != nil {
			c.add(h.Severity)
		}
	}
	return by
}

// placed returns v as JSON in which each object with a "pos", file:line:column as the
// command line prints it, has a "location" beside it, as the protocol has places.
func placed(p *project, v any) (any, error) {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	var tree any
	if err := json.Unmarshal(raw, &tree); err != nil {
		return nil, err
	}
	files := &indexed{project: p, lines: map[string]linesOf{}, on: map[string]version{}}
	files.place(tree)
	return tree, nil
}

// place adds locations to what is in tree.
func (f *indexed) place(tree any) {
	switch tree := tree.(type) {
	case []any:
		for _, x := range tree {
			f.place(x)
		}
	case map[string]any:
		for _, x := range tree {
			f.place(x)
		}
		if pos, ok := tree["pos"].(string); ok && pos != "" {
			if at, err := f.location(pos); err == nil {
				tree["location"] = at
			}
		}
	}
}

// location converts file:line:column.
func (f *indexed) location(pos string) (*protocol.Location, error) {
	file, col, _ := cutLast(pos)
	file, line, ok := cutLast(file)
	if !ok {
		return nil, errors.New("no position")
	}
	lines, content, err := f.Lines(file)
	if err != nil {
		return nil, err
	}
	return &protocol.Location{URI: f.URI(file), Range: convert.Word(lines, content, text.Span{File: file, Line: line, Col: col})}, nil
}

func cutLast(s string) (before string, n int, ok bool) {
	i := strings.LastIndexByte(s, ':')
	if i < 0 {
		return s, 0, false
	}
	n, err := strconv.Atoi(s[i+1:])
	return s[:i], n, err == nil
}
