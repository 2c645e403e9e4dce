// Package postgres keeps the log of a component's calls in a PostgreSQL database.
//
// The tables lie in a schema of the component's own:
//
//	meta     marks of the log, and who owns it: its generation
//	methods  the numbers of methods
//	batches  the log
//
// The owner holds an advisory lock for as long as its connection lives. The
// server lets go of it when the connection ends, which the owner may learn
// later than the next one: so whoever takes the log raises its generation, and
// every write is made under the condition that the generation is still the
// writer's own. A process that lost the log writes nothing more.
//
// The last acknowledged number is kept in the same transaction as the batch, so
// rows that are missing at the end are seen.
package postgres
