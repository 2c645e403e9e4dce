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

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/split"
)

const (
	stateDir   = "/var/lib/unweld"
	tlsDir     = "/etc/unweld/tls"
	tmpDir     = "/tmp"
	user       = 65532 // "nonroot" of the usual minimal images
	stateSize  = "1Gi"
	configHash = "unweld-config" // annotation: pods are replaced when it changes
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
func (u *unit) objects() ([]runtime.Object, error) {
	if dirs := u.stateDirs(); len(dirs) > 1 {
		return nil, &component.UsageError{Object: "unit " + u.plan.Name, Reason: "keeps state in several folders: " + strings.Join(dirs, ", "), Hint: "give the unit one: state: {path: DIR}"}
	}
	config := u.config()
	pod, err := u.pod(config)
	if err != nil {
		return nil, err
	}
	objects := []runtime.Object{config}
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

func (u *unit) labels() map[string]string {
	return map[string]string{
		"app.kubernetes.io/name":       objectName(u.opts.App),
		"app.kubernetes.io/component":  u.name,
		"app.kubernetes.io/part-of":    objectName(u.opts.App),
		"app.kubernetes.io/managed-by": "unweld",
	}
}

// selector are the labels that never change.
func (u *unit) selector() map[string]string {
	l := u.labels()
	return map[string]string{"app.kubernetes.io/name": l["app.kubernetes.io/name"], "app.kubernetes.io/component": u.name}
}

func (u *unit) meta(suffix string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Name: u.name + suffix, Labels: u.labels()}
}

// config is the environment by which the unit's processes know what they are.
func (u *unit) config() *corev1.ConfigMap {
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
	return &corev1.ConfigMap{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "ConfigMap"},
		ObjectMeta: u.meta("-split"),
		Data:       data,
	}
}

func envName(component string) string {
	return strings.ToUpper(strings.ReplaceAll(component, "-", "_"))
}

// pod is what each of the unit's processes runs in.
func (u *unit) pod(config *corev1.ConfigMap) (corev1.PodTemplateSpec, error) {
	resources, err := u.resources()
	if err != nil {
		return corev1.PodTemplateSpec{}, err
	}
	text, err := json.Marshal(config.Data) // sorted by key
	if err != nil {
		return corev1.PodTemplateSpec{}, err
	}
	sum := sha256.Sum256(text)
	c := corev1.Container{
		Name: "unit", Image: u.image, Resources: resources,
		EnvFrom: []corev1.EnvFromSource{{ConfigMapRef: &corev1.ConfigMapEnvSource{LocalObjectReference: corev1.LocalObjectReference{Name: config.Name}}}},
		Env:     u.env(),
		Ports:   u.containerPorts(),
		SecurityContext: &corev1.SecurityContext{
			AllowPrivilegeEscalation: new(false), ReadOnlyRootFilesystem: new(true),
			Capabilities: &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
		},
	}
	u.probes(&c)
	spec := corev1.PodSpec{
		AutomountServiceAccountToken: new(false), EnableServiceLinks: new(false),
		SecurityContext: &corev1.PodSecurityContext{
			RunAsNonRoot: new(true), RunAsUser: new(int64(user)), RunAsGroup: new(int64(user)), FSGroup: new(int64(user)),
			SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
		},
	}
	u.volumes(&spec, &c)
	spec.Containers = []corev1.Container{c}
	return corev1.PodTemplateSpec{
		ObjectMeta: metav1.ObjectMeta{Labels: u.labels(), Annotations: map[string]string{configHash: hex.EncodeToString(sum[:8])}},
		Spec:       spec,
	}, nil
}

// env is what the user gives the unit, and what the links need.
func (u *unit) env() []corev1.EnvVar {
	vars := map[string]corev1.EnvVar{}
	if u.needsTLS() {
		for name, file := range map[string]string{"UNWELD_TLS_CERT": "tls.crt", "UNWELD_TLS_KEY": "tls.key", "UNWELD_TLS_CA": "ca.crt"} {
			vars[name] = corev1.EnvVar{Name: name, Value: tlsDir + "/" + file}
		}
	}
	for name, value := range u.plan.Env {
		vars[name] = corev1.EnvVar{Name: name, Value: value}
	}
	for name, s := range u.plan.Secrets {
		secret, key, _ := strings.Cut(s.From, "/")
		vars[name] = corev1.EnvVar{Name: name, ValueFrom: &corev1.EnvVarSource{
			SecretKeyRef: &corev1.SecretKeySelector{LocalObjectReference: corev1.LocalObjectReference{Name: secret}, Key: key},
		}}
	}
	var list []corev1.EnvVar
	for _, name := range slices.Sorted(maps.Keys(vars)) {
		list = append(list, vars[name])
	}
	return list
}

