package engine

import (
	"testing"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/text"
)

// TestSites: a file is parsed once as long as its text stands, and each place has
// its own span.
func TestSites(t *testing.T) {
	var s sites
	old, now := []byte("package p\n\nfunc F() {}\n"), []byte("package q\n")
	at := func(file string, start int) text.Span {
		return text.Span{File: file, Start: start, End: start}
	}
	first := s.at(old, change.HashOf(old), at("p.go", 3), []string{"a"})
	second := s.at(old, change.HashOf(old), at("p.go", 15), nil)
	if first.Syntax != second.Syntax || !first.PackageClause() || second.PackageClause() || len(second.Codes) != 0 || len(first.Codes) != 1 {
		t.Errorf("two places of one text: %+v, %+v", first, second)
	}
	if third := s.at(now, change.HashOf(now), at("p.go", 3), nil); third.Syntax.Name.Name != "q" {
		t.Errorf("another text of the file: package %s", third.Syntax.Name)
	}
	if again := s.at(now, change.HashOf(now), at("p.go", 3), nil); len(s.kept) != 1 || again.Syntax.Name.Name != "q" {
		t.Errorf("%d texts of one file are kept", len(s.kept))
	}
	if other := s.at(old, change.HashOf(old), at("other.go", 3), nil); other.Syntax == first.Syntax {
		t.Error("another file has the syntax of the first")
	}
	if none := s.at(nil, "", at("x.go", 0), nil); none != nil || s.at(nil, "", at("x.go", 0), nil) != nil {
		t.Error("a file without a package clause has a site")
	}
	if len(s.kept) > keptSites {
		t.Errorf("%d files are kept", len(s.kept))
	}
}
