package hosted

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

const head = `# Packages that nobody prepared

Written by ` + "`make campaign-packages`" + `. These are packages of the standard library and of public modules, with
the tests that their authors wrote. A scratch module gets the test files, and binds the package to
` + "`unix:`" + ` as a user would: ` + "`unweld bind PATH --inout all`" + ` for its functions, ` + "`unweld bind PATH.Type`" + ` for each of its types
with methods. Then the tests run while the component is in another process.

- The text of a test is as it was, but for the package clause and the imports. Where a test
  reads or sets a field of a value that is elsewhere, bind itself makes that the call of a method, as it does in
  a user's own code.
- *Tests* are tests, examples and fuzz targets with their seeds. Benchmarks don't count.
- *Possible* are those that use nothing that the package doesn't export, as the type checker finds, and that
  pass in the scratch module before anything is bound.
- *Elsewhere* are those that passed while what they call was in another process, and whose calls were counted
  there. Functions and each type are tried one after the other; one is enough.
- Every other test has a reason. What fails is listed apart, and the run fails with it.
`

// Report renders outcomes as a Markdown page.
func Report(outcomes []*Outcome) []byte {
	var b bytes.Buffer
	b.WriteString(head)
	b.WriteString("\n| package | tests | possible | elsewhere | failed |\n|---|--:|--:|--:|--:|\n")
	var all counts
	for _, o := range outcomes {
		n := o.count()
		fmt.Fprintf(&b, "| %s | %d | %d | %d | %d |\n", o.Code, n.tests, n.possible, n.elsewhere, n.failed)
		all = counts{all.tests + n.tests, all.possible + n.possible, all.elsewhere + n.elsewhere, all.failed + n.failed}
	}
	fmt.Fprintf(&b, "| all | %d | %d | %d | %d |\n", all.tests, all.possible, all.elsewhere, all.failed)
	for _, o := range outcomes {
		b.Write(Section(o))
	}
	return b.Bytes()
}

type counts struct{ tests, possible, elsewhere, failed int }

// impossible are the reasons for which a test can't be in another module at all.
var impossible = regexp.MustCompile(`which (the package doesn't export|tests in the package declare|other modules can't)$|^declares a method of one of|^doesn't type-check outside|^fails in a copy|^is a benchmark`)

func (o *Outcome) count() (n counts) {
	for _, t := range o.Tests {
		n.tests++
		if !impossible.MatchString(t.Why) || len(t.By) > 0 {
			n.possible++
		}
		if len(t.By) > 0 {
			n.elsewhere++
		}
		if t.Failed {
			n.failed++
		}
	}
	return n
}

// Section is the part of the page about one package.
func Section(o *Outcome) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "\n## %s\n", o.Code.Path)
	by := map[string][]string{}
	for _, t := range o.Tests {
		for _, target := range t.By {
			by[target] = append(by[target], t.Name)
		}
	}
	if len(by) > 0 {
		b.WriteString("\n| elsewhere | tests that passed |\n|---|---|\n")
		for _, target := range slices.Sorted(maps.Keys(by)) {
			fmt.Fprintf(&b, "| `%s` | %s |\n", target, strings.Join(by[target], ", "))
		}
	}
	reasons(&b, o, "failed", func(t Test) bool { return t.Failed })
	reasons(&b, o, "why not", func(t Test) bool { return !t.Failed && len(t.By) == 0 })
	return b.Bytes()
}

// reasons is the table of what keeps tests from running elsewhere, the most frequent
// first.
func reasons(b *bytes.Buffer, o *Outcome, title string, of func(Test) bool) {
	by := map[string][]string{}
	for _, t := range o.Tests {
		if of(t) {
			by[t.Why] = append(by[t.Why], t.Name)
		}
	}
	if len(by) == 0 {
		return
	}
	fmt.Fprintf(b, "\n| tests | %s | for example |\n|--:|---|---|\n", title)
	for _, why := range slices.SortedFunc(maps.Keys(by), func(x, y string) int {
		return cmp.Or(cmp.Compare(len(by[y]), len(by[x])), cmp.Compare(x, y))
	}) {
		fmt.Fprintf(b, "| %d | %s | %s |\n", len(by[why]), escape(why), by[why][0])
	}
}

func escape(s string) string { return strings.ReplaceAll(strings.ReplaceAll(s, "|", "\\|"), "\n", " ") }

// Failed returns an error that names the tests that failed elsewhere; nil where none did.
func Failed(outcomes []*Outcome) error {
	var names []string
	for _, o := range outcomes {
		for _, t := range o.Tests {
			if t.Failed {
				names = append(names, o.Code.Path+" "+t.Name+": "+t.Why)
			}
		}
	}
	if len(names) == 0 {
		return nil
	}
	return fmt.Errorf("%d tests fail elsewhere:\n%s", len(names), strings.Join(names, "\n"))
}
