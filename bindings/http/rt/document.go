package http

import (
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"

	"github.com/unweld/unweld/bindings/rt/link"
)

// A document is what is read of an OpenAPI document to join several.
type document struct {
	OpenAPI    string                                `json:"openapi"`
	Info       map[string]json.RawMessage            `json:"info"`
	Servers    []map[string]string                   `json:"servers,omitempty"`
	Tags       []json.RawMessage                     `json:"tags,omitempty"`
	Paths      map[string]map[string]json.RawMessage `json:"paths"`
	Components map[string]map[string]json.RawMessage `json:"components"`
}

// document answers with what can be called at this address.
func (m *mount) document(w http.ResponseWriter) {
	var all *document
	for _, c := range components() {
		_, err := m.accept(link.Hello{Component: c.Name})
		var version *link.VersionError
		if err != nil && !errors.As(err, &version) {
			continue // it isn't here
		}
		var one document
		if err := c.document(&one); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		if all == nil {
			all = &one
			continue
		}
		all.join(&one)
	}
	if all == nil {
		http.Error(w, "no component is here", http.StatusNotFound)
		return
	}
	if m.prefix != "" {
		all.Servers = []map[string]string{{"url": m.prefix}}
	}
	out, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", typeJSON)
	_, _ = w.Write(append(out, '\n'))
}

func (c *Component) document(d *document) error {
	if c.Document == nil {
		return errors.New(c.Name + " has no document")
	}
	files, err := fs.Glob(c.Document, "*")
	if err != nil || len(files) != 1 {
		return errors.New(c.Name + " has no document")
	}
	content, err := fs.ReadFile(c.Document, files[0])
	if err != nil {
		return err
	}
	return json.Unmarshal(content, d)
}

// join adds the calls and schemas of another component.
func (d *document) join(o *document) {
	d.Info["title"] = json.RawMessage(`"The components at this address"`)
	delete(d.Info, "description")
	d.Tags = append(d.Tags, o.Tags...)
	for path, calls := range o.Paths {
		if d.Paths[path] == nil {
			d.Paths[path] = map[string]json.RawMessage{}
		}
		for method, call := range calls {
			d.Paths[path][method] = call
		}
	}
	for kind, named := range o.Components {
		if d.Components[kind] == nil {
			d.Components[kind] = map[string]json.RawMessage{}
		}
		for name, what := range named {
			d.Components[kind][name] = what
		}
	}
}
