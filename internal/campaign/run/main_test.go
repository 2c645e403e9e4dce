//go:build unweldtools

package main

import (
	"os/exec"
	"strings"
	"testing"
)

// TestChoose holds that all code which a campaign works on by default can be had:
// a module that leaves the build must leave the list, or get a version.
func TestChoose(t *testing.T) {
	corpora, err := choose(flags{})
	if err != nil {
		t.Fatal(err)
	}
	if want := 1 + len(standard) + len(modules); len(corpora) != want {
		t.Errorf("%d corpora, want %d", len(corpora), want)
	}
	list := exec.Command("go", append([]string{"list", "-f", `{{.ImportPath}}: {{join .Imports " "}} {{join .TestImports " "}} {{join .XTestImports " "}}`}, standard...)...)
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		if strings.Contains(line, "internal") {
			t.Errorf("a copy can't import what is internal: %s", line)
		}
	}
	if _, err := choose(flags{corpora: "example.com/none"}); err == nil || !strings.Contains(err.Error(), "example.com/none@v1.2.3") {
		t.Errorf("a module that isn't part of the build: %v", err)
	}
	if corpora, err := choose(flags{corpora: "example.com/none@v1.0.0,html"}); err != nil || len(corpora) != 2 {
		t.Errorf("%d corpora, %v", len(corpora), err)
	}
}
