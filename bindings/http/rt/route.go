package http

import (
	"net/url"
	"slices"
	"strings"
)

// A match is the endpoint that a request is for, with the values in its path.
type match struct {
	component *Component
	endpoint  *Endpoint
	path      map[string]string // by the names of parameters
}

// find returns what is called by a method at a path, whose segments are escaped,
// and the methods that could be used there instead.
func find(all []*Component, method, path string) (found *match, allowed []string) {
	segments := strings.Split(strings.TrimPrefix(path, "/"), "/")
	for i, s := range segments {
		plain, err := url.PathUnescape(s)
		if err != nil {
			return nil, nil
		}
		segments[i] = plain
	}
	score := ""
	for _, c := range all {
		for e := range c.Endpoints {
			for _, r := range c.Endpoints[e].Routes {
				values, fixed, ok := r.match(segments)
				switch {
				case !ok:
				case r.Method != method:
					if !slices.Contains(allowed, r.Method) {
						allowed = append(allowed, r.Method)
					}
				case found == nil || fixed > score:
					found, score = &match{c, &c.Endpoints[e], values}, fixed
				}
			}
		}
	}
	slices.Sort(allowed)
	return found, allowed
}

// match compares a route with the segments of a path. Of two routes that match,
// the one applies whose first fixed segment the other leaves open: its fixed is
// greater.
func (r *Route) match(segments []string) (values map[string]string, fixed string, ok bool) {
	pattern := strings.TrimPrefix(r.Path, "/")
	for _, s := range segments {
		if pattern == "" {
			return nil, "", false
		}
		var p string
		p, pattern, _ = strings.Cut(pattern, "/")
		name, open := strings.CutPrefix(p, "{")
		switch {
		case !open && p == s:
			fixed += "1"
		case !open || s == "":
			return nil, "", false
		default:
			if values == nil {
				values = map[string]string{}
			}
			values[strings.TrimSuffix(name, "}")] = s
			fixed += "0"
		}
	}
	return values, fixed, pattern == ""
}
