package component

// An Endpoint is what planners, targets, stores and unweld.lock know of a
// method of a contract: everything but its types.
type Endpoint struct {
	Name string `json:"name"`
	// Local says why the endpoint can't cross a process, or is empty.
	Local string `json:"local,omitempty"`
	// Needs are the modes that a binding must carry for the endpoint to cross,
	// sorted. It is empty where every binding can carry it.
	Needs []Mode `json:"needs,omitempty"`
	// Effect is what a call does to the component's state. Empty, as in files
	// of earlier releases, means EffectUnknown.
	Effect Effect `json:"effect,omitempty"`
	// TouchesState is false only where it is proven that the method neither
	// reads nor writes the component's state.
	TouchesState bool `json:"touchesState,omitempty"`
	// Idempotent: a call that may have been executed can be repeated, with the
	// effect of a single execution. It is proven where a method only reads, or
	// declared with //unweld:idempotent.
	Idempotent bool `json:"idempotent,omitempty"`
	// Slow: a call may take so long that the server must run it on a goroutine
	// of its own. It is declared with //unweld:slow.
	Slow bool `json:"slow,omitempty"`
}

// Effect is what a method does to its component's state.
type Effect string

const (
	EffectUnknown Effect = "unknown" // counts as EffectWrites
	EffectReads   Effect = "reads"   // proven not to change the state
	EffectWrites  Effect = "writes"
)

// ChangesState reports whether a call may change the component's state: true
// unless the contrary is proven.
func (e *Endpoint) ChangesState() bool { return e.TouchesState && e.Effect != EffectReads }
