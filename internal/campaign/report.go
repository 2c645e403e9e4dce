package campaign

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// reasonsShown is how many reasons of each refactoring a report has.
const reasonsShown = 20

// Report renders what campaigns found out as a Markdown page: for each
// refactoring how much of what was tried was applied in each corpus, and the
// reasons why the rest was not, the most frequent first.
func Report(outcomes []*Outcome) []byte {
	var b bytes.Buffer
	b.WriteString(`# What refactorings do with real code

Written by ` + "`make campaign`" + `. Each refactoring was carried out at places where it is
offered: at package clauses, imports and declarations. *Applied* type-checks with
its tests; *verified* was also written into a copy, vetted and tested as before,
and taken back byte for byte; *broken* is what that found. *Failed* is a crash, or
code of ours that didn't type-check, so that nothing was written. *Unable* is what
the editor shows as disabled. A campaign can be told to try fewer places and less
code (` + "`CAMPAIGN=\"-limit 3 -code ...\"`" + `): *places* are all that there are in the code
named here, *tried* are those that this page is about.
`)
	b.WriteString("\n## How far it gets\n\nA place that is left to a person is a note: a context that was made up though there is\none further up, an error that is logged because nobody returns it. A package holds a type\nif it has a variable, field, parameter or result of it.\n\n| what | tried | reached | % | bar |\n|---|--:|--:|--:|--:|\n")
	for _, bar := range bars {
		b.WriteString(bar.figure(outcomes))
	}
	names := map[string]bool{}
	for _, o := range outcomes {
		for _, t := range o.Trials {
			names[t.Refactoring] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		fmt.Fprintf(&b, "\n## %s\n\n", name)
		table(&b, name, outcomes)
		reasons(&b, name, outcomes)
	}
	return b.Bytes()
}

var columns = []Result{Applied, Refused, Disabled, Slow, Failed, Broken}

// A row counts the trials of one refactoring.
type row struct {
	places, tried, verified int
	by                      map[Result]int
}

func rowOf(name string, outcomes ...*Outcome) row {
	r := row{by: map[Result]int{}}
	for _, o := range outcomes {
		r.places += o.Places[name]
		for _, t := range o.Trials {
			if t.Refactoring != name {
				continue
			}
			r.tried++
			r.by[t.Result]++
			if t.Verified {
				r.verified++
			}
		}
	}
	return r
}

func table(b *bytes.Buffer, name string, outcomes []*Outcome) {
	b.WriteString("| code | places | tried | applied | % | verified | refused | unable | slow | failed | broken |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n")
	line := func(label string, r row) {
		share := "-"
		if able := r.tried - r.by[Disabled]; able > 0 {
			share = fmt.Sprint(100 * (r.by[Applied] + r.by[Broken]) / able)
		}
		fmt.Fprintf(b, "| %s | %d | %d | %d | %s | %d |", label, r.places, r.tried, r.by[Applied], share, r.verified)
		for _, c := range columns[1:] {
			fmt.Fprintf(b, " %d |", r.by[c])
		}
		b.WriteString("\n")
	}
	for _, o := range outcomes {
		line(o.Corpus, rowOf(name, o))
	}
	if len(outcomes) > 1 {
		line("all", rowOf(name, outcomes...))
	}
}

// reasons ranks why trials weren't applied, with an example of each.
func reasons(b *bytes.Buffer, name string, outcomes []*Outcome) {
	type reason struct {
		result  Result
		text    string
		count   int
		example string
	}
	found := map[string]*reason{}
	for _, o := range outcomes {
		for _, t := range o.Trials {
			if t.Refactoring != name || t.Reason == "" {
				continue
			}
			k := string(t.Result) + t.Reason
			if found[k] == nil {
				found[k] = &reason{t.Result, t.Reason, 0, o.Corpus + " " + t.Request.Target}
			}
			found[k].count++
		}
	}
	ranked := slices.SortedFunc(maps.Values(found), func(a, b *reason) int {
		return cmp.Or(cmp.Compare(b.count, a.count), cmp.Compare(a.result, b.result), cmp.Compare(a.text, b.text))
	})
	if len(ranked) == 0 {
		return
	}
	b.WriteString("\n| why not | times | result | for example |\n|---|--:|---|---|\n")
	for i, r := range ranked {
		if i == reasonsShown {
			fmt.Fprintf(b, "\nand %d reasons more.\n", len(ranked)-i)
			break
		}
		fmt.Fprintf(b, "| %s | %d | %s | `%s` |\n", escape(r.text), r.count, r.result, escape(r.example))
	}
}

func escape(s string) string { return strings.ReplaceAll(s, "|", "\\|") }

// Wrong returns an error that names what failed or broke, or that nothing was
// applied; nil where all is well.
func Wrong(outcomes []*Outcome) error {
	var wrong []error
	applied, tried := map[string]int{}, map[string]int{}
	for _, o := range outcomes {
		for _, t := range o.Trials {
			tried[t.Refactoring]++
			switch t.Result {
			case Failed, Broken:
				wrong = append(wrong, fmt.Errorf("%s: %s %s %v: %s: %s", o.Corpus, t.Refactoring, t.Request.Target, t.Request.Params, t.Result, t.Detail))
			case Applied:
				applied[t.Refactoring]++
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(tried)) {
		if applied[name] == 0 {
			wrong = append(wrong, fmt.Errorf("%s was applied nowhere, of %d places", name, tried[name]))
		}
	}
	if len(tried) == 0 {
		wrong = append(wrong, errors.New("nothing was offered anywhere"))
	}
	return errors.Join(wrong...)
}
