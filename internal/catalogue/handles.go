package catalogue

// handles says what the column of that name means for a program.
const handles = "\n## Handles\n\n" +
	"Some bindings carry results that are interfaces with methods: a session, a transaction, a cursor. The value stays with the component. What the caller\n" +
	"holds has the methods of the interface, and the component executes them. Each must return an error as its last result, since the link can fail; it needs no context.\n" +
	"They may take and return all that endpoints do: values, streams, other handles.\n\n" +
	"- A handle that comes back as an argument, to an endpoint or to a method of another handle of the same component, is the value itself there. What the\n" +
	"  component didn't give isn't: the call fails with `handle.ErrForeign` before it is sent. Inside of other values (a slice, a struct) handles don't cross.\n" +
	"- The same value, as the same interface, is the same handle: `==` says what it would in one process, if values of its type can be compared. A type assertion finds the methods\n" +
	"  of the interface that the contract names, and no other.\n" +
	"- The component keeps the value for as long as the calling process refers to it, which its garbage collector finds out. A method `Close` with no parameters but a context\n" +
	"  and no result but an error ends the handle when it succeeds, for all that have it.\n" +
	"- A process that isn't heard of for the time of a lease, a minute or what `UNWELD_LEASE=90s` says where the component runs, loses its handles. What nobody else has is closed\n" +
	"  then, if it has `Close() error` or `Close(ctx) error`, after the calls of it that are under way. A value that merely isn't referred to any more isn't closed, as in one process.\n" +
	"- Later calls fail, not executed, and errors.Is says why: `handle.ErrClosed`, `handle.ErrExpired` after a lease, `handle.ErrLost` if the process that had the value was started again or\n" +
	"  isn't where the component is. Never does a handle stand for another value. The package is `internal/unweld/handle` in your module.\n" +
	"- When the component moves while the program runs, handles stay with the process that made them, for as long as the connection to it lasts, and what they hold doesn't move. Passed to the component at its new place,\n" +
	"  they are `handle.ErrLost`.\n" +
	"- A process may have 65536 handles of a component, all together 1048576; beyond that `handle.ErrTooMany`. From 4096 on the garbage collector runs for them.\n" +
	"- A store that logs calls refuses methods with handles: what is done with a handle would be lost.\n"
