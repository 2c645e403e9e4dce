package engine

import (
	"context"
	"slices"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/split"
)

// BaselineName is the name of a baseline where none is given.
const BaselineName = "unweld.baseline.json"

// Declare returns the change that adds a component that was found to unweld.yaml, with
// the packages that it has now. The file is made if there is none. What find makes up
// can be another component after the next change; what is declared stays.
func (s *Session) Declare(ctx context.Context, name string) (change.Set, error) {
	cfg, there, err := s.Config()
	if err != nil {
		return change.Set{}, err
	}
	found, err := s.find(ctx, cfg, FindOptions{})
	if err != nil {
		return change.Set{}, err
	}
	if _, declared := cfg.Components[name]; declared {
		return change.Set{}, &component.UsageError{Object: name, Reason: "is in " + split.FileName + " already"}
	}
	if !slices.ContainsFunc(found.Components, func(c component.Found) bool { return c.Name == name }) {
		return change.Set{}, &component.UsageError{Object: name, Reason: "is no component that was found", Hint: "unweld find lists the components"}
	}
	before := map[string][]byte{}
	var content []byte
	if there {
		if content, _, err = s.snap.Content(split.FileName); err != nil {
			return change.Set{}, err
		}
		before[split.FileName] = content
	}
	after, err := declare(content, packageOwners(found, s.Module), name)
	if err != nil {
		return change.Set{}, err
	}
	return change.Between("add component "+name+" to "+split.FileName, before, map[string][]byte{split.FileName: after}), nil
}

// declare returns a configuration, nil if there is none, with one more component.
func declare(content []byte, of owners, name string) ([]byte, error) {
	after, err := split.Declare(split.Section(content), name, split.Component{Packages: of.patterns(name)})
	if err != nil {
		return nil, &component.UsageError{Object: split.FileName, Reason: err.Error(), Hint: "write it by hand"}
	}
	return after, nil
}
