// Package commandlog keeps the log of a component's calls in a SQLite file, with
// a write-ahead log and synchronous=FULL: what was acknowledged survives the end
// of the process and of the machine.
//
// A log that ends in a write that was cut off is opened: that call was never
// acknowledged. Damage before the end, and an end that lies before what was
// acknowledged, are errors that leave the files as they are, or keep a copy, and
// say how to go on. The lock on the file is the operating system's, so that of a
// process that died is free.
package commandlog
