package kubernetes

import (
	"context"
	"fmt"
	"path"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"
	"sigs.k8s.io/yaml"

	"github.com/unweld/unweld/deploy"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/generate"
	"github.com/unweld/unweld/internal/split"
)

// Target is the table entry.
var Target = deploy.Target{
	Name: "kubernetes",
	Doc: `Objects of a Kubernetes cluster, as YAML: ` + "`unweld split emit NAME --target kubernetes`" + `.

Each unit is a Deployment, or a StatefulSet with a volume where a component in it
keeps its state in a file. Links go through Services, and NetworkPolicies let
nobody else use them; where a link needs TLS, each unit takes its certificate
from the secret UNIT-tls, with the keys tls.crt, tls.key and ca.crt.`,
	Takes: split.Capabilities{
		Packaging:   []string{"oci"},
		Runtime:     []string{"kubernetes"},
		Isolation:   []string{"container"},
		AcrossHosts: true, Replicas: true, ScaleOn: []string{"cpu", "memory"},
		Images: true, Resources: true,
	},
	Tools: []generate.Tool{{
		Name: "kubectl", For: "applying what is emitted: kubectl apply -f DIR", Version: []string{"version", "--client"},
		Find: "install it as the Kubernetes documentation says, for example from the package kubernetes-client or kubectl of the system",
	}},
	Check: check,
	Emit:  emit,
}

// check reports names that the objects of a cluster can't have, and addresses
// that have no meaning there.
func check(plan *split.Plan) []split.Problem {
	var ps []split.Problem
	add := func(u *split.PlanUnit, message, hint string) {
		ps = append(ps, split.Problem{Code: "split-target", Severity: component.Error, Span: u.Span, Message: message, Hint: hint})
	}
	units := map[string]string{}
	for i := range plan.Units {
		u := &plan.Units[i]
		name := objectName(u.Name)
		if errs := validation.IsDNS1035Label(name); len(errs) > 0 {
			add(u, fmt.Sprintf("unit %s: it isn't a valid name for a Service: %s", u.Name, errs[0]), "use up to 50 letters, digits and -, starting with a letter")
		} else if len(name) > maxUnit {
			add(u, fmt.Sprintf("unit %s: its name has %d characters, which leaves no room for the suffixes of its objects", u.Name, len(name)), fmt.Sprintf("use up to %d", maxUnit))
		}
		if other, twice := units[name]; twice {
			add(u, fmt.Sprintf("units %s and %s would both be called %s", other, u.Name, name), "rename one")
		}
		units[name] = u.Name
		ps = append(ps, checkState(plan, u)...)
		ps = append(ps, checkNeeds(plan, u)...)
	}
	return ps
}

// checkState reports state of which the cluster isn't told where it is.
func checkState(plan *split.Plan, u *split.PlanUnit) []split.Problem {
	var ps []split.Problem
	for _, name := range plan.Unresolved(u, func(string) bool { return false }) {
		ps = append(ps, split.Problem{Code: "split-target", Severity: component.Error, Span: u.Span,
			Message: fmt.Sprintf("unit %s: its state's path refers to %s, which the unit is given neither as env nor as a secret", u.Name, name),
			Hint:    "secrets: {" + name + ": {from: NAME/KEY}} in the unit"})
	}
	for _, name := range u.Components {
		c := plan.Component(name)
		switch {
		case c == nil || c.Store == "":
		case c.RemoteState && c.StatePath == "":
			ps = append(ps, split.NoLocation(u, c))
		case !c.RemoteState && !mountable(c.StatePath):
			ps = append(ps, split.Problem{Code: "split-target", Severity: component.Error, Component: name, Span: u.Span,
				Message: fmt.Sprintf("unit %s: no volume can be at %s, where the state of %s would be", u.Name, path.Dir(c.StatePath), name), Hint: "state: {path: " + stateDir + "}"})
		case !c.RemoteState && len(split.References(c.StatePath)) > 0:
			ps = append(ps, split.Problem{Code: "split-target", Severity: component.Error, Component: name, Span: u.Span,
				Message: fmt.Sprintf("unit %s: the volume for the state of %s needs a folder that is known", u.Name, name), Hint: "state: {path: /var/lib/state}"})
		}
	}
	return ps
}

// maxUnit leaves room in the 63 characters of a label for what a StatefulSet
// adds to the names of its pods.
const maxUnit = 50

// objectName is a unit's name as those of objects may be.
func objectName(unit string) string {
	return strings.ToLower(strings.NewReplacer("_", "-", ".", "-").Replace(unit))
}

func emit(_ context.Context, plan *split.Plan, o deploy.EmitOptions) ([]deploy.File, error) {
	if len(plan.Units) == 1 { // nobody else could call
		alone := *plan
		alone.Links, plan = nil, &alone
	}
	e := &emitter{plan: plan, opts: o}
	if err := e.givePorts(); err != nil {
		return nil, err
	}
	var files []deploy.File
	for i := range plan.Units {
		u := e.unit(&plan.Units[i])
		objects, err := u.objects()
		if err != nil {
			return nil, err
		}
		content, err := encode(objects)
		if err != nil {
			return nil, fmt.Errorf("unit %s: %w", plan.Units[i].Name, err)
		}
		files = append(files, deploy.File{Path: u.name + ".yaml", Content: content})
	}
	return files, nil
}

// encode writes objects as the documents of one file.
func encode(objects []object) (string, error) {
	var out strings.Builder
	for i, o := range objects {
		text, err := yaml.Marshal(o)
		if err != nil {
			return "", err
		}
		if i > 0 {
			out.WriteString("---\n")
		}
		out.Write(text)
	}
	return out.String(), nil
}
