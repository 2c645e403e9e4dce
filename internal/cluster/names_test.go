package cluster

import (
	"testing"

	"github.com/unweld/unweld/internal/component"
)

// TestNameOfTheProgram: what stands around the program in a module's root is called as the
// module is, unless most of it has a name in common.
func TestNameOfTheProgram(t *testing.T) {
	const module = "example.com/gate/server/v2"
	graph := func(dirs ...string) *component.Graph {
		g := &component.Graph{Unit: "package"}
		for _, dir := range dirs {
			p := component.Package{Path: module + "/" + dir, Name: "p", Dir: dir}
			if dir == "" {
				p.Path, p.Name = module, "main"
			}
			g.Nodes = append(g.Nodes, component.Node{Package: p, Lines: 10})
		}
		return g
	}
	all := []string{"", "config/migrate", "mode", "runner", "api", "api/stream", "mail/queue", "mail/smtp", "mail/box"}
	for _, tt := range []struct {
		group []int
		used  string
		want  string
	}{
		{[]int{0, 1, 2, 3}, "", "server"},
		{[]int{0, 1, 2, 3}, "server", "mode"},
		{[]int{1, 2, 3}, "", "mode"},
		{[]int{0, 6, 7, 8}, "", "mail"},
		{[]int{0}, "", "server"},
	} {
		if got := newNamer(graph(all...)).propose(tt.group, map[string]bool{tt.used: true}); got != tt.want {
			t.Errorf("%v is called %s, want %s", tt.group, got, tt.want)
		}
	}
	library := graph(all...)
	library.Nodes[0].Package.Name = "server"
	if got := newNamer(library).propose([]int{0, 1, 2, 3}, nil); got != "mode" {
		t.Errorf("without a program in the root it is called %s, want mode", got)
	}
}
