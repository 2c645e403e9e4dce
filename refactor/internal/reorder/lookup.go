package reorder

import (
	"strconv"
	"strings"
)

// A lookup finds the cells of a set that may meet another one, without going over
// all of them.
type lookup struct {
	exact  map[string][]cell // by bucket
	typed  map[string][]cell // by type
	derefs map[string][]cell // of pointers, by type
	params []cell            // whose type has a type parameter in it
	all    []cell            // with a type
}

func newLookup(s cells) *lookup {
	l := &lookup{exact: map[string][]cell{}, typed: map[string][]cell{}, derefs: map[string][]cell{}}
	for c := range s {
		l.exact[c.bucket()] = append(l.exact[c.bucket()], c)
		if c.typ == "" {
			continue
		}
		l.all = append(l.all, c)
		l.typed[c.typ] = append(l.typed[c.typ], c)
		if c.kind == inDeref {
			l.derefs[c.typ] = append(l.derefs[c.typ], c)
		}
		if strings.Contains(c.typ, "$") {
			l.params = append(l.params, c)
		}
	}
	return l
}

// bucket is the same for cells of one kind that are told apart by nothing.
func (c cell) bucket() string {
	switch c.kind {
	case inVar, inField:
		return strconv.Itoa(int(c.kind)) + c.key
	case inPart:
		return strconv.Itoa(int(inOther)) + c.typ
	}
	return strconv.Itoa(int(c.kind)) + c.typ
}

// near returns the cells that may meet c.
func (l *lookup) near(c cell) []cell {
	if strings.Contains(c.typ, "$") {
		return append(append([]cell{}, l.exact[c.bucket()]...), l.all...)
	}
	out := append(append([]cell{}, l.exact[c.bucket()]...), l.params...)
	if c.typ != "" {
		out = append(out, l.derefs[c.typ]...)
	}
	if c.kind == inDeref {
		out = append(out, l.typed[c.typ]...)
	}
	return out
}
