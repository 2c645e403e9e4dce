package split

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/unweld/unweld/internal/component"
)

// eachOwner is Ownership.owners as the definition has it: every pattern is asked.
func eachOwner(c *Config, root string, pkg component.Package) []owner {
	var all []owner
	for _, name := range slices.Sorted(maps.Keys(c.Components)) {
		for i, text := range c.Components[name].Packages {
			p, err := ParsePattern(root, text)
			if err == nil && (p.ImportPath(pkg) || p.Folder(pkg)) {
				all = append(all, owner{name, text, i, p.Width(pkg)})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b owner) int { return a.width - b.width })
	return all
}

// randomName is a folder of few elements, so that many patterns meet.
func randomName(r *rand.Rand) string {
	var elements []string
	for range r.IntN(4) {
		elements = append(elements, []string{"a", "b", "ab", "a.b", "a0", "c-d"}[r.IntN(6)])
	}
	return strings.Join(elements, "/")
}

func randomPattern(r *rand.Rand) string {
	name := randomName(r)
	switch r.IntN(7) {
	case 0:
		return "example.com/m/" + name
	case 1:
		return strings.TrimSuffix("example.com/m/"+name, "/") + "/..."
	case 2:
		return "./" + strings.TrimPrefix(name+"/...", "/")
	case 3:
		return "./" + name + "..."
	case 4:
		return strings.TrimPrefix(name+"/.../"+randomName(r), "/")
	case 5:
		return "..."
	}
	return "./" + name
}

func randomPackages(r *rand.Rand) []component.Package {
	var pkgs []component.Package
	for range 30 {
		dir := randomName(r)
		pkgs = append(pkgs, component.Package{Path: strings.TrimSuffix("example.com/m/"+dir, "/"), Dir: dir})
	}
	pkgs = append(pkgs, component.Package{Path: "a/b", Dir: "c-d"}, component.Package{Path: "a", Dir: "b/a"})
	return pkgs
}

// TestOwnership holds the index to the definition, on patterns of all kinds.
func TestOwnership(t *testing.T) {
	several := 0
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 1))
		c := &Config{Components: map[string]Component{}}
		for i := range 12 {
			var patterns []string
			for range 1 + r.IntN(3) {
				patterns = append(patterns, randomPattern(r))
			}
			c.Components[fmt.Sprintf("c%d", i)] = Component{Packages: patterns}
		}
		ownership := c.Ownership("/src/m")
		for _, pkg := range randomPackages(r) {
			got, want := ownership.owners(pkg), eachOwner(c, "/src/m", pkg)
			if !slices.Equal(got, want) {
				t.Fatalf("seed %d: owners of %v: %v, want %v", seed, pkg, got, want)
			}
			if len(got) > 1 {
				several++
			}
		}
	}
	if several < 1000 {
		t.Errorf("only %d packages had several owners", several)
	}
}

// TestPlaces holds the index of packages to Pattern.In.
func TestPlaces(t *testing.T) {
	matched := 0
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 2))
		pkgs := randomPackages(r)
		places := NewPlaces(pkgs)
		for range 40 {
			p, err := ParsePattern("/src/m", randomPattern(r))
			if err != nil {
				continue
			}
			if r.IntN(3) == 0 {
				p = p.Below()
			}
			got, gotErr := places.in(p)
			want, wantErr := p.In(pkgs)
			if !maps.Equal(got, want) || fmt.Sprint(gotErr) != fmt.Sprint(wantErr) {
				t.Fatalf("seed %d: %s covers %v, %v; want %v, %v", seed, p.Text, got, gotErr, want, wantErr)
			}
			matched += len(got)
		}
	}
	if matched < 10_000 {
		t.Errorf("only %d packages matched", matched)
	}
}

// TestDeepPatterns holds a/... to the go command's definition, as a regular expression.
func TestDeepPatterns(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	for range 5000 {
		p, err := ParsePattern("", "./"+strings.TrimPrefix(randomName(r)+"/...", "/"))
		if err != nil {
			t.Fatal(err)
		}
		re := strings.ReplaceAll(regexp.QuoteMeta(p.name), `\.\.\.`, `.*`)
		if before, ok := strings.CutSuffix(re, `/.*`); ok {
			re = before + `(/.*)?`
		}
		name := randomName(r)
		if want := regexp.MustCompile(`^` + re + `$`).MatchString(name); p.covers(name) != want {
			t.Fatalf("%s covers %q: %t, want %t", p.Text, name, p.covers(name), want)
		}
	}
}

// TestContractOf finds a contract by import path first, then by folder, with an index and
// without.
func TestContractOf(t *testing.T) {
	pkgs := []component.Package{{Path: "example.com/m/a", Dir: "a"}, {Path: "a", Dir: "x"}}
	for spec, want := range map[string]string{"./a.S": "example.com/m/a", "a.S": "a", "x.S": "a", "example.com/m/a.S": "example.com/m/a", "./b.S": "", "./a/....S": "", "S": ""} {
		c := &Config{Components: map[string]Component{"c": {Contract: spec}}}
		for _, places := range []*Places{nil, NewPlaces(pkgs)} {
			pkg, _, ok := c.ContractOf("c", Code{Packages: pkgs, Places: places})
			if pkg.Path != want || ok != (want != "") {
				t.Errorf("%s: %q, %t; want %q", spec, pkg.Path, ok, want)
			}
		}
	}
}
