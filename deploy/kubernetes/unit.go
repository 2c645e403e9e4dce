package kubernetes

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/split"
)

const (
	stateDir     = "/var/lib/unweld"
	tlsDir       = "/etc/unweld/tls"
	tmpDir       = "/tmp"
	user         = 65532 // "nonroot" of the usual minimal images
	stateSize    = "1Gi"
	configHash   = "unweld-config" // annotation: pods are replaced when it changes
	configSuffix = "-split"        // of the name of the unit's ConfigMap
	partOf       = "app.kubernetes.io/part-of"
)

// A unit is one unit of the plan on its way to objects.
type unit struct {
	*emitter
	plan  *split.PlanUnit
	name  string // of its objects
	state bool   // it keeps state in files
	mount string // where
	image string
}

func (e *emitter) unit(pu *split.PlanUnit) *unit {
	u := &unit{emitter: e, plan: pu, name: objectName(pu.Name), mount: stateDir, image: pu.Image}
	for _, c := range e.plan.Components {
		if c.Unit == pu.Name && c.Store != "" && !c.RemoteState {
			u.state = true
			if path.IsAbs(c.StatePath) {
				u.mount = path.Dir(c.StatePath)
			}
		}
	}
	if u.image == "" {
		u.image = objectName(e.opts.App) + ":latest"
		e.warn(pu, fmt.Sprintf("unit %s names no image; %s stands there", pu.Name, u.image), "image: REGISTRY/NAME:TAG")
	}
	if e.needsTLS() {
		e.warn(pu, fmt.Sprintf("unit %s needs the secret %s-tls, with tls.crt for the name %s, tls.key and ca.crt", pu.Name, u.name, u.name), "")
	}
	return u
}

func (e *emitter) warn(u *split.PlanUnit, message, hint string) {
	e.opts.Warn(split.Problem{Code: "split-target", Severity: component.Warn, Span: u.Span, Message: message, Hint: hint})
}

// objects are all of the unit, in the order in which they are wanted.
func (u *unit) objects() ([]object, error) {
	if dirs := u.stateDirs(); len(dirs) > 1 {
		return nil, &component.UsageError{Object: "unit " + u.plan.Name, Reason: "keeps state in several folders: " + strings.Join(dirs, ", "), Hint: "give the unit one: state: {path: DIR}"}
	}
	config := u.config()
	pod, err := u.pod(config)
	if err != nil {
		return nil, err
	}
	objects := []object{config}
	if s := u.service(); s != nil {
		objects = append(objects, s)
	}
	objects = append(objects, u.workload(pod), u.policy())
	if h := u.autoscaler(); h != nil {
		objects = append(objects, h)
	}
	return objects, nil
}

// stateDirs lists the folders of the unit's state files, sorted.
func (u *unit) stateDirs() []string {
	var dirs []string
	for _, c := range u.emitter.plan.Components {
		if c.Unit == u.plan.Name && c.Store != "" && !c.RemoteState {
			dirs = append(dirs, path.Dir(u.statePath(c)))
		}
	}
	slices.Sort(dirs)
	return slices.Compact(dirs)
}

// statePath is where a component with a store keeps its state.
func (u *unit) statePath(c split.PlanComponent) string {
	switch {
	case c.RemoteState || path.IsAbs(c.StatePath):
		return c.StatePath
	case c.StatePath == "":
		return path.Join(stateDir, c.StateFile)
	}
	return path.Join(stateDir, path.Base(c.StatePath))
}

func (u *unit) labels() object {
	return object{
		"app.kubernetes.io/name":       objectName(u.opts.App),
		"app.kubernetes.io/component":  u.name,
		partOf:                         objectName(u.opts.App),
		"app.kubernetes.io/managed-by": "unweld",
	}
}

// selector are the labels that never change.
func (u *unit) selector() object {
	l := u.labels()
	return object{"app.kubernetes.io/name": l["app.kubernetes.io/name"], "app.kubernetes.io/component": u.name}
}

func (u *unit) meta(suffix string) object {
	return object{"name": u.name + suffix, "labels": u.labels()}
}

// matching is a selector of those that have all of these labels.
func matching(labels object) object { return object{"matchLabels": labels} }

// config is the environment by which the unit's processes know what they are.
func (u *unit) config() object {
	hosted := slices.Clone(u.plan.Components)
	slices.Sort(hosted)
	data := map[string]string{"UNWELD_SPLIT": u.emitter.plan.Split, "UNWELD_UNIT": u.plan.Name, "UNWELD_HOST": strings.Join(hosted, ",")}
	if u.plan.Name == u.emitter.plan.Entry {
		data["UNWELD_ENTRY"] = "1"
	}
	for _, l := range u.emitter.plan.Links {
		data["UNWELD_LINK_"+envName(l.Component)] = u.address(l, u.plan.Name)
	}
	for _, c := range u.emitter.plan.Components {
		if c.Unit == u.plan.Name && c.Store != "" {
			data["UNWELD_STATE_"+envName(c.Name)] = u.statePath(c)
		}
	}
	return object{"apiVersion": "v1", "kind": "ConfigMap", "metadata": u.meta(configSuffix), "data": data}
}

func envName(component string) string {
	return strings.ToUpper(strings.ReplaceAll(component, "-", "_"))
}

