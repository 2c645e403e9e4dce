package codegen

import (
	"context"
	"fmt"
	"path"
	"strings"

	"github.com/unweld/unweld/bindings"
	"github.com/unweld/unweld/bindings/schema"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/generate"
)

// A Result is what was generated for one component.
type Result struct {
	// Output has every file: the generated package, what the bindings add, and
	// the run-time packages in use, which all components share.
	Output *generate.Output
	Lock   *schema.Lock // to be kept in unweld.lock
	Schema *schema.Schema
}

// Target is the package that the code of a contract is generated into.
func Target(c *component.Contract) component.Package {
	if c.Form == component.FormFuncs {
		return c.Package
	}
	name := strings.ReplaceAll(c.Component, "-", "") + "unweld"
	return component.Package{Path: c.Package.Path + "/" + name, Name: name, Dir: path.Join(c.Package.Dir, name)}
}

// OpenName is the function of that package which a composition root calls:
//
//	pricingunweld.Open(ctx, func(context.Context) (pricing.Service, error) {...}) // FormType
//	unweldOpen(local{})                                                            // FormFuncs
func OpenName(c *component.Contract) string {
	if c.Form == component.FormFuncs {
		return "unweldOpen"
	}
	return "Open"
}

// Generate makes everything that a component needs to be reached by the given
// bindings. previous is the schema part of unweld.lock, or nil. With problems
// of severity error there is no result.
func Generate(ctx context.Context, req *generate.Request, bs []*bindings.Binding, previous *schema.Lock) (*Result, []component.Problem, error) {
	return nil, nil, fmt.Errorf("no generator yet")
}
