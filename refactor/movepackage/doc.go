// Package movepackage moves a package to another folder of the module, with
// everything below it, and changes the imports of it.
package movepackage
