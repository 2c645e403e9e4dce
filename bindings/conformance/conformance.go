// Package conformance holds every binding to one standard: a program whose
// component is reached through it must print what it prints when the component
// is a plain value. The cases are programs in testdata/contracts/conformance;
// its tests generate, compile and run them in scratch modules.
package conformance
