package engine

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/tools/txtar"
)

const effectful = `-- go.mod --
module m

go 1.26
-- stock/stock.go --
package stock

import "os"

var Limit = 3

var names = map[string]int{"a": 1}

type Store struct{ n int }

func (s *Store) Left() int { return s.n }
func (s *Store) Take()     { s.n-- }

type Source interface{ Next() int }

func Name(k string) int  { return names[k] }
func Raise()             { Limit++ }
func From(s Source) int  { return s.Next() }
func Allowed(n int) bool { return n < Limit }

// Spool changes nothing in memory, and a file on disk.
func Spool(s string) error { return os.WriteFile("spool", []byte(s), 0o600) }
-- web/web.go --
package web

import "m/stock"

func Serve(s *stock.Store, src stock.Source) {
	s.Take()
	_ = s.Left() + stock.Name("a") + src.Next() + stock.From(src)
	stock.Raise()
	stock.Allowed(1)
	stock.Spool("x")
}
-- main.go --
package main

import (
	"m/stock"
	"m/web"
)

func main() { web.Serve(&stock.Store{}, nil) }
-- unweld.yaml --
version: 1
components:
  stock: {packages: [./stock]}
  web: {packages: [./web]}
`

// module writes an archive to a scratch folder and opens it.
func module(t *testing.T, archive string) *Session {
	t.Helper()
	dir := t.TempDir()
	for _, f := range txtar.Parse([]byte(archive)).Files {
		name := filepath.Join(dir, f.Name)
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, f.Data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	s, err := Open(t.Context(), Options{Dir: dir, NoCache: true})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestFindEffects(t *testing.T) {
	for asked, want := range map[bool]map[string]string{
		true:  {"Store.Left": "true", "Store.Take": "false", "Name": "true", "Raise": "false", "Source.Next": "null", "From": "null", "Allowed": "true", "Spool": "null"},
		false: {"Store.Left": "null", "Store.Take": "null", "Name": "null", "Raise": "null", "Source.Next": "null", "From": "null", "Allowed": "null"},
	} {
		found, err := module(t, effectful).Find(t.Context(), FindOptions{Effects: asked})
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		for _, c := range found.Components {
			for _, e := range c.Endpoints {
				if c.Name != "stock" {
					continue
				}
				switch {
				case e.Reads == nil:
					got[e.Name] = "null"
				case *e.Reads:
					got[e.Name] = "true"
				default:
					got[e.Name] = "false"
				}
			}
		}
		for name, w := range want {
			if got[name] != w {
				t.Errorf("effects %t: %s reads %s, want %s (of %v)", asked, name, got[name], w, got)
			}
		}
	}
}