// pod is what each of the unit's processes runs in.
func (u *unit) pod(config object) (object, error) {
	resources, err := u.resources()
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(config["data"]) // sorted by key
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(text)
	container := object{
		"name": "unit", "image": u.image, "resources": resources,
		"envFrom": []object{{"configMapRef": object{"name": u.name + configSuffix}}},
		"securityContext": object{
			"allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true,
			"capabilities": object{"drop": []string{"ALL"}},
		},
	}
	container.list("env", u.env()).list("ports", u.containerPorts())
	u.probes(container)
	spec := object{
		"automountServiceAccountToken": false, "enableServiceLinks": false,
		"securityContext": object{
			"runAsNonRoot": true, "runAsUser": user, "runAsGroup": user, "fsGroup": user,
			"seccompProfile": object{"type": "RuntimeDefault"},
		},
		"containers": []object{container},
	}
	u.volumes(spec, container)
	return object{
		"metadata": object{"labels": u.labels(), "annotations": object{configHash: hex.EncodeToString(sum[:8])}},
		"spec":     spec,
	}, nil
}

// env is what the user gives the unit, and what the links need.
func (u *unit) env() []object {
	vars := map[string]object{}
	if u.needsTLS() {
		for name, file := range map[string]string{"UNWELD_TLS_CERT": "tls.crt", "UNWELD_TLS_KEY": "tls.key", "UNWELD_TLS_CA": "ca.crt"} {
			vars[name] = object{"name": name, "value": tlsDir + "/" + file}
		}
	}
	for name, value := range u.plan.Env {
		vars[name] = object{"name": name, "value": value}
		if value == "" { // which is what no value means
			delete(vars[name], "value")
		}
	}
	for name, s := range u.plan.Secrets {
		secret, key, _ := strings.Cut(s.From, "/")
		vars[name] = object{"name": name, "valueFrom": object{"secretKeyRef": object{"name": secret, "key": key}}}
	}
	var list []object
	for _, name := range slices.Sorted(maps.Keys(vars)) {
		list = append(list, vars[name])
	}
	return list
}

// volumes adds what is mounted to the container and, unless the StatefulSet
// claims it, to the pod.
func (u *unit) volumes(spec, container object) {
	mounts := []object{{"name": "tmp", "mountPath": tmpDir}}
	volumes := []object{{"name": "tmp", "emptyDir": object{}}}
	if u.needsTLS() {
		mounts = append(mounts, object{"name": "tls", "mountPath": tlsDir, "readOnly": true})
		volumes = append(volumes, object{"name": "tls", "secret": object{"secretName": u.name + "-tls"}})
	}
	if u.state {
		mounts = append(mounts, object{"name": "state", "mountPath": u.mount})
	}
	spec["volumes"], container["volumeMounts"] = volumes, mounts
}

func (u *unit) resources() (object, error) {
	resources := object{}
	for _, field := range []string{"requests", "limits"} {
		amounts := u.plan.Resources.Requests
		if field == "limits" {
			amounts = u.plan.Resources.Limits
		}
		list := object{}
		for _, name := range slices.Sorted(maps.Keys(amounts)) {
			q, err := resource.ParseQuantity(amounts[name])
			if err != nil {
				return nil, &component.UsageError{Object: "unit " + u.plan.Name, Reason: fmt.Sprintf("%s %q: %v", name, amounts[name], err), Hint: "for example 500m or 64Mi"}
			}
			list[name] = q.String()
		}
		resources.with(field, list)
	}
	return resources, nil
}

// probes ask whether the unit listens: for others when it has opened what it
// hosts, and at its own ports when the program has come that far.
func (u *unit) probes(container object) {
	listens := u.listens()
	if len(listens) == 0 {
		return
	}
	last := listens[0]
	for _, p := range listens {
		if last.link && !p.link {
			last = p
		}
	}
	for name, failures := range map[string]int{"startupProbe": 60, "readinessProbe": 2, "livenessProbe": 6} {
		container[name] = object{"tcpSocket": object{"port": last.name}, "periodSeconds": 5, "failureThreshold": failures}
	}
}

// workload runs the pods: at most one at a time where there is state.
func (u *unit) workload(pod object) object {
	spec := object{"selector": matching(u.selector()), "template": pod}
	if !u.scales() { // else the autoscaler says how many
		spec["replicas"] = max(1, u.plan.Scale.Min)
	}
	o := object{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": u.meta(""), "spec": spec}
	switch {
	case u.state:
		o["kind"] = "StatefulSet"
		spec["serviceName"] = u.name
		spec["volumeClaimTemplates"] = []object{{
			"metadata": object{"name": "state"},
			"spec": object{
				"accessModes": []string{"ReadWriteOncePod"},
				"resources":   object{"requests": object{"storage": stateSize}},
			},
		}}
	case u.alone():
		spec["strategy"] = object{"type": "Recreate"}
	}
	return o
}

// alone reports whether there must never be two processes of the unit, not even
// while one takes the place of the other.
func (u *unit) alone() bool {
	return slices.ContainsFunc(u.emitter.plan.Components, func(c split.PlanComponent) bool {
		return c.Unit == u.plan.Name && c.OneOwner()
	})
}
