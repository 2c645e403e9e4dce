// Package diskcache keeps a folder of cached files small: entries that nobody
// has used for some days go, and where the rest is too large, those that were
// used longest ago.
//
// What is in the entries is the caller's affair. They lie two folders below the
// cache's, as BUILD/XX/NAME.pack, where BUILD stands for one build of the program
// and XX for the first two digits of NAME; a file that is being written is called
// new-* until it is whole. Nothing else is ever removed.
//
// Any number of processes may use, fill and trim one cache at the same time: an
// entry is there or it isn't, and one that is lost is made again.
package diskcache
