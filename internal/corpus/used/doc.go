// Package used finds the types of a module that are plausible components: those
// whose methods other packages call, and those of them that are held by pointer
// wherever others hold them. Rates of refactorings are about these.
package used
