// Package diskcache limits the size of a folder of cached files: entries that
// weren't used for some days are removed, and if the rest is too large, the
// least recently used ones.
//
// The content of entries is up to the caller. They are two folders below the
// cache's, as BUILD/XX/NAME.pack, where BUILD stands for one build of the
// program and XX for the first two digits of NAME; a file is called new-* while
// it is being written. Nothing else is ever removed.
//
// Any number of processes may use, fill and trim a cache at the same time. A
// removed entry is created again by whoever needs it.
package diskcache
