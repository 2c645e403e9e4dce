// Package patches writes changes of a git repository as a stack of patches that
// git am applies, each with a message in the style of the repository's log.
//
// It works on a copy of the working tree, with an index of its own: the
// repository is only read. What a patch says of its change comes from the caller;
// how it is spelled is decided here. Git has to be installed.
package patches
