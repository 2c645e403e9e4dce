package crossing

import "strings"

// A contrast says of one kind of reason how the program behaves today, and how
// it would behave across a process.
type contrast struct{ within, across string }

var contrasts = map[string]contrast{
	"chan-in-contract":       {"both sides hold the same channel", "a channel can't be sent"},
	"func-in-contract":       {"the function is called with its caller's variables", "a function can't be sent"},
	"iterator-in-contract":   {"the loop of one side runs the code of the other", "an iterator can't be sent"},
	"stream-in-contract":     {"both sides read and write the same stream", "the stream stays behind"},
	"open-interface":         {"any type may be behind the interface", "only types that both sides know beforehand can be sent"},
	"unexported-state":       {"the value keeps its unexported fields", "they are lost"},
	"foreign-type":           {"the value keeps what its package hides", "what is hidden is lost"},
	"unsafe-value":           {"an address means the same to both sides", "it means nothing"},
	"lock-in-value":          {"both sides lock the same lock", "each would lock a copy of its own"},
	"context-in-struct":      {"the context ends what was begun with it", "a context inside a value can't be sent"},
	"tx-crosses":             {"both sides work in the same database session", "the session stays behind and the work is no longer atomic"},
	"connection-in-contract": {"both sides use the same connection", "a connection stays where it was opened"},
	"process-state":          {"the value stands for something of the process", "it stands for nothing"},
	"generic-contract":       {"the compiler makes one function for each set of types", "there is no function to name"},
	"unknown-type":           {"the type could not be checked", "nothing is known of it"},
}

// Sentence describes what would change if the function called name were called
// from another process.
func (r Reason) Sentence(name string) string {
	c := contrasts[r.Code]
	if r.Path == name || strings.HasPrefix(r.Path, name+"(") {
		name = ""
	} else {
		name += ": "
	}
	said := name + r.Lineage() + ": in one process " + c.within + ", across a process " + c.across
	switch {
	case r.Lacks != "" && r.as == "":
		said += "; " + r.Lacks
	case r.Lacks != "":
		said += "; it crosses as a " + r.as + ", but " + r.Lacks
	}
	return said
}

// Lineage returns the path with the offending type at its end.
func (r Reason) Lineage() string {
	if r.Type == nil {
		return r.Path
	}
	return r.Path + " (" + short(r.Type) + ")"
}

// Codes are the hazards that a Reason can have, sorted.
var Codes = []string{"chan-in-contract", "connection-in-contract", "context-in-struct", "foreign-type", "func-in-contract", "generic-contract", "iterator-in-contract",
	"lock-in-value", "open-interface", "process-state", "stream-in-contract", "tx-crosses", "unexported-state", "unknown-type", "unsafe-value"}
