package boundary

import "fmt"

// summarize says what comes of the boundary: who holds the interface, and who doesn't.
func (m *maker) summarize() {
	name := m.out.Interface.Package + "." + m.out.Interface.Name
	line := fmt.Sprintf("%s instead of %s: %s", name, m.typeName(), places(m.out.Held+m.out.Fresh, "holds it", "hold it"))
	if m.out.Held == 0 {
		m.out.Summary = append(m.out.Summary, "nobody holds "+name+" but the functions that make a "+m.typeName()+", in variables of their own: give them one as a parameter, or keep it in a field")
	}
	if m.out.Existing {
		line += ", and it was there before"
	} else {
		line += "; it has " + number(len(m.methods), "method")
		if n := m.written(); n > 0 {
			line += fmt.Sprintf(" of the type and %d more that the change writes", n)
		}
	}
	m.out.Summary = append(m.out.Summary, line)
	if n := len(m.out.Left); n > 0 {
		m.out.Summary = append(m.out.Summary, places(n, "keeps", "keep")+" "+m.typeName()+", for the reasons below")
	}
}

// written returns how many methods the change writes.
func (m *maker) written() int {
	n := len(m.friends)
	for _, a := range m.fields {
		for _, name := range []string{a.Get, a.Set, a.Ptr} {
			if name != "" {
				n++
			}
		}
	}
	return n
}

// places counts places that do something.
func places(n int, one, many string) string {
	if n == 1 {
		return "1 place " + one
	}
	return fmt.Sprintf("%d places %s", n, many)
}

// number counts things.
func number(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
