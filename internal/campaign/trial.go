package campaign

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"time"
	"unicode"

	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
)

// A Result says what came of a trial.
type Result string

const (
	Applied  Result = "applied"
	Refused  Result = "refused"  // with a reason of its own
	Disabled Result = "disabled" // offered as what can't be done, with the reason
	Slow     Result = "slow"     // it took longer than it may
	Failed   Result = "failed"   // a crash, an error that is no refusal, code that doesn't type-check
	Broken   Result = "broken"   // applied, and vet, a test, or undo says that it was wrong
)

// A Trial is one place and what came of it.
type Trial struct {
	Place
	Result   Result         `json:"result"`
	Reason   string         `json:"reason,omitempty"`   // the same for all trials that end for it
	Detail   string         `json:"detail,omitempty"`   // in the words of the error
	Further  int            `json:"further,omitempty"`  // problems that a refusal names beside the first
	Files    int            `json:"files,omitempty"`    // that were changed or made
	Notes    map[string]int `json:"notes,omitempty"`    // by code, and by reason where they have none
	Made     int            `json:"made,omitempty"`     // contexts that were made up
	Left     int            `json:"left,omitempty"`     // places that notes leave to a person
	Local    int            `json:"local,omitempty"`    // methods that stay in their caller's process
	Kept     int            `json:"kept,omitempty"`     // places that keep the type that was extracted
	Exported int            `json:"exported,omitempty"` // names that were exported
	Verified bool           `json:"verified,omitempty"`
	Seconds  float64        `json:"seconds"`
}

// try carries out what was offered. That something goes wrong is what it is
// after; it fails only where the code doesn't type-check as it is.
func try(ctx context.Context, s *engine.Session, p Place, limit time.Duration) (t Trial, set change.Set, err error) {
	t.Place = p
	if p.Disabled != "" {
		t.Result, t.Reason = Disabled, general(p.Disabled)
		return t, set, nil
	}
	start := time.Now()
	defer func() {
		t.Seconds = time.Since(start).Seconds()
		if r := recover(); r != nil {
			t.Result, t.Reason, t.Detail = Failed, "panic", fmt.Sprintf("%v\n%s", r, debug.Stack())
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	set, err = s.Refactor(ctx, p.Refactoring, p.Request)
	if load, ok := errors.AsType[*component.LoadError](err); ok {
		return t, set, load
	}
	if err != nil {
		t.Result, t.Reason = classify(err)
		t.Detail = err.Error()
		if refusal, ok := errors.AsType[*component.Refusal](err); ok {
			t.Further = len(refusal.Problems) - 1
		}
		return t, set, nil
	}
	t.Result, t.Files = Applied, len(set.Files)
	t.told(set)
	for _, n := range set.Notes {
		if t.Notes == nil {
			t.Notes = map[string]int{}
		}
		name := n.Code
		if name == "" {
			name = general(n.Message)
		}
		t.Notes[name]++
	}
	return t, set, nil
}

// classify tells a refusal from a failure. A refusal because the outcome would
// not type-check is a failure: nothing was written, and the reason is ours.
func classify(err error) (Result, string) {
	if errors.Is(err, context.DeadlineExceeded) {
		return Slow, "it took too long"
	}
	if refusal, ok := errors.AsType[*component.Refusal](err); ok {
		first := refusal.Problems[0]
		reason := first.Code + ": " + general(first.Message)
		if strings.Contains(first.Message, "would come out doesn't type-check") {
			return Failed, reason
		}
		return Refused, reason
	}
	if usage, ok := errors.AsType[*component.UsageError](err); ok {
		return Refused, "usage: " + general(usage.Reason)
	}
	return Failed, general(err.Error())
}

// general is a message without the names, places and numbers that are in it, so
// that it can be counted. A word that isn't plain lower case is taken for one.
func general(message string) string {
	var out []string
	for _, word := range strings.Fields(message) {
		if !plain(word) {
			word = "_"
		}
		if word == "_" && len(out) > 0 && out[len(out)-1] == "_" {
			continue
		}
		out = append(out, word)
	}
	return strings.Join(out, " ")
}

// plain reports a word as sentences have it.
func plain(word string) bool {
	word = strings.TrimLeft(strings.TrimRight(word, ",.:;)\""), "(\"")
	for i, c := range word {
		if !unicode.IsLower(c) && (i == 0 || c != '-' && c != '\'') {
			return false
		}
	}
	return word != ""
}
