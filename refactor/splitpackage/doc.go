// Package splitpackage divides a package into several, along the components that
// find proposes for its declarations or as a person says. Helpers go where they
// are used, groups that would import each other stay together, and everything that
// refers to the declarations does so at their new place.
package splitpackage
