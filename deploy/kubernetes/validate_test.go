package kubernetes

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"maps"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	metavalidation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/apimachinery/pkg/util/yaml"

	"github.com/unweld/unweld/deploy"
)

// A cluster is what an emitted split makes of one, as far as objects name each
// other.
type cluster struct {
	*testing.T
	at       string // the object that is looked at
	objects  map[string]runtime.Object
	pods     []corev1.PodTemplateSpec
	services []*corev1.Service
}

// validate decodes the files as strictly as an API server can, and checks what
// it checks: the form of names, labels, ports, and that objects name others that
// are there.
func validate(t *testing.T, files []deploy.File) {
	c := &cluster{T: t, objects: map[string]runtime.Object{}}
	for _, f := range files {
		c.decode(f)
	}
	for at, o := range c.objects {
		c.at = at
		c.object(o)
	}
}

func (c *cluster) decode(f deploy.File) {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{corev1.AddToScheme, appsv1.AddToScheme, autoscalingv2.AddToScheme, networkingv1.AddToScheme} {
		if err := add(scheme); err != nil {
			c.Fatal(err)
		}
	}
	strict := serializer.NewCodecFactory(scheme, serializer.EnableStrict).UniversalDeserializer()
	documents := yaml.NewYAMLReader(bufio.NewReader(strings.NewReader(f.Content)))
	for {
		text, err := documents.Read()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			c.Fatal(err)
		}
		o, kind, err := strict.Decode(text, nil, nil)
		if err != nil {
			c.Errorf("%s: %v\n%s", f.Path, err, text)
			continue
		}
		m, err := meta.Accessor(o)
		if err != nil {
			c.Fatal(err)
		}
		name := kind.Kind + "/" + m.GetName()
		if _, twice := c.objects[name]; twice {
			c.Errorf("%s: %s twice", f.Path, name)
		}
		c.objects[name] = o
		switch o := o.(type) {
		case *appsv1.Deployment:
			c.pods = append(c.pods, o.Spec.Template)
		case *appsv1.StatefulSet:
			c.pods = append(c.pods, o.Spec.Template)
		case *corev1.Service:
			c.services = append(c.services, o)
		}
		if bytes.Contains(text, []byte("status:")) || bytes.Contains(text, []byte("creationTimestamp")) {
			c.Errorf("%s: says what only the cluster knows", name)
		}
	}
}

func (c *cluster) errs(list []string) {
	if len(list) > 0 {
		c.Errorf("%s: %v", c.at, list)
	}
}

func (c *cluster) fields(list field.ErrorList) {
	if len(list) > 0 {
		c.Errorf("%s: %v", c.at, list.ToAggregate())
	}
}

func (c *cluster) object(o runtime.Object) {
	m, _ := meta.Accessor(o)
	m.SetNamespace("default")
	c.fields(apivalidation.ValidateObjectMetaAccessor(m, true, apivalidation.NameIsDNSSubdomain, field.NewPath("metadata")))
	m.SetNamespace("")
	switch o := o.(type) {
	case *corev1.ConfigMap:
		for key := range o.Data {
			c.errs(validation.IsConfigMapKey(key))
			c.errs(validation.IsEnvVarName(key))
		}
	case *corev1.Service:
		c.errs(validation.IsDNS1035Label(o.Name))
		c.service(o)
	case *appsv1.Deployment:
		c.workload(o.Spec.Selector, o.Spec.Template, nil)
	case *appsv1.StatefulSet:
		c.workload(o.Spec.Selector, o.Spec.Template, o.Spec.VolumeClaimTemplates)
		if c.objects["Service/"+o.Spec.ServiceName] == nil {
			c.Errorf("%s: no Service %s", c.at, o.Spec.ServiceName)
		}
		if *o.Spec.Replicas != 1 {
			c.Errorf("%s: %d processes with one state", c.at, *o.Spec.Replicas)
		}
	case *networkingv1.NetworkPolicy:
		c.fields(metavalidation.ValidateLabelSelector(&o.Spec.PodSelector, metavalidation.LabelSelectorValidationOptions{}, field.NewPath("spec")))
		c.selects(o.Spec.PodSelector.MatchLabels, 1)
		for _, rule := range o.Spec.Ingress {
			for _, from := range rule.From {
				c.selects(from.PodSelector.MatchLabels, len(c.pods))
			}
			for _, p := range rule.Ports {
				c.portNamed(o.Spec.PodSelector.MatchLabels, p.Port.StrVal)
			}
		}
	case *autoscalingv2.HorizontalPodAutoscaler:
		to := o.Spec.ScaleTargetRef
		d, ok := c.objects[to.Kind+"/"+to.Name].(*appsv1.Deployment)
		if !ok || d.Spec.Replicas != nil || *o.Spec.MinReplicas < 1 || *o.Spec.MinReplicas > o.Spec.MaxReplicas || len(o.Spec.Metrics) == 0 {
			c.Errorf("%s: %+v scales %+v", c.at, o.Spec, d)
		}
	default:
		c.Errorf("%s: unexpected %T", c.at, o)
	}
}

