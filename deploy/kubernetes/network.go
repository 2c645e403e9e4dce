package kubernetes

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// linkPrefix begins the names of the ports of links.
const linkPrefix = "link-"

// A port is one at which a unit listens.
type port struct {
	name   string
	number int32
	link   bool // for other units alone
}

// ports are those of links, then those of the program itself.
func (u *unit) listens() []port {
	var all []port
	for _, l := range u.served(u.plan.Name) {
		n := u.ports[l.Component]
		all = append(all, port{fmt.Sprintf("%s%d", linkPrefix, n), int32(n), true})
	}
	for _, name := range slices.Sorted(maps.Keys(u.plan.Ports)) {
		all = append(all, port{name, int32(u.plan.Ports[name]), false})
	}
	return all
}

func (u *unit) containerPorts() []corev1.ContainerPort {
	var list []corev1.ContainerPort
	for _, p := range u.listens() {
		list = append(list, corev1.ContainerPort{Name: p.name, ContainerPort: p.number, Protocol: corev1.ProtocolTCP})
	}
	return list
}

// service is how others reach the unit, or nil where it doesn't listen. A
// StatefulSet wants one in any case.
func (u *unit) service() *corev1.Service {
	listens := u.listens()
	if len(listens) == 0 && !u.state {
		return nil
	}
	s := &corev1.Service{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Service"}, ObjectMeta: u.meta(""),
		Spec: corev1.ServiceSpec{Selector: u.selector()},
	}
	for _, p := range listens {
		s.Spec.Ports = append(s.Spec.Ports, corev1.ServicePort{Name: p.name, Port: p.number, TargetPort: intstr.FromString(p.name), Protocol: corev1.ProtocolTCP})
	}
	if len(listens) == 0 {
		s.Spec.ClusterIP = corev1.ClusterIPNone
	}
	return s
}

// policy lets the units of the program use the ports of links, and anybody
// those of the program.
func (u *unit) policy() *networkingv1.NetworkPolicy {
	p := &networkingv1.NetworkPolicy{
		TypeMeta: metav1.TypeMeta{APIVersion: "networking.k8s.io/v1", Kind: "NetworkPolicy"}, ObjectMeta: u.meta(""),
		Spec: networkingv1.NetworkPolicySpec{
			PodSelector: metav1.LabelSelector{MatchLabels: u.selector()},
			PolicyTypes: []networkingv1.PolicyType{networkingv1.PolicyTypeIngress},
		},
	}
	var links, open []networkingv1.NetworkPolicyPort
	for _, l := range u.listens() {
		at := networkingv1.NetworkPolicyPort{Protocol: new(corev1.ProtocolTCP), Port: new(intstr.FromString(l.name))}
		if l.link {
			links = append(links, at)
		} else {
			open = append(open, at)
		}
	}
	if len(links) > 0 {
		own := metav1.LabelSelector{MatchLabels: map[string]string{"app.kubernetes.io/part-of": u.labels()["app.kubernetes.io/part-of"]}}
		p.Spec.Ingress = append(p.Spec.Ingress, networkingv1.NetworkPolicyIngressRule{Ports: links, From: []networkingv1.NetworkPolicyPeer{{PodSelector: &own}}})
	}
	if len(open) > 0 {
		p.Spec.Ingress = append(p.Spec.Ingress, networkingv1.NetworkPolicyIngressRule{Ports: open})
	}
	return p
}

// usualCPU is the share of the requested CPU at which a unit scales that names no
// measure.
const usualCPU = 80

func (u *unit) scales() bool { return u.plan.Scale.Max > max(1, u.plan.Scale.Min) }

// autoscaler chooses the number of the unit's processes, or is nil where it is
// fixed.
func (u *unit) autoscaler() *autoscalingv2.HorizontalPodAutoscaler {
	if !u.scales() {
		return nil
	}
	targets := u.plan.Scale.Target
	if len(targets) == 0 {
		targets = map[string]int{string(corev1.ResourceCPU): usualCPU}
	}
	h := &autoscalingv2.HorizontalPodAutoscaler{
		TypeMeta: metav1.TypeMeta{APIVersion: "autoscaling/v2", Kind: "HorizontalPodAutoscaler"}, ObjectMeta: u.meta(""),
		Spec: autoscalingv2.HorizontalPodAutoscalerSpec{
			ScaleTargetRef: autoscalingv2.CrossVersionObjectReference{APIVersion: "apps/v1", Kind: "Deployment", Name: u.name},
			MinReplicas:    new(int32(max(1, u.plan.Scale.Min))),
			MaxReplicas:    int32(u.plan.Scale.Max),
		},
	}
	for _, name := range slices.Sorted(maps.Keys(targets)) {
		if u.plan.Resources.Requests[name] == "" {
			u.warn(u.plan, fmt.Sprintf("unit %s scales on %s, of which it requests nothing: the cluster can't tell when", u.plan.Name, name),
				fmt.Sprintf("resources: {requests: {%s: AMOUNT}}", strings.ToLower(name)))
		}
		h.Spec.Metrics = append(h.Spec.Metrics, autoscalingv2.MetricSpec{
			Type: autoscalingv2.ResourceMetricSourceType,
			Resource: &autoscalingv2.ResourceMetricSource{
				Name:   corev1.ResourceName(name),
				Target: autoscalingv2.MetricTarget{Type: autoscalingv2.UtilizationMetricType, AverageUtilization: new(int32(targets[name]))},
			},
		})
	}
	return h
}
