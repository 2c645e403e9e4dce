package catalogue

// streams says what the column of that name means for a program.
const streams = "## Streams\n\n" +
	"Some bindings carry parameters and results that are streams: `io.Reader`, `io.Writer` and what joins them, with `Close` or without,\n" +
	"`iter.Seq`, `iter.Seq2`, `<-chan T`, and as parameters functions whose own parameters are plain values.\n\n" +
	"- A slow consumer holds the producer up: of bytes at most a megabyte is under way, of values 64 or 256 KiB.\n" +
	"- A parameter ends with the call. A `Read` of one is one `Read` at the caller's, a `Write` has its own error, an iterator is one value ahead\n" +
	"  at most: each costs a round trip. `io.Copy` sends ahead, since it wants everything. Of a channel one value may be lost when a call ends before its channel does.\n" +
	"- A result lives until it is closed, read to its end, or left by a `break`, or until the call's context ends. An iterator that is a result can be used\n" +
	"  once.\n" +
	"- Errors keep their identity: `io.EOF` is `io.EOF`. A broken link is an error of the call and of everything that reads or writes. The loop over an\n" +
	"  `iter.Seq2[T, error]` gets it as its last error, and one over an `iter.Seq[T]` panics with it, unless the call's own context has ended. A channel is closed then, so give it elements\n" +
	"  that say when they are complete, or an iterator instead.\n" +
	"- A panic of a callback fails the call, and nothing in the component goes on with results that it didn't get.\n" +
	"- A method whose only result is an `iter.Seq2[T, error]`, a reader or a writer needs no error beside it: a call that fails gives a stream that fails.\n"
