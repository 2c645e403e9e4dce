package bindable

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
)

// bars are the percentages that are to be reached.
var bars = map[Kind]int{OfType: 65, OfPackage: 60, OfFunction: 80}

var plural = map[Kind]string{OfType: "types with state", OfPackage: "packages of functions", OfFunction: "functions"}

// How much of each list a report has.
const (
	typesShown    = 8  // of each code
	examplesShown = 40 // of what is in the way of types alone
)

const head = `# What of real code can be bound whole

Written by ` + "`make campaign`" + ` (` + "`CAMPAIGN_BINDINGS`" + ` takes flags). Of code that nobody here wrote it
counts what could be a component in another process: each exported type with state, each package of
functions, each exported function. *Binds* means that **everything callers may use of it** can be called
in another process, by at least one binding of [bindings.md](bindings.md). One method of twenty that can't
cross makes a type one that doesn't bind, though ` + "`unweld bind`" + ` would leave only that one with its callers.

## What is counted

- **A type with state** is an exported struct that has an exported method with a pointer for its receiver,
  and that is neither data (exported fields of data, or an encoding of its own) nor an error. It binds if
  one of the two contracts does that extract writes. With ` + "`--keep-signatures`" + ` the contract has all its
  exported methods, those by embedding too, and all exported functions of its package that make or take it;
  pointers to the type itself are handles, and the type inside of another type (` + "`[]*T`, `func(*T)`" + `, by
  value) is a reason *handle-inside*; a stream that is given to what makes the type, and that can't be lent to it again, is *outlived-stream*, since
  it ends with that call; a method that a type of another module declares, which is embedded, is *other-module*. Otherwise the contract has all its exported methods, and the
  composition root makes the value where the component is hosted. Reasons are those of the contract that
  has fewer.
- **A package of functions** is a package with exported functions, but for those that make or take one
  of its types with state, which are in that type's contract. What is left is one contract.
- **A function** is every exported one. One that makes or takes types with state counts if it crosses in the
  contract of one of these types.
- The types are looked at as their owner would: values with unexported fields cross if their type is of the
  same module, since the code that encodes them is generated into its package; those of other modules don't.
- Arguments that a function changes travel back, as with ` + "`--inout all`" + `; what can't travel back is a reason.
- An open interface, ` + "`any`" + ` among them, counts as one that crosses: which types are registered for it is known
  only from a program that stores some, which extract and bind follow: of a library alone they say that its callers
  aren't known. What binds without any is counted beside it. Streams
  and callbacks cross as parameters for as long as the call lasts, so they don't where what is made may use
  them later.
- Only signatures count, and what function bodies do to their arguments. Where extract refuses because of the text (a file for
  one platform, a directive that ties a function to its name, code around that looks inside the type), that
  is counted in *proofs*, where it was tried, and nowhere else.
- Not counted: package main, generated files, tests, interfaces, exported variables and fields, and of
  the standard library and of dependencies what is internal. Of programs internal packages count, since
  their components are there.

*Proofs* are a sample of what binds, without open interfaces, that was carried out in a copy: extracted, bound to one of the bindings
(each in turn), checked that no endpoint stays behind, vetted and built. *Refused* are those that extract refuses for the
code around; *broken* would be a decision that was wrong, or code that doesn't vet or build.
`

// Report renders outcomes as a Markdown page: how much binds, and what is in the way
// of the rest, the most frequent first.
func Report(outcomes []*Outcome) []byte {
	var b bytes.Buffer
	b.WriteString(head)
	b.WriteString("\n## How much binds\n\n| what | all | binds | % | bar | without open interfaces | % |\n|---|--:|--:|--:|--:|--:|--:|\n")
	for _, k := range Kinds {
		all, binds := countOf(outcomes, k)
		closed := 0
		for _, s := range subjects(outcomes) {
			if s.Kind == k && s.Binds() && !s.open() {
				closed++
			}
		}
		fmt.Fprintf(&b, "| %s | %d | %d | %s | %d | %d | %s |\n", plural[k], all, binds, percent(binds, all), bars[k], closed, percent(closed, all))
	}
	b.WriteString("\n")
	codes(&b, outcomes)
	modes(&b, outcomes)
	reasons(&b, outcomes)
	single(&b, outcomes)
	proofs(&b, outcomes)
	left(&b, outcomes)
	return b.Bytes()
}

