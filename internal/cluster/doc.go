// Package cluster finds the components of a program: summaries of packages in,
// components with their couplings, hazards and metrics out.
//
// It sees references and names alone, through component.Graph, and never code.
// How well it does is measured by internal/truth; the constants in cluster.go
// were set by that, and RATIONALE.md says how.
package cluster
