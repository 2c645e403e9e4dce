package campaign

import (
	"regexp"
	"strings"
	"testing"

	"github.com/unweld/unweld/internal/change"
)

// TestSteps takes a type that others hold by pointer through the ways of extract,
// says so on the page, and does none of it again.
func TestSteps(t *testing.T) {
	results := t.TempDir()
	run := func() (*Outcome, map[string]Trial) {
		o, err := Run(t.Context(), corpusOf(module), Options{Only: []string{"extract", "extract-contract"}, Limit: 1, VerifyEach: 1, Results: results})
		if err != nil {
			t.Fatal(err)
		}
		all := map[string]Trial{}
		for _, trial := range o.Trials {
			all[trial.Refactoring] = trial
		}
		return o, all
	}
	o, all := run()
	for _, name := range []string{keepSignatures, stepBoundary, stepRemote} {
		if trial := all[name]; trial.Result != Applied || trial.Request.Target != "ex/price.List" || o.Places[name] != map[bool]int{true: 1, false: 2}[name == stepRemote] {
			t.Errorf("%s: %+v, %d places", name, trial, o.Places[name])
		}
	}
	if trial := all[pairByPointer]; trial.Result != Applied || trial.Request.Params["consumers"] == "" || !trial.Verified {
		t.Errorf("one consumer: %+v", trial)
	}
	if trial := all[stepRemote]; trial.Left != 0 || trial.Local != 0 || !trial.Verified {
		t.Errorf("left to a person: %+v", trial)
	}
	page := string(Report([]*Outcome{o}))
	for _, want := range []string{
		`\| types that others hold by pointer: all callers hold a contract \| 1 \| 1 \| 100 \| 85 \|`,
		`\| of these: the whole contract .* \| 1 \| 1 \| 100 \| 45 \|`,
		`\| thread-error: applied \| 0 \| 0 \| - \| 78 \|`,
		`## extract --step remote`,
		`## extract-contract --consumers, of types held by pointer`,
	} {
		if !regexp.MustCompile(want).MatchString(page) {
			t.Errorf("the page lacks %s:\n%s", want, page)
		}
	}
	if _, again := run(); again[stepRemote].Seconds != all[stepRemote].Seconds || again[keepSignatures].Seconds != all[keepSignatures].Seconds {
		t.Error("a way of extract was tried again")
	}
}

// TestTold counts what notes leave to a person.
func TestTold(t *testing.T) {
	var trial Trial
	for _, message := range []string{
		"Price gets context.Background(): an initializer has none",
		"Price gets context.Background(): it may run after the function around it has returned; the nearest context is ctx: Sum calls sum",
		"Price gets ctx: it is the receiver's own",
		"Price can fail now, and the error is logged: the loop goes on",
		"Price can fail now: who runs this first gets its error, and who comes later doesn't",
		"Watch stays in its caller's process: a channel",
		"engine keeps *pricing.Engine: its field is set",
		"sum returns an error, too: 1 call away",
		"slug is exported now, as Slug: Make moves and uses it",
	} {
		trial.told(noted(message))
	}
	if trial.Made != 2 || trial.Left != 2 || trial.Local != 1 || trial.Kept != 1 || trial.Exported != 1 {
		t.Errorf("%+v", trial)
	}
	if figure := bars[1].figure([]*Outcome{{Trials: []Trial{{Place: Place{Refactoring: stepRemote}, Result: Applied}, {Place: Place{Refactoring: stepRemote}, Result: Applied, Left: 1}, {Place: Place{Refactoring: stepRemote}, Result: Refused}}}}); !strings.Contains(figure, "| 3 | 1 | 33 | 45 |") {
		t.Error(figure)
	}
}

// TestHolders counts the packages that could hold an interface: one that holds the type
// and can't let go of it is among them, one that only calls what it makes isn't.
func TestHolders(t *testing.T) {
	of := ofHolders(pairByPointer)
	for _, c := range []struct {
		trial  Trial
		counts bool
	}{
		{Trial{Place: Place{Refactoring: pairByPointer}, Result: Applied}, true},
		{Trial{Place: Place{Refactoring: pairByPointer}, Result: Refused, Reason: "nobody-holds: nobody would hold it", Further: 1}, true},
		{Trial{Place: Place{Refactoring: pairByPointer}, Result: Refused, Reason: "nobody-holds: nobody would hold it"}, false},
		{Trial{Place: Place{Refactoring: pairByPointer}, Result: Refused, Reason: "usage: another reason"}, true},
		{Trial{Place: Place{Refactoring: pairByValue}, Result: Applied}, false},
	} {
		if of(c.trial) != c.counts {
			t.Errorf("%+v: counts %v", c.trial, !c.counts)
		}
	}
}

func noted(message string) change.Set { return change.Set{Notes: []change.Note{{Message: message}}} }