func subjects(outcomes []*Outcome) (all []Subject) {
	for _, o := range outcomes {
		all = append(all, o.Subjects...)
	}
	return all
}

func countOf(outcomes []*Outcome, k Kind) (all, binds int) {
	for _, s := range subjects(outcomes) {
		if s.Kind == k {
			all++
			if s.Binds() {
				binds++
			}
		}
	}
	return all, binds
}

func percent(n, all int) string {
	if all == 0 {
		return "-"
	}
	return fmt.Sprint(100 * n / all)
}

// codes is the table of how much binds in each code.
func codes(b *bytes.Buffer, outcomes []*Outcome) {
	b.WriteString("| code | types | bind | % | packages | bind | % | functions | bind | % | proofs | refused | broken |\n|---|" + strings.Repeat("--:|", 12) + "\n")
	for _, o := range outcomes {
		fmt.Fprintf(b, "| %s |", o.Code)
		for _, k := range Kinds {
			all, binds := countOf([]*Outcome{o}, k)
			fmt.Fprintf(b, " %d | %d | %s |", all, binds, percent(binds, all))
		}
		by := map[Result]int{}
		for _, p := range o.Proofs {
			by[p.Result]++
		}
		fmt.Fprintf(b, " %d | %d | %d |\n", by[Proven], by[Refused], by[Broken])
	}
}

// modes is the table of what the contracts that bind need beside values.
func modes(b *bytes.Buffer, outcomes []*Outcome) {
	shown := append(slices.Clone(component.Carried), component.ModeInOut)
	b.WriteString("\n## What crosses by more than values\n\nOf what binds: how many need the mode for at least one endpoint. The column *inout* is arguments that travel back.\n\n| what | binds | by values alone |")
	for _, m := range shown {
		fmt.Fprintf(b, " %s |", m)
	}
	b.WriteString("\n|---|" + strings.Repeat("--:|", len(shown)+2) + "\n")
	for _, k := range Kinds {
		binds, plain, by := 0, 0, map[component.Mode]int{}
		for _, s := range subjects(outcomes) {
			if s.Kind != k || !s.Binds() {
				continue
			}
			binds++
			if len(s.Needs) == 0 {
				plain++
			}
			for _, m := range s.Needs {
				by[m]++
			}
		}
		fmt.Fprintf(b, "| %s | %d | %d |", plural[k], binds, plain)
		for _, m := range shown {
			fmt.Fprintf(b, " %d |", by[m])
		}
		b.WriteString("\n")
	}
}

// A rank is what is known of one code.
type rank struct {
	code      string
	endpoints int          // that it is the first reason of
	alone     map[Kind]int // subjects that would bind without it
	types     map[string]int
	example   Subject
	reason    Reason
}

// ranks lists the codes, the most frequent first.
func ranks(outcomes []*Outcome) []*rank {
	found := map[string]*rank{}
	of := func(code string) *rank {
		if found[code] == nil {
			found[code] = &rank{code: code, alone: map[Kind]int{}, types: map[string]int{}}
		}
		return found[code]
	}
	for _, s := range subjects(outcomes) {
		if code := s.alone(); code != "" {
			of(code).alone[s.Kind]++
		}
		for _, r := range s.Refused {
			k := of(r.Code)
			if k.reason.Code == "" {
				k.example, k.reason = s, r
			}
			if s.Kind == OfFunction {
				continue // each is part of another contract, too
			}
			k.endpoints++
			if t, ok := offending(r.Message); ok {
				k.types[t]++
			}
		}
	}
	return slices.SortedFunc(maps.Values(found), func(a, b *rank) int {
		return cmp.Or(cmp.Compare(b.endpoints, a.endpoints), cmp.Compare(a.code, b.code))
	})
}

// offending is the type that a reason begins with, in parentheses.
func offending(message string) (string, bool) {
	if !strings.HasPrefix(message, "(") {
		return "", false
	}
	depth := 0
	for i, c := range message {
		switch c {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return message[1:i], true
			}
		}
	}
	return "", false
}

