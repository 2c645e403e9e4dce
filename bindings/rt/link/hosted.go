package link

import "fmt"

// Hosted returns a component that this process hosts, for callers that share the process
// and aren't written in Go.
func Hosted(component string) (*Target, error) {
	u, err := thisUnit()
	if err != nil {
		return nil, err
	}
	u.mu.Lock()
	in := u.findLocked(component)
	u.mu.Unlock()
	if in == nil {
		return nil, fmt.Errorf("%s isn't open in this process", component)
	}
	return in.target(), nil
}
