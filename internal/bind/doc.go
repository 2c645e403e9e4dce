// Package bind makes what reaching a component in another process takes, and takes
// it back: generated code and the copied run-time, the edits of composition roots,
// what go.mod must require, the component's entry in unweld.yaml, and unweld.lock,
// which remembers all of it.
//
// Bind and State are one run of the same steps: the contract is looked up in the
// module as people wrote it, plug-ins generate, the outcome is type-checked, and what
// differs from what is on disk becomes a change.Set. Eject goes the other way, to the
// byte. Overlay is what builds of a bound module need beyond what was copied, and
// WithoutGenerated the module as people wrote it.
//
// Its caller is engine. It is given the tables of bindings and stores, knows none of
// them by name, and writes nothing: change sets are applied by who asked for them.
// The go command runs in it, for its version and to resolve requirements.
package bind
