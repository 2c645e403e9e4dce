package lsp

import (
	"reflect"
	"testing"

	"github.com/unweld/unweld/internal/component"
)

// TestTogether: the same words of several methods are said once, in the order in which
// they came.
func TestTogether(t *testing.T) {
	hazard := func(code, message string) component.Problem {
		return component.Problem{Code: code, Message: message, Hint: "add one"}
	}
	got := together([]component.Problem{
		hazard("no-context", "Price takes no context: it can hang"),
		hazard("no-error-result", "Rules has no error result"),
		hazard("no-context", "Rules takes no context: it can hang"),
		hazard("other", "Rules takes no context: it can hang"),
	})
	want := []component.Problem{
		hazard("no-context", "each of Price, Rules takes no context: it can hang"),
		hazard("no-error-result", "Rules has no error result"),
		hazard("other", "Rules takes no context: it can hang"),
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%+v\nwant\n%+v", got, want)
	}
}
