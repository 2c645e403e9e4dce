package engine

import (
	"path"

	"github.com/unweld/unweld/internal/describe"
	"github.com/unweld/unweld/internal/lock"
	"github.com/unweld/unweld/internal/text"
)

// A Description is what was found about one declaration, or about a package where
// Subject has no name.
type Description = describe.Description

// Describe says what is known of the declaration, or of the call, at span. It
// reads what Find found out last, and analyses nothing: where that says nothing
// of the place, ok is false.
func (s *Session) Describe(span text.Span) (d *Description, ok bool) {
	found := s.living.found.Load()
	content, hash, err := s.snap.Content(span.File)
	if found == nil || err != nil || s.Module == "" {
		return nil, false
	}
	site := s.living.sites.at(content, hash, span, nil)
	if site == nil {
		return nil, false
	}
	if d, ok = describe.At(found, site, path.Join(s.Module, path.Dir(span.File))); ok {
		d.Contract = s.contractNamed(d.Component)
	}
	return d, ok
}

// contractNamed returns the contract of a component that unweld.yaml or
// unweld.lock names, or "".
func (s *Session) contractNamed(name string) string {
	if l, _, err := lock.Read(s.Root); err == nil && l.Components[name] != nil {
		return l.Components[name].Contract
	}
	if config, _, err := s.Config(); err == nil {
		return config.Components[name].Contract
	}
	return ""
}
