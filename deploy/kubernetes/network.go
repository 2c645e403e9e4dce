package kubernetes

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// linkPrefix begins the names of the ports of links.
const linkPrefix = "link-"

// A port is one at which a unit listens.
type port struct {
	name   string
	number int
	link   bool // for other units alone
}

// ports are those of links, then those of the program itself.
func (u *unit) listens() []port {
	var all []port
	for _, l := range u.served(u.plan.Name) {
		n := u.ports[l.Component]
		all = append(all, port{fmt.Sprintf("%s%d", linkPrefix, n), n, true})
	}
	for _, name := range slices.Sorted(maps.Keys(u.plan.Ports)) {
		all = append(all, port{name, u.plan.Ports[name], false})
	}
	return all
}

func (u *unit) containerPorts() []object {
	var list []object
	for _, p := range u.listens() {
		list = append(list, object{"name": p.name, "containerPort": p.number, "protocol": "TCP"})
	}
	return list
}

// service is how others reach the unit, or nil where it doesn't listen. A
// StatefulSet wants one in any case.
func (u *unit) service() object {
	listens := u.listens()
	if len(listens) == 0 && !u.state {
		return nil
	}
	spec := object{"selector": u.selector()}
	var ports []object
	for _, p := range listens {
		ports = append(ports, object{"name": p.name, "port": p.number, "targetPort": p.name, "protocol": "TCP"})
	}
	spec.list("ports", ports)
	if len(listens) == 0 {
		spec["clusterIP"] = "None"
	}
	return object{"apiVersion": "v1", "kind": "Service", "metadata": u.meta(""), "spec": spec}
}

// policy lets the units of the program use the ports of links, and anybody
// those of the program.
func (u *unit) policy() object {
	var links, open []object
	for _, l := range u.listens() {
		at := object{"protocol": "TCP", "port": l.name}
		if l.link {
			links = append(links, at)
		} else {
			open = append(open, at)
		}
	}
	var ingress []object
	if len(links) > 0 {
		own := matching(object{partOf: u.labels()[partOf]})
		ingress = append(ingress, object{"ports": links, "from": []object{{"podSelector": own}}})
	}
	if len(open) > 0 {
		ingress = append(ingress, object{"ports": open})
	}
	spec := object{"podSelector": matching(u.selector()), "policyTypes": []string{"Ingress"}}
	return object{
		"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": u.meta(""),
		"spec": spec.list("ingress", ingress),
	}
}

// usualCPU is the share of the requested CPU at which a unit scales that names no
// measure.
const usualCPU = 80

func (u *unit) scales() bool { return u.plan.Scale.Max > max(1, u.plan.Scale.Min) }

// autoscaler chooses the number of the unit's processes, or is nil where it is
// fixed.
func (u *unit) autoscaler() object {
	if !u.scales() {
		return nil
	}
	targets := u.plan.Scale.Target
	if len(targets) == 0 {
		targets = map[string]int{"cpu": usualCPU}
	}
	var metrics []object
	for _, name := range slices.Sorted(maps.Keys(targets)) {
		if u.plan.Resources.Requests[name] == "" {
			u.warn(u.plan, fmt.Sprintf("unit %s scales on %s, of which it requests nothing: the cluster can't tell when", u.plan.Name, name),
				fmt.Sprintf("resources: {requests: {%s: AMOUNT}}", strings.ToLower(name)))
		}
		metrics = append(metrics, object{
			"type":     "Resource",
			"resource": object{"name": name, "target": object{"type": "Utilization", "averageUtilization": targets[name]}},
		})
	}
	return object{
		"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": u.meta(""),
		"spec": object{
			"scaleTargetRef": object{"apiVersion": "apps/v1", "kind": "Deployment", "name": u.name},
			"minReplicas":    max(1, u.plan.Scale.Min),
			"maxReplicas":    u.plan.Scale.Max,
			"metrics":        metrics,
		},
	}
}