func (u *unit) volumes(spec *corev1.PodSpec, c *corev1.Container) {
	add := func(name, at string, readOnly bool, source *corev1.VolumeSource) {
		if source != nil {
			spec.Volumes = append(spec.Volumes, corev1.Volume{Name: name, VolumeSource: *source})
		}
		c.VolumeMounts = append(c.VolumeMounts, corev1.VolumeMount{Name: name, MountPath: at, ReadOnly: readOnly})
	}
	add("tmp", tmpDir, false, &corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}})
	if u.needsTLS() {
		add("tls", tlsDir, true, &corev1.VolumeSource{Secret: &corev1.SecretVolumeSource{SecretName: u.name + "-tls"}})
	}
	if u.state {
		add("state", u.mount, false, nil) // the StatefulSet claims it
	}
}

func (u *unit) resources() (corev1.ResourceRequirements, error) {
	list := func(amounts map[string]string) (corev1.ResourceList, error) {
		var l corev1.ResourceList
		for _, name := range slices.Sorted(maps.Keys(amounts)) {
			q, err := resource.ParseQuantity(amounts[name])
			if err != nil {
				return nil, &component.UsageError{Object: "unit " + u.plan.Name, Reason: fmt.Sprintf("%s %q: %v", name, amounts[name], err), Hint: "for example 500m or 64Mi"}
			}
			if l == nil {
				l = corev1.ResourceList{}
			}
			l[corev1.ResourceName(name)] = q
		}
		return l, nil
	}
	requests, err := list(u.plan.Resources.Requests)
	if err != nil {
		return corev1.ResourceRequirements{}, err
	}
	limits, err := list(u.plan.Resources.Limits)
	return corev1.ResourceRequirements{Requests: requests, Limits: limits}, err
}

// probes ask whether the unit listens: for others when it has opened what it
// hosts, and at its own ports when the program has come that far.
func (u *unit) probes(c *corev1.Container) {
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
	probe := func(failures int32) *corev1.Probe {
		return &corev1.Probe{
			ProbeHandler:  corev1.ProbeHandler{TCPSocket: &corev1.TCPSocketAction{Port: intstr.FromString(last.name)}},
			PeriodSeconds: 5, FailureThreshold: failures,
		}
	}
	c.StartupProbe, c.ReadinessProbe, c.LivenessProbe = probe(60), probe(2), probe(6)
}

// workload runs the pods: at most one at a time where there is state.
func (u *unit) workload(pod corev1.PodTemplateSpec) runtime.Object {
	selector := &metav1.LabelSelector{MatchLabels: u.selector()}
	replicas := new(int32(max(1, u.plan.Scale.Min)))
	if u.scales() {
		replicas = nil // the autoscaler's
	}
	if u.state {
		return &appsv1.StatefulSet{
			TypeMeta: metav1.TypeMeta{APIVersion: "apps/v1", Kind: "StatefulSet"}, ObjectMeta: u.meta(""),
			Spec: appsv1.StatefulSetSpec{
				Replicas: replicas, Selector: selector, Template: pod, ServiceName: u.name,
				VolumeClaimTemplates: []corev1.PersistentVolumeClaim{{
					ObjectMeta: metav1.ObjectMeta{Name: "state"},
					Spec: corev1.PersistentVolumeClaimSpec{
						AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOncePod},
						Resources:   corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse(stateSize)}},
					},
				}},
			},
		}
	}
	d := &appsv1.Deployment{
		TypeMeta: metav1.TypeMeta{APIVersion: "apps/v1", Kind: "Deployment"}, ObjectMeta: u.meta(""),
		Spec: appsv1.DeploymentSpec{Replicas: replicas, Selector: selector, Template: pod},
	}
	if u.alone() {
		d.Spec.Strategy = appsv1.DeploymentStrategy{Type: appsv1.RecreateDeploymentStrategyType}
	}
	return d
}

// alone reports whether there must never be two processes of the unit, not even
// while one takes the place of the other.
func (u *unit) alone() bool {
	return slices.ContainsFunc(u.emitter.plan.Components, func(c split.PlanComponent) bool {
		return c.Unit == u.plan.Name && c.OneOwner()
	})
}