// selects wants a selector to find so many of the pods.
func (c *cluster) selects(selector map[string]string, want int) {
	n := 0
	for _, p := range c.pods {
		if labels.SelectorFromSet(selector).Matches(labels.Set(p.Labels)) {
			n++
		}
	}
	if n != want {
		c.Errorf("%s: %v finds %d pods, want %d", c.at, selector, n, want)
	}
}

func (c *cluster) portNamed(selector map[string]string, name string) {
	for _, p := range c.pods {
		if !labels.SelectorFromSet(selector).Matches(labels.Set(p.Labels)) {
			continue
		}
		for _, port := range p.Spec.Containers[0].Ports {
			if port.Name == name {
				return
			}
		}
	}
	c.Errorf("%s: no pod has a port %q", c.at, name)
}

func (c *cluster) service(s *corev1.Service) {
	c.selects(s.Spec.Selector, 1)
	for _, p := range s.Spec.Ports {
		c.errs(validation.IsValidPortNum(int(p.Port)))
		c.errs(validation.IsDNS1123Label(p.Name))
		c.portNamed(s.Spec.Selector, p.TargetPort.StrVal)
	}
	if len(s.Spec.Ports) == 0 && s.Spec.ClusterIP != corev1.ClusterIPNone {
		c.Errorf("%s: has no port", c.at)
	}
}

func (c *cluster) workload(selector *metav1.LabelSelector, pod corev1.PodTemplateSpec, claims []corev1.PersistentVolumeClaim) {
	c.fields(metavalidation.ValidateLabelSelector(selector, metavalidation.LabelSelectorValidationOptions{}, field.NewPath("spec")))
	c.fields(metavalidation.ValidateLabels(pod.Labels, field.NewPath("labels")))
	c.selects(selector.MatchLabels, 1)
	volumes := map[string]bool{}
	for _, v := range pod.Spec.Volumes {
		volumes[v.Name] = true
	}
	for _, v := range claims {
		volumes[v.Name] = true
	}
	container := pod.Spec.Containers[0]
	mounts := map[string]bool{}
	for _, m := range container.VolumeMounts {
		mounts[m.Name] = true
	}
	if !maps.Equal(volumes, mounts) {
		c.Errorf("%s: volumes %v, mounted %v", c.at, volumes, mounts)
	}
	numbers := map[int32]bool{}
	for _, p := range container.Ports {
		c.errs(validation.IsValidPortNum(int(p.ContainerPort)))
		c.errs(validation.IsValidPortName(p.Name))
		if numbers[p.ContainerPort] {
			c.Errorf("%s: port %d twice", c.at, p.ContainerPort)
		}
		numbers[p.ContainerPort] = true
	}
	for _, e := range container.Env {
		c.errs(validation.IsEnvVarName(e.Name))
		if r := e.ValueFrom; r != nil {
			c.errs(validation.IsDNS1123Subdomain(r.SecretKeyRef.Name))
			c.errs(validation.IsConfigMapKey(r.SecretKeyRef.Key))
		}
	}
	config, _ := c.objects["ConfigMap/"+container.EnvFrom[0].ConfigMapRef.Name].(*corev1.ConfigMap)
	if config == nil {
		c.Fatalf("%s: no ConfigMap %s", c.at, container.EnvFrom[0].ConfigMapRef.Name)
	}
	c.links(config)
}

// links wants the addresses of a unit to lead to a port of a Service, or to one
// of its own ports, unless they lead out of the cluster's knowledge.
func (c *cluster) links(config *corev1.ConfigMap) {
	for key, address := range config.Data {
		rest, ok := strings.CutPrefix(address, "wire://")
		if !ok || !strings.HasPrefix(key, "UNWELD_LINK_") {
			continue
		}
		host, port, _ := strings.Cut(rest, ":")
		if host == "" {
			host = strings.TrimSuffix(config.Name, "-split")
		}
		host, _, _ = strings.Cut(host, ".")
		s, _ := c.objects["Service/"+host].(*corev1.Service)
		found := false
		for i := range s.Spec.Ports {
			found = found || s.Spec.Ports[i].TargetPort.StrVal == "link-"+port
		}
		if !found {
			c.Errorf("%s: %s=%s leads nowhere", config.Name, key, address)
		}
	}
}
