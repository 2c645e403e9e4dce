package http

import (
	"testing"

	"github.com/unweld/unweld/bindings/rt/link"
)

func TestTransport(t *testing.T) { transport.All(t) }

// TestWithoutDescription: what generated code would have described can't be called.
func TestWithoutDescription(t *testing.T) {
	a := link.Address{Scheme: "http", Host: transport.Address(), Path: "/below"}
	Describe(&Component{Name: "nobody"})
	for _, name := range []string{"nobody", "undescribed"} {
		if _, err := dial(t.Context(), a, link.Hello{Component: name, Fingerprint: "1"}); err == nil {
			t.Errorf("%s was reached", name)
		}
	}
}
