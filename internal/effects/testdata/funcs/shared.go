package p

// Two names of one map, and of one struct.
var (
	table   = map[string]int{"a": 1}
	same    = table
	plain   = map[string]int{"b": 2}
	config  = &settings{}
	active  *settings
	handed  = map[string]int{}
	closed  = map[string]int{}
	kept    = map[string]int{}
	generic = map[string]int{}
	started int
	store   *holder
)

type settings struct{ level int }

type holder struct{ m map[string]int }

type Doer interface{ Do() }

type bumper struct{}

func (bumper) Do() { started++ }

func init() { active = config; store = &holder{m: kept} }

// want writes
func SetSame(k string) { same[k] = 1 }

// table is the map that SetSame changes.
//
// want reads
func Get(k string) int { return table[k] }

// want reads stateless
func Plain(k string) int { return plain[k] }

// want writes
func SetLevel(n int) { active.level = n }

// want reads
func Level() int { return config.level }

// want reads
func Handed() map[string]int { return handed }

// Callers may have changed what Handed returned.
//
// want reads
func ReadHanded() int { return handed["x"] }

// What it returns may change the state at any time.
//
// want unknown
func Setter() func(string) { return func(k string) { closed[k] = 1 } }

// want reads
func ReadClosed() int { return closed["x"] }

// want writes
func Store(k string) { store.m[k] = 1 }

// want reads
func ReadKept() int { return kept["x"] }

// want writes
func SetGeneric() { put(generic, "a", 1) }

func put[K comparable, V any](m map[K]V, k K, v V) { m[k] = v }

// want reads
func ReadGeneric() int { return generic["a"] }

// A type of this package may be behind the interface.
//
// want unknown unfollowed
func Run(d Doer) { d.Do() }

// want reads
func Started() int { return started }
