package breakcycle

import (
	"path"
	"strconv"
	"strings"

	"github.com/unweld/unweld/refactor"
)

// offer offers to end the import at the place, where it is one of the module's own
// packages.
func offer(in refactor.Input, site *refactor.Site) []refactor.Offer {
	spec := site.Import()
	if spec == nil || site.Test() || in.Snapshot == nil || in.Snapshot.Module == "" {
		return nil
	}
	to, err := strconv.Unquote(spec.Path.Value)
	if err != nil || !strings.HasPrefix(to, in.Snapshot.Module+"/") {
		return nil
	}
	o := refactor.Offer{
		Title:   "Break the dependency on " + path.Base(to),
		Request: refactor.Request{Target: site.Dir(), Params: map[string]string{paramOn: to}},
	}
	if spec.Name != nil && (spec.Name.Name == "." || spec.Name.Name == "_") {
		o.Disabled = "nothing says what is used of it here"
	}
	if site.Syntax.Name.Name == "main" {
		o.Disabled = "main is where everything is put together"
	}
	return []refactor.Offer{o}
}
