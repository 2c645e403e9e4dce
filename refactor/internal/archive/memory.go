package archive

import "github.com/unweld/unweld/internal/source"

// Memory keeps what the tests of this process learn from the go command, as later runs of
// the program find it on disk: most modules of archives import the same few packages.
var Memory source.Store = new(source.MemoryStore)
