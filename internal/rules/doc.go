// Package rules holds a module's code to the rules of unweld.yaml: which component
// may use which, which layers lie above which, and which folders are private.
//
// Code is the whole module with its components. Check reports the uses that a rule
// forbids; those of a baseline, or of an earlier revision, are taken away from that
// by Accept. CheckNames says whether what unweld.yaml names is there at all. Of files
// that this build doesn't have, tests and those for other systems, the imports and
// what is selected from them count: they aren't type-checked.
//
// Its caller is engine, for check, init and whatever needs names that are there.
// It loads nothing and writes nothing, and doesn't know where an earlier revision
// comes from.
package rules
