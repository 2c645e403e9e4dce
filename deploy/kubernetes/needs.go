package kubernetes

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/split"
)

// checkNeeds reports what a unit wants to be given and a cluster, which looks
// closer than the configuration's own form, would refuse.
func checkNeeds(plan *split.Plan, u *split.PlanUnit) []split.Problem {
	var ps []split.Problem
	add := func(message, hint string) {
		ps = append(ps, split.Problem{Code: "split-target", Severity: component.Error, Span: u.Span, Message: "unit " + u.Name + ": " + message, Hint: hint})
	}
	if name := repository(u.Image); name != strings.ToLower(name) {
		add(fmt.Sprintf("image %s: the name of an image has no upper case letters", u.Image), "image: "+strings.Replace(u.Image, name, strings.ToLower(name), 1))
	}
	for _, name := range slices.Sorted(maps.Keys(u.Secrets)) {
		secret, key, _ := strings.Cut(u.Secrets[name].From, "/")
		if errs := validation.IsDNS1123Subdomain(secret); len(errs) > 0 {
			add(fmt.Sprintf("secret %s: no secret can be called %s: %s", name, secret, errs[0]), "")
		}
		if errs := validation.IsConfigMapKey(key); len(errs) > 0 {
			add(fmt.Sprintf("secret %s: no key can be called %s: %s", name, key, errs[0]), "")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(u.Resources.Requests)) {
		request, errRequest := resource.ParseQuantity(u.Resources.Requests[name])
		limit, errLimit := resource.ParseQuantity(u.Resources.Limits[name])
		if errRequest == nil && errLimit == nil && request.Cmp(limit) > 0 { // a missing limit doesn't parse
			add(fmt.Sprintf("it requests more %s than its limit: %s of %s", name, u.Resources.Requests[name], u.Resources.Limits[name]), "raise the limit, or request less")
		}
	}
	numbers := map[int]string{}
	for _, name := range slices.Sorted(maps.Keys(u.Ports)) {
		n := u.Ports[name]
		if other, twice := numbers[n]; twice {
			add(fmt.Sprintf("ports %s and %s are both %d", other, name, n), "name the port once")
		}
		numbers[n] = name
		if strings.HasPrefix(name, linkPrefix) {
			add(fmt.Sprintf("port name %s is kept for links", name), "name it after what is served there")
		}
	}
	for _, l := range plan.Links {
		if l.Unit != u.Name {
			continue
		}
		if name, taken := numbers[linkPort(l.Address)]; taken {
			add(fmt.Sprintf("%s would be served at port %d, which is the program's own port %s", l.Component, linkPort(l.Address), name), "give the link another port")
		}
	}
	for _, measure := range slices.Sorted(maps.Keys(u.Scale.Target)) {
		if n := u.Scale.Target[measure]; n < 1 {
			add(fmt.Sprintf("it can't scale at %d percent of its %s", n, measure), "for example: target: {"+measure+": 80}")
		}
	}
	return ps
}

// repository is the part of an image's name that must be lower case: without the
// registry's host, the tag and the digest.
func repository(image string) string {
	name, _, _ := strings.Cut(image, "@")
	if host, rest, ok := strings.Cut(name, "/"); ok && strings.ContainsAny(host, ".:") {
		name = rest
	}
	if i := strings.LastIndexByte(name, ':'); i > strings.LastIndexByte(name, '/') {
		name = name[:i]
	}
	return name
}

// mountable reports whether a volume can be at the folder of a state file: not at
// the root, nor where the unit has another one.
func mountable(statePath string) bool {
	if !path.IsAbs(statePath) {
		return true // in a folder that is chosen here
	}
	dir := path.Dir(path.Clean(statePath))
	return dir != "/" && dir != tmpDir && dir != tlsDir && !strings.Contains(dir, ":")
}
