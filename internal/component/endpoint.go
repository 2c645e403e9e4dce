package component

// An Endpoint is what planners, targets, stores and unweld.lock must know of a
// method of a contract: everything but its types. It is plain data, the same
// wherever an endpoint is spoken of.
type Endpoint struct {
	Name string `json:"name"`
	// Local is why this endpoint can't cross a process, or empty.
	Local string `json:"local,omitempty"`
	// Needs are the modes that a binding must carry for this endpoint to cross,
	// sorted; empty where a request and a reply with values do.
	Needs []Mode `json:"needs,omitempty"`
	// Effect is what a call does to the component's state; empty, as in files
	// of earlier releases, is EffectUnknown.
	Effect Effect `json:"effect,omitempty"`
	// TouchesState is false only where it is proven that the method neither
	// reads nor writes the component's state.
	TouchesState bool `json:"touchesState,omitempty"`
	// Idempotent: a call that may have been executed can be repeated without
	// doing more than one execution does. It is proven, of a method that does
	// nothing but read, or declared with //unweld:idempotent.
	Idempotent bool `json:"idempotent,omitempty"`
	// Slow: a call may take so long that the server must not run it on a
	// goroutine that serves others. It is declared with //unweld:slow.
	Slow bool `json:"slow,omitempty"`
}

// Effect is what a method does to its component's state.
type Effect string

const (
	EffectUnknown Effect = "unknown" // counts as EffectWrites
	EffectReads   Effect = "reads"   // proven not to change the component's state
	EffectWrites  Effect = "writes"
)

// ChangesState reports whether a call may change the component's state, which
// it may unless the contrary is proven.
func (e *Endpoint) ChangesState() bool { return e.TouchesState && e.Effect != EffectReads }
