package link

import (
	"os"
	"strings"
)

// starter is closed when the process is gone that has started this one, or has no use
// for it any more; nil where a unit doesn't end with such a process.
var starter <-chan struct{}

// StartedBy says that this process was started by one that calls it, and ends when gone
// is closed. It is called from init functions and isn't safe for concurrent use.
func StartedBy(gone <-chan struct{}) { starter = gone }

// HostEnvironment is the environment of a process that this one starts to host one
// component and nothing else, and to serve it at an address.
func HostEnvironment(component, address string) []string {
	var env []string
	for _, e := range os.Environ() {
		switch name, _, _ := strings.Cut(e, "="); name {
		case envUnit, envHost, envStandby, envEntry, envControl, envCount, envTestSplit, linkVar(component):
		default:
			env = append(env, e)
		}
	}
	return append(env, envUnit+"="+component, envHost+"="+component, linkVar(component)+"="+address)
}