// reasons is the list of what is in the way.
func reasons(b *bytes.Buffer, outcomes []*Outcome) {
	b.WriteString("\n## What is in the way\n\n*Endpoints* are those of types and packages whose first reason it is. *Alone* are the types, packages and\nfunctions that have no other kind of reason: they would bind without it.\n\n| code | endpoints | alone: types | packages | functions | most frequent | for example |\n|---|--:|--:|--:|--:|---|---|\n")
	for _, r := range ranks(outcomes) {
		var often []string
		for i, t := range slices.SortedFunc(maps.Keys(r.types), func(a, b string) int { return cmp.Or(cmp.Compare(r.types[b], r.types[a]), cmp.Compare(a, b)) }) {
			if i < typesShown {
				often = append(often, fmt.Sprintf("`%s` %d", t, r.types[t]))
			}
		}
		fmt.Fprintf(b, "| %s | %d | %d | %d | %d | %s | %s |\n", r.code, r.endpoints, r.alone[OfType], r.alone[OfPackage], r.alone[OfFunction], escape(strings.Join(often, ", ")), escape(r.reason.line(r.example)))
	}
}

// line is a reason on one line, with the next step.
func (r Reason) line(s Subject) string {
	said := r.Message
	if r.Path != "" && !strings.HasPrefix(said, r.Path) {
		said = r.Path + ": " + said
	}
	if r.Hint != "" {
		said += "; " + r.Hint
	}
	return "`" + s.String() + "`: " + r.Endpoint + ": " + said
}

// single lists the types and packages that one endpoint keeps from binding.
func single(b *bytes.Buffer, outcomes []*Outcome) {
	var close []Subject
	for _, s := range subjects(outcomes) {
		if s.Kind != OfFunction && len(s.Refused) == 1 && s.Endpoints > 1 {
			close = append(close, s)
		}
	}
	if len(close) == 0 {
		return
	}
	slices.SortStableFunc(close, func(a, b Subject) int { return cmp.Compare(b.Endpoints, a.Endpoints) })
	fmt.Fprintf(b, "\n## One endpoint short\n\n%d types and packages bind but for one endpoint. Those with most endpoints:\n\n| what | endpoints | which | why |\n|---|--:|---|---|\n", len(close))
	for i, s := range close {
		if i == examplesShown {
			break
		}
		r := s.Refused[0]
		fmt.Fprintf(b, "| `%s` | %d | %s | %s: %s |\n", s, s.Endpoints, r.Endpoint, r.Code, escape(r.Message))
	}
}

// proofs lists what was carried out and came to nothing, by reason.
func proofs(b *bytes.Buffer, outcomes []*Outcome) {
	all, by := 0, map[Result]int{}
	var lines []string
	for _, o := range outcomes {
		for _, p := range o.Proofs {
			all++
			by[p.Result]++
			if p.Result != Proven {
				first, _, _ := strings.Cut(p.Detail, "\n")
				lines = append(lines, fmt.Sprintf("| `%s` | %s | %s | %s |\n", p.Subject, p.Binding, cmp.Or(p.Code, string(p.Result)), escape(first)))
			}
		}
	}
	if all == 0 {
		return
	}
	fmt.Fprintf(b, "\n## Proofs\n\n%d tried: %d proven, %d refused for the code around, %d broken.\n", all, by[Proven], by[Refused], by[Broken])
	if len(lines) > 0 {
		b.WriteString("\n| what | binding | code | why not |\n|---|---|---|---|\n" + strings.Join(lines, ""))
	}
}

// left names the packages that aren't counted because they don't type-check.
func left(b *bytes.Buffer, outcomes []*Outcome) {
	var names []string
	for _, o := range outcomes {
		names = append(names, o.IllTyped...)
	}
	if len(names) > 0 {
		fmt.Fprintf(b, "\n## Not counted\n\nThese packages don't type-check here: `%s`.\n", strings.Join(names, "`, `"))
	}
}

func escape(s string) string { return strings.ReplaceAll(strings.ReplaceAll(s, "|", "\\|"), "\n", " ") }

// Wrong returns an error that names what is broken, or that nothing was counted; nil
// where all is well.
func Wrong(outcomes []*Outcome) error {
	var wrong []error
	for _, o := range outcomes {
		for _, p := range o.Proofs {
			if p.Result == Broken {
				wrong = append(wrong, fmt.Errorf("%s: %s by %s: %s", o.Code, p.Subject, p.Binding, p.Detail))
			}
		}
		if len(o.Subjects) == 0 {
			wrong = append(wrong, fmt.Errorf("%s: nothing was counted", o.Code))
		}
	}
	return errors.Join(wrong...)
}
