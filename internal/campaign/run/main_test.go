package main

import (
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
	if _, err := choose(flags{corpora: "example.com/none"}); err == nil || !strings.Contains(err.Error(), "example.com/none@v1.2.3") {
		t.Errorf("a module that isn't part of the build: %v", err)
	}
	if corpora, err := choose(flags{corpora: "example.com/none@v1.0.0,html"}); err != nil || len(corpora) != 2 {
		t.Errorf("%d corpora, %v", len(corpora), err)
	}
}
