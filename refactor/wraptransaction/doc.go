// Package wraptransaction takes one write out of a database transaction that two
// components share: the transaction records in an outbox table that the write is to be
// made, and a function delivers what is recorded after the commit, at least once and
// with a key by which the receiver knows what it has. What comes out uses
// database/sql only and has been type-checked with the module's tests.
//
// It creates no table: the SQL for that is a constant of the file that it writes.
package wraptransaction
