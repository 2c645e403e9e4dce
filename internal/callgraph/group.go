package callgraph

import (
	"go/types"
	"path"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// grouping are the names of methods of routers that return the router of a group, whose path
// is their first argument.
var grouping = []string{"Group", "PathPrefix", "Route", "Party"}

// maxGroups is how deep groups of routes may be nested.
const maxGroups = 20

// below returns the pattern of a route below that of the groups that its router is of:
// a group is what a router returns that is given a path, or gives to a function literal.
// A router function named as an HTTP method in capitals is one of those whose patterns need
// no slash in front.
func (b *builder) below(common *ssa.CallCommon, pattern string) string {
	prefix := b.prefix(receiver(common), maxGroups)
	method, rest, two := strings.Cut(pattern, " ")
	if !two {
		method, rest = "", pattern
	}
	anyPath := slices.Contains(verbs, calleeName(common))
	if prefix == "" && !anyPath || !strings.HasPrefix(rest, "/") && !anyPath || strings.ContainsAny(rest, " \t\n") {
		return pattern
	}
	joined := path.Join("/", prefix, rest)
	if strings.HasSuffix(rest, "/") && joined != "/" {
		joined += "/" // another route than without it
	}
	return strings.TrimSpace(method + " " + joined)
}

// receiver is the value whose method is called, or nil.
func receiver(common *ssa.CallCommon) ssa.Value {
	if common.IsInvoke() {
		return common.Value
	}
	if callee := common.StaticCallee(); callee != nil && callee.Signature.Recv() != nil && len(common.Args) > 0 {
		return common.Args[0]
	}
	return nil
}

// prefix is the path below which a router registers its routes, as far as constants in
// the code tell.
func (b *builder) prefix(router ssa.Value, depth int) string {
	if router == nil || depth == 0 {
		return ""
	}
	switch v := b.origins.of(router).(type) {
	case *ssa.Call:
		recv := receiver(&v.Call)
		if recv == nil {
			return ""
		}
		return path.Join(b.prefix(recv, depth-1), firstPath(&v.Call))
	case *ssa.Parameter:
		if site := b.groups[v]; site != nil {
			return path.Join(b.prefix(receiver(site.Common()), depth-1), firstPath(site.Common()))
		}
	case *ssa.FieldAddr: // of what it embeds
		return b.prefix(v.X, depth-1)
	}
	return ""
}

// firstPath is the first argument of a call if it is the path of a group, or "".
func firstPath(common *ssa.CallCommon) string {
	if !slices.Contains(grouping, calleeName(common)) {
		return ""
	}
	args := common.Args
	if !common.IsInvoke() && len(args) > 0 {
		args = args[1:]
	}
	if len(args) == 0 {
		return ""
	}
	s, ok := constantString(args[0])
	if !ok || !strings.HasPrefix(s, "/") || strings.ContainsAny(s, " \t\n") {
		return ""
	}
	return s
}

// isGroup reports whether a call begins a group rather than registering a route: it
// returns the router of the group, or gives that to a function literal.
func (b *builder) isGroup(site ssa.CallInstruction) bool {
	common := site.Common()
	recv := receiver(common)
	if recv == nil {
		return false
	}
	if call := site.Value(); call != nil && slices.Contains(grouping, calleeName(common)) && routes(recv.Type(), call.Type()) {
		return true
	}
	for _, arg := range common.Args {
		if fn := literal(arg); fn != nil && len(fn.Params) == 1 && routes(fn.Params[0].Type(), recv.Type()) {
			return true
		}
	}
	return false
}

// routes reports whether a value of type t is a router as one of type router is: of the
// same type, or an interface that this one has.
func routes(t, router types.Type) bool {
	iface, ok := t.Underlying().(*types.Interface)
	return types.Identical(t, router) || ok && iface.NumMethods() > 0 && types.Implements(router, iface)
}

// groupsIn notes which parameters of function literals are routers of a group.
func (b *builder) groupsIn() {
	b.groups = map[*ssa.Parameter]ssa.CallInstruction{}
	for _, fn := range b.functions {
		for site := range sites(fn) {
			if !b.isGroup(site) {
				continue
			}
			for _, arg := range site.Common().Args {
				if fn := literal(arg); fn != nil && len(fn.Params) == 1 {
					b.groups[fn.Params[0]] = site
				}
			}
		}
	}
}
