// Package returnchanges makes a function return what it changes of its arguments:
// Fill(o *Order) becomes Fill(o Order) Order, and its callers take the new value.
// Nothing that a caller can see differs: a call for which that can't be shown is
// refused. What comes out has been type-checked with its tests.
package returnchanges
