package thread

import "github.com/unweld/unweld/refactor"

// A ContextChoice says what a call gets that has no context to pass, and whose
// function can't take one.
type ContextChoice string

const (
	Background     ContextChoice = "background" // context.Background(), with a note
	TODO           ContextChoice = "todo"       // context.TODO(), with a note
	Field          ContextChoice = "field"      // the receiver's own context, where it has one; else Background
	RefuseContexts ContextChoice = "refuse"     // nothing: it is a problem
)

// An ErrorChoice says what becomes of an error that can't be reported: the
// function around the call neither returns one nor can come to.
type ErrorChoice string

const (
	Log          ErrorChoice = "log"    // by the logger of the program, and the function is left
	Panic        ErrorChoice = "panic"  // the function panics
	Drop         ErrorChoice = "drop"   // it is assigned to the blank identifier
	RefuseErrors ErrorChoice = "refuse" // nothing: it is a problem
)

// ContextParam and ErrorsParam are the parameters by which the user of a
// refactoring chooses; ChoicesOf reads them.
var (
	ContextParam = refactor.Param{Name: "context", Type: refactor.Enum, Default: string(Background),
		Values: []string{string(Background), string(TODO), string(Field), string(RefuseContexts)},
		Doc:    "what a call gets that has no context to pass: context.Background() or context.TODO(), each place noted with the nearest context; field is a context that the receiver keeps, where there is one"}
	ErrorsParam = refactor.Param{Name: "errors", Type: refactor.Enum, Default: string(Log),
		Values: []string{string(Log), string(Panic), string(Drop), string(RefuseErrors)},
		Doc:    "what becomes of an error that a function can't return: log uses the logger that the code around uses; each place is noted"}
)

// Choose sets the choices of a checked request that has ContextParam,
// ErrorsParam or both.
func (t *Threader) Choose(req refactor.Request) {
	if c := req.Text(ContextParam.Name); c != "" {
		t.Context = ContextChoice(c)
	}
	if e := req.Text(ErrorsParam.Name); e != "" {
		t.Errors = ErrorChoice(e)
	}
}
