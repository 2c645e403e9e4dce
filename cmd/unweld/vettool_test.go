package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/unweld/unweld/engine/vettool"
)

const vetModule = `
-- go.mod --
module example.com/m

go 1.24
-- unweld.yaml --
version: 1
components:
  feed: {packages: [./feed], contract: ./feed.Service}
-- feed/feed.go --
package feed

import "context"

type Event struct{ done chan bool }

type Service interface {
	Next(ctx context.Context) (Event, error)
}

type Other interface{ Plain() chan int }
`

const vetWorkspace = `
-- go.work --
go 1.24

use (
	./a
	./b
)
-- unweld.yaml --
version: 1
components:
  feed: {packages: [./a/feed], contract: ./a/feed.Service}
-- a/go.mod --
module example.com/a

go 1.24
-- a/feed/feed.go --
package feed

import "context"

type Service interface {
	Next(ctx context.Context) (chan int, error)
}
-- b/go.mod --
module example.com/b

go 1.24
-- b/main.go --
package main

import "example.com/a/feed"

var _ feed.Service

func main() {}
`

// TestGoVetWorkspace runs the tool at the root of a workspace that holds unweld.yaml.
func TestGoVetWorkspace(t *testing.T) {
	dir, tool := extracted(t, vetWorkspace), program(t).Path
	cmd := exec.Command("go", "vet", "-vettool="+tool, "./a/...", "./b/...")
	cmd.Dir = dir
	if out, _ := cmd.CombinedOutput(); !strings.Contains(string(out), "feed.go:6:2: chan-in-contract: Next() first result (chan int): in one process") || strings.Contains(string(out), "unweld:") {
		t.Errorf("go vet says:\n%s", out)
	}
}

// TestGoVet runs the tool as go vet does, and shows that a change of the
// configuration alone isn't hidden by go vet's cache.
func TestGoVet(t *testing.T) {
	dir, tool := extracted(t, vetModule), program(t).Path
	vet := func(flags ...string) string {
		cmd := exec.Command("go", append(append([]string{"vet", "-vettool=" + tool}, flags...), "./...")...)
		cmd.Dir = dir
		out, _ := cmd.CombinedOutput() // findings are an exit status of 1
		return string(out)
	}
	out := vet()
	if !strings.Contains(out, "feed.go:8:2: chan-in-contract: Next: Event.done (chan bool): in one process") || strings.Contains(out, "Plain") {
		t.Errorf("go vet says:\n%s", out)
	}
	for _, name := range []string{"-chan-in-contract=false", "-chanincontract=false"} {
		if out := vet(name); out != "" {
			t.Errorf("with %s, go vet says:\n%s", name, out)
		}
	}
	if out := vet("-chan-in-contract"); !strings.Contains(out, "chan-in-contract: Next") {
		t.Errorf("with one rule alone, go vet says:\n%s", out)
	}
	if out := vet("-json"); !strings.Contains(out, `"chan-in-contract": [`) {
		t.Errorf("with -json, go vet says:\n%s", out)
	}
	config := filepath.Join(dir, "unweld.yaml")
	if err := os.WriteFile(config, []byte("version: 1\ncomponents:\n  feed: {packages: [./feed], contract: ./feed.Other}\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	if out := vet(); !strings.Contains(out, "Plain takes no context") || strings.Contains(out, "Next") {
		t.Errorf("after a change of unweld.yaml, go vet says:\n%s", out)
	}
	if err := os.WriteFile(config, []byte("version: 1\ncomponents: 7\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	if out := vet(); !strings.Contains(out, "unweld.yaml:2") {
		t.Errorf("with a malformed unweld.yaml, go vet says:\n%s", out)
	}
	for contract, want := range map[string]string{
		"./feed.Gone":    "unweld.yaml:3:30: contract ./feed.Gone: package example.com/m/feed declares no Gone",
		"./feed.Event":   "unweld.yaml:3:30: contract ./feed.Event: Event is a struct, and a contract is an interface",
		"./food.Service": "unweld.yaml:3:30: contract ./food.Service: no such package in this module",
		"feed.Other":     "Plain takes no context", // the same without ./
	} {
		if err := os.WriteFile(config, []byte("version: 1\ncomponents:\n  feed: {packages: [./feed], contract: "+contract+"}\n"), 0o666); err != nil {
			t.Fatal(err)
		}
		if out := vet(); !strings.Contains(out, want) {
			t.Errorf("with the contract %s, go vet says:\n%s", contract, out)
		}
	}
}

// extracted writes the files of an archive to a folder.
func extracted(t *testing.T, archive string) string {
	t.Helper()
	dir := t.TempDir()
	tree, err := txtar.FS(txtar.Parse([]byte(archive)))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(dir, tree); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestVettoolAsked: a user's arguments aren't taken for those of go vet.
func TestVettoolAsked(t *testing.T) {
	for args, want := range map[string]bool{
		"-V=full": true, "-flags": true, "-no-context=false -json $WORK/b001/vet.cfg": true, "-json -flags": true,
		"": false, "find": false, "find vet.cfg": false, "-C vet.cfg find": false, "find -flags": false, "-C x.cfg": false, "vet": false,
	} {
		if got := vettool.Asked(strings.Fields(args)); got != want {
			t.Errorf("%q: %t, want %t", args, got, want)
		}
	}
}
