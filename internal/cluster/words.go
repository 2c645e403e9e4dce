package cluster

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/unweld/unweld/internal/component"
)

// A word is one that the paths or identifiers of several nodes have in common.
type word struct {
	text    string
	members []int
	folder  bool    // it says no more than the name of a folder, which is judged as such
	lift    float64 // how much its members belong together; 0 if that isn't believed
}

// layout has the words that say where a package stands, not what it is about.
var layout = wordSet("cmd internal pkg src main")

// common has the words by which people name what everybody uses.
var common = wordSet(`common config conf const error err helper kernel lib log logger logging
	metric i18n locale model entity share shared telemetry test testutil tool trace tracing type util version`)

func wordSet(list string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(list) {
		set[w] = true
	}
	return set
}

// words returns the words that two or more nodes have in common, the rarest
// first, without those that over half of all nodes share.
func words(g *component.Graph, tree *folder) []word {
	isFolder, seen := map[string]bool{}, map[string]bool{}
	tree.each(func(f *folder) { isFolder[fingerprint(slices.Sorted(slices.Values(f.nodes)))] = true })
	members := map[string][]int{}
	for v, n := range g.Nodes {
		text := strings.TrimPrefix(n.Package.Path, tree.path)
		if g.Unit == "decl" {
			text += "/" + n.Name
		}
		for _, w := range wordsOf(text) {
			members[w] = append(members[w], v)
		}
	}
	var out []word
	for _, text := range sortedKeys(members) {
		m := members[text]
		if id := fingerprint(m); len(m) >= 2 && 2*len(m) <= len(g.Nodes) && !seen[id] {
			seen[id] = true
			out = append(out, word{text: text, members: m, folder: isFolder[id]})
		}
	}
	slices.SortStableFunc(out, func(a, b word) int { return cmp.Compare(len(a.members), len(b.members)) })
	return out
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

// fingerprint makes a key for a map of a list of small numbers.
func fingerprint(numbers []int) string {
	var b strings.Builder
	for _, n := range numbers {
		b.WriteString(string([]byte{byte(n), byte(n >> 8), byte(n >> 16), byte(n >> 24)}))
	}
	return b.String()
}

// wordsOf returns the different words of a path or identifier, in the singular
// and in lower case, sorted, without those of layout.
func wordsOf(s string) []string {
	var out []string
	start, prev := 0, '/'
	flush := func(end int) {
		if w := singular(strings.ToLower(s[start:end])); len(w) > 1 && !layout[w] {
			out = append(out, w)
		}
	}
	for i, r := range s {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			flush(i)
			start = i + len(string(r))
		case unicode.IsUpper(r) && unicode.IsLower(prev):
			flush(i)
			start = i
		}
		prev = r
	}
	flush(len(s))
	slices.Sort(out)
	return slices.Compact(out)
}

func singular(w string) string {
	switch {
	case len(w) > 4 && strings.HasSuffix(w, "ies"):
		return w[:len(w)-3] + "y"
	case len(w) > 3 && strings.HasSuffix(w, "s") && !strings.HasSuffix(w, "ss"):
		return w[:len(w)-1]
	}
	return w
}

// impersonal reports whether a name says nothing of what something is about.
func impersonal(name string) bool {
	return !slices.ContainsFunc(wordsOf(name), func(w string) bool { return !common[w] })
}

// words sets the lift of each word, from the rarest: how much weight ties its
// members that neither a home nor a rarer word that is believed ties. Home
// gives the home of each node, or -1.
func (j *judge) words(ws []word, home []int) {
	part := slices.Clone(home)
	for v, h := range part {
		if h < 0 {
			part[v] = len(part) + v
		}
	}
	for i := range ws {
		w := &ws[i]
		if w.lift = j.ties(partition(w.members, part)).lift(); w.lift < believable {
			w.lift = 0
			continue
		}
		for _, v := range w.members {
			if home[v] < 0 {
				part[v] = 2*len(part) + i
			}
		}
		if w.folder {
			w.lift = 0
		}
	}
}

// partition groups nodes by part.
func partition(nodes, part []int) [][]int {
	index := map[int]int{}
	var out [][]int
	for _, v := range nodes {
		i, ok := index[part[v]]
		if !ok {
			i = len(out)
			index[part[v]] = i
			out = append(out, nil)
		}
		out[i] = append(out[i], v)
	}
	return out
}
