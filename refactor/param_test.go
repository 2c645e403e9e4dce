package refactor

import (
	"context"
	"errors"
	"maps"
	"strings"
	"testing"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/split"
)

var sample = &Refactoring{
	Name:   "sample",
	Target: Param{Type: Declaration, Required: true, Example: "./a.F"},
	Params: []Param{
		{Name: "on", Type: Bool},
		{Name: "depth", Type: Number, Default: "3"},
		{Name: "word", Type: Text},
		{Name: "as", Type: Identifier, Default: "ctx"},
		{Name: "mode", Type: Enum, Values: []string{"fast", "slow"}, Default: "slow"},
		{Name: "at", Type: Declaration},
		{Name: "stops", Type: List, Elem: Declaration},
		{Name: "names", Type: List, Elem: Identifier},
		{Name: "part", Type: Component},
	},
}

func TestCheck(t *testing.T) {
	in := Input{
		ReadConfig: func() (*split.Config, error) {
			return &split.Config{Components: map[string]split.Component{"declared": {Contract: "./d.Service"}, "bare": {}}}, nil
		},
		ReadLock: func() (map[string]string, error) { return map[string]string{"locked": "./l.Service"}, nil },
	}
	for _, tt := range []struct{ param, value, want, wrong string }{
		{"on", "true", "true", ""},
		{"on", "T", "true", ""},
		{"on", "0", "false", ""},
		{"on", "yes", "", `--on: "yes" is neither true nor false`},
		{"depth", "007", "7", ""},
		{"depth", "-1", "", "--depth: \"-1\" is no whole number"},
		{"depth", "99999999999", "", "is no whole number, or too large"},
		{"word", "any thing, at all", "any thing, at all", ""},
		{"as", "parent", "parent", ""},
		{"as", "func", "", `"func" is no name that Go allows`},
		{"as", "_", "", `"_" is no name`},
		{"as", "1st", "", `"1st" is no name`},
		{"mode", "fast", "fast", ""},
		{"mode", "Fast", "", `"Fast" is none of fast, slow`},
		{"at", "./a b", "", "has spaces in it"},
		{"at", "./a.{F, G}", "./a.{F, G}", ""},
		{"stops", "./a.F, ./b.{G,H} ,,./a.F", "./a.F,./b.{G,H}", ""},
		{"names", "a,b,a", "a,b", ""},
		{"names", "a,type", "", `"type" is no name`},
		{"part", "pricing", "pricing", ""},
		{"part", "bare", "bare", ""},
		{"part", "Pricing", "", "must be lower case letters"},
		{"part", "declared", "", "component declared has a contract already: ./d.Service"},
		{"part", "locked", "", "component locked has a contract already: ./l.Service"},
		{"speed", "1", "", "--speed: sample has no such parameter"},
		{"", "1", "", "--: sample has no such parameter"},
	} {
		req, err := sample.Check(in, Request{Target: "./a.F", Params: map[string]string{tt.param: tt.value}})
		if tt.wrong != "" {
			if _, usage := errors.AsType[*component.UsageError](err); !usage || !strings.Contains(err.Error(), tt.wrong) {
				t.Errorf("%s=%s: got %v, want %q", tt.param, tt.value, err, tt.wrong)
			}
			continue
		}
		if err != nil || req.Text(tt.param) != tt.want {
			t.Errorf("%s=%s: got %q, %v, want %q", tt.param, tt.value, req.Text(tt.param), err, tt.want)
		}
	}
}

// TestDo: defaults are filled in, the request of the caller stays as it is, and
// a wrong one runs nothing.
func TestDo(t *testing.T) {
	var got []Request
	r := *sample
	r.Run = func(_ context.Context, _ Input, req Request) (change.Set, error) {
		got = append(got, req)
		return change.Set{}, nil
	}
	given := Request{Target: "./a.F", Params: map[string]string{"stops": "./x.{A,B},./y"}}
	before := maps.Clone(given.Params)
	if _, err := r.Do(t.Context(), Input{}, given); err != nil {
		t.Fatal(err)
	}
	if !maps.Equal(given.Params, before) {
		t.Errorf("the caller's request was changed: %v", given.Params)
	}
	if len(got) != 1 || got[0].Number("depth") != 3 || got[0].Text("as") != "ctx" || got[0].Bool("on") {
		t.Fatalf("the request that ran: %v", got)
	}
	if l := got[0].List("stops"); len(l) != 2 || l[0] != "./x.{A,B}" || l[1] != "./y" {
		t.Errorf("the list: %q", l)
	}
	_, err := r.Do(t.Context(), Input{}, Request{})
	if err == nil || err.Error() != "target: is missing" || component.HintOf(err) != "for example: ./a.F" {
		t.Errorf("no target: %v, hint %q", err, component.HintOf(err))
	}
	if _, err := r.Do(t.Context(), Input{}, Request{Target: "./a", Params: map[string]string{"typo": ""}}); err == nil {
		t.Error("a parameter that there isn't was taken, since its value is empty")
	}
	if len(got) != 1 {
		t.Errorf("a wrong request ran: %v", got[1:])
	}
}

// TestFill: a form has each parameter with its value or its default, and what is wrong
// with it beside it.
func TestFill(t *testing.T) {
	target, params := sample.Fill(Input{}, Request{Target: "./a b", Params: map[string]string{"depth": "007", "as": "func"}})
	if target.Value != "./a b" || !strings.Contains(target.Problem, "has spaces in it") {
		t.Errorf("the target: %+v", target)
	}
	got := map[string]Field{}
	for _, f := range params {
		got[f.Name] = f
	}
	if len(params) != len(sample.Params) || got["depth"].Value != "7" || got["mode"].Value != "slow" || got["as"].Value != "func" || got["depth"].Problem+got["mode"].Problem != "" {
		t.Errorf("the parameters: %+v", params)
	}
	if want := `"func" is no name that Go allows`; got["as"].Problem != want {
		t.Errorf("a wrong one: %q, want %q", got["as"].Problem, want)
	}
}
