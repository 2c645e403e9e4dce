// Package verify holds a change of code to what the code did before it. In a copy
// of the module it runs go vet and the tests of the packages that the change
// reaches, before and after, and calls each changed function that takes data with
// random arguments, the old one and the new one with the same.
//
// It runs code of the module: its tests, the initialization of its packages, and
// the functions that it calls. The module at hand is changed meanwhile and is as
// it was when Check returns, so callers give it a copy (revision.Repository.Disk).
//
// It tells what it found different, and what it couldn't look at. That nothing
// differs is evidence and no proof.
package verify
