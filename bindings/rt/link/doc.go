// Package link is the run-time below generated code. It decides, per endpoint
// and while the program runs, whether a call is a function call in this process
// or crosses to another one, and it can change that decision under load without
// losing a call.
//
// It is copied into the user's module and imports only the standard library.
//
// # Overview
//
//   - A [Contract] is what generated code tells the run-time about a component:
//     its endpoints, its errors, and how to wrap, call and serve it.
//   - [Open] (and [OpenVar] for packages of functions) returns the value that the
//     program uses. With no UNWELD_* variable set it is the implementation behind
//     one atomic load; see unit.go for the variables.
//   - A [Route] is where the calls of one endpoint go. swap.go replaces routes.
//   - A [Remote] carries encoded calls to another process through a [Transport],
//     which bindings register by the scheme of their addresses.
//   - An [Observer] is told of calls. observe.go has what each call looks at for that.
//   - control.go is the protocol between a unit and its supervisor.
//   - testsplit.go runs the components of a test in several processes.
package link
