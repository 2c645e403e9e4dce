// Package process runs a split as local processes: the units are the same
// program, told by their environment what they host, and a supervisor starts
// them, restarts what dies, moves components between them while calls are in
// flight, and ends them all when the entry unit ends.
//
// # Changing a running split
//
// The supervisor has a plan: what every process that is started from now on
// does. An apply starts the units that are missing, brings one component after
// the other to its new place, and ends the units that are no longer needed.
// Units may die at any step of that, so no step relies on what an earlier one
// did. It looks at what the units' processes may host now, which is what they
// were started with or told to host and haven't given up since (unit.hosts).
// A process that has ended hosts nothing, and the next one begins with the plan
// of that moment.
//
// A component without state is served by its old and its new host for a while:
//
//  1. The plan names the new place.
//  2. The new host constructs the component and listens at an address of its own.
//  3. Callers are directed there, the old host last.
//  4. The old host waits for its calls and gives the component up.
//
// Of one with state there must never be two, not even for a moment:
//
//  1. Its callers' gates close: new calls wait.
//  2. The plan names no host.
//  3. The old host waits for its calls and gives the component up.
//  4. The plan names the new place.
//  5. The new host constructs the component, replaying its store, and listens.
//  6. Callers are directed there, which opens their gates.
//
// When a step fails, all components go back to where they were, by the same
// steps. Then a process in the way is killed, except the entry unit's: its end
// would be the program's. If even that fails, because the entry unit can't
// construct the component again, say, or calls in it don't end, the plan stays
// what it is, each component that is between two places is marked so, and the way
// back is tried again and again. An apply doesn't begin before it has succeeded.
//
// A process that was started by an older plan than the present one is made to
// agree with it when it has opened the component (settle).
package process
