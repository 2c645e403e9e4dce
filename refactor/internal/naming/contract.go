package naming

import (
	"slices"
	"strings"
	"unicode"
)

// A Subject is what an interface is about.
type Subject struct {
	Type    string   // the concrete type's name
	Package string   // of the interface
	Methods []string // that the interface has, accessors left out
	// Fields says that it has other methods as well, which are written for it.
	Fields bool
	// Changes says that one of those sets something, Reads that one reads.
	Changes, Reads bool
	// Consumer says that the interface stands where it is used, and not beside the type.
	Consumer bool
	// Fallback are names that go before those that only say that it is an interface.
	Fallback []string
}

// Contract returns names for an interface, the best first; a name may be in use. They
// are what Go's own interfaces are called by: what the type does (Pricer, ReadWriter),
// its role without how it is done (Store for SQLStore), or the side of the type that
// is used (StoreReader).
func Contract(s Subject) []string {
	var out []string
	add := func(names ...string) {
		for _, n := range names {
			if n != "" && !slices.Contains(out, n) {
				out = append(out, n)
			}
		}
	}
	add(Role(s.Type))
	if s.Consumer {
		add(s.Type)
	}
	if len(s.Methods) == 1 && !s.Fields {
		add(Agent(s.Methods[0]))
	}
	add(together(s))
	base, isAPI := strings.CutSuffix(s.Type, "API") // a MessageAPIAPI is nothing
	alone := strings.EqualFold(s.Type, s.Package) || base == ""
	if alone && !s.Consumer {
		add(s.Type)
		add(does(s)...)
	}
	switch {
	case strings.HasSuffix(s.Type, "er"), strings.HasSuffix(s.Type, "or"): // a WriterReader is nothing
	case all(s.Methods, reading) && !s.Changes:
		add(s.Type + "Reader")
	case all(s.Methods, writing) && !s.Reads:
		add(s.Type + "Writer")
	}
	add(s.Type)
	add(s.Fallback...)
	if alone {
		add("Interface")
	}
	if isAPI && base != "" {
		add(base + "Interface")
	} else if !isAPI {
		add(s.Type + "API")
	}
	add(s.Type+"Interface", s.Type+"Methods")
	return out
}

// implementations are words by which a type's name says how it does what it does, as
// they begin it.
var implementations = []string{
	"Base", "Basic", "Default", "Simple", "Standard", "Std", "Local", "Real", "Generic", "Native", "Embedded",
	"InMemory", "InMem", "Memory", "Mem", "File", "Files", "FileSystem", "Filesystem", "FS", "Disk",
	"SQL", "Sql", "SQLite", "Sqlite", "SQLite3", "Postgres", "PostgreSQL", "Postgresql", "Pg", "PG", "MySQL", "Mysql", "Mongo", "MongoDB",
	"Redis", "Bolt", "BoltDB", "Badger", "Etcd", "Consul", "S3", "GCS", "DB", "Gorm", "GORM", "Bun", "Ent",
	"HTTP", "Http", "GRPC", "Grpc", "REST", "Rest", "Kafka", "Nats", "NATS", "AMQP", "SMTP", "Smtp",
}

// Role returns the name of a type without the words that say how it does what it
// does: Store for SQLStore, App for BaseApp, Cache for CacheImpl. It is empty where
// there is no such word, or nothing else.
func Role(name string) string {
	words := Words(name)
	for _, end := range []string{"Impl", "Implementation", "Struct"} {
		if n := len(words); n > 1 && words[n-1] == end {
			return strings.TrimSuffix(name, end)
		}
	}
	longest, from := "", ""
	for _, w := range words[:max(0, len(words)-1)] {
		if from += w; slices.Contains(implementations, from) {
			longest = from
		}
	}
	role := strings.TrimPrefix(name, longest)
	if longest == "" || slices.Contains([]string{"Info", "Path", "Name", "System", "Mode", "URL", "Error", "Config", "Options", "Time", "Type", "Header", "Body"}, role) {
		return ""
	}
	return role
}

// does returns names that say what something does, of which neither its own name nor
// its package's says more than the other: who does what at least half of its methods
// have in common, a Reader or Writer of what it has, the Store of what it keeps, and
// otherwise a Service if it is started and stopped.
func does(s Subject) []string {
	var out []string
	verbs := map[string]int{}
	for _, m := range s.Methods {
		verb := Words(m)[0]
		if verbs[verb]++; verbs[verb] == 2 && 2*count(s.Methods, verb) >= len(s.Methods) && slices.Contains(deeds, verb) && !slices.Contains([]string{"Get", "Set", "Add", "Open", "Close"}, verb) {
			out = append(out, agent(verb))
		}
	}
	if len(s.Methods) < 2 {
		return out
	}
	var reads, writes, makes int
	for _, m := range s.Methods {
		switch {
		case all([]string{m}, reading):
			reads++
		case all([]string{m}, writing):
			writes++
		}
		if all([]string{m}, []string{"Create", "Delete", "Insert", "Save", "Remove", "Update", "Put", "Upsert", "Store"}) {
			makes++
		}
	}
	switch n := len(s.Methods); {
	case reads == n && !s.Changes:
		out = append(out, "Reader")
	case writes == n && !s.Reads:
		out = append(out, "Writer")
	case reads > 0 && makes > 0 && 4*(reads+writes) >= 3*n:
		out = append(out, "Store")
	}
	if slices.ContainsFunc(s.Methods, func(m string) bool {
		return all([]string{m}, []string{"Start", "Run", "Serve", "Listen", "Stop", "Shutdown", "Handle"})
	}) {
		out = append(out, "Service")
	}
	return out
}

// count counts the methods whose name begins with a word.
func count(methods []string, word string) int {
	n := 0
	for _, m := range methods {
		if Words(m)[0] == word {
			n++
		}
	}
	return n
}

// together joins two agents as io.ReadWriter does: where an interface has two methods
// of one common word each.
func together(s Subject) string {
	if len(s.Methods) != 2 || s.Fields {
		return ""
	}
	common := []string{"Read", "Get", "Load", "Encode", "Lock", "Push", "Send", "Write", "Put", "Set", "Save", "Decode", "Seek", "Flush", "Close"}
	a, b := slices.Index(common, s.Methods[0]), slices.Index(common, s.Methods[1])
	if a < 0 || b < 0 {
		return ""
	}
	return common[min(a, b)] + Agent(common[max(a, b)])
}

// noAgents are methods that name what they return, and no deed.
var noAgents = []string{
	"Len", "Size", "Length", "Name", "Path", "Text", "ID", "Total", "Value", "Key", "Time", "State", "Status", "Type", "Kind", "Data", "Body",
	"URL", "Error", "Next", "Last", "First", "Now", "Host", "Port", "User", "Item", "Config", "Options", "Addr", "Success", "Address", "Context", "Done", "Err",
	"Header", "Version", "Bytes", "Info", "Is", "Has", "All", "New", "Instance", "Count", "Empty", "Ready", "Enabled", "Valid", "Exists",
}

// deeds are the verbs that a method's name of several words may begin with.
var deeds = []string{
	"Get", "Find", "Fetch", "Load", "Save", "Send", "Publish", "Create", "Delete", "List", "Read", "Write", "Resolve", "Validate", "Check", "Run", "Parse",
	"Render", "Store", "Notify", "Schedule", "Sign", "Verify", "Encode", "Decode", "Set", "Update", "Register", "Handle", "Process", "Compute", "Build",
	"Record", "Collect", "Count", "Search", "Query", "Generate", "Execute", "Evaluate", "Convert", "Format", "Print", "Log", "Report", "Apply", "Add", "Remove",
	"Put", "Post", "Submit", "Commit", "Emit", "Dispatch", "Authenticate", "Authorize", "Issue", "Grant", "Lookup", "Watch", "Open", "Close", "Make", "Dial", "Visit",
}

// Agent names who does what a method does, as Go's interfaces of one method are named:
// Pricer for Price, UserFinder for FindUser. It is empty where that would be no word,
// or no deed.
func Agent(method string) string {
	words := Words(method)
	switch {
	case len(words) == 1:
		return agent(method)
	case len(words) < 2 || !slices.Contains(deeds, words[0]):
		return ""
	}
	for _, w := range words[1:] {
		if slices.Contains([]string{"By", "With", "For", "From", "To", "In", "Of", "On", "And", "Or", "All", "If", "At", "As", "Into", "Or", "Not", "Is"}, w) {
			return ""
		}
	}
	what := method[len(words[0]):]
	if one, ok := Singular(what); ok {
		what = one
	}
	who := agent(words[0])
	if who == "" {
		return ""
	}
	return what + who
}

// agent makes the noun of a verb.
func agent(verb string) string {
	lower := strings.ToLower(verb)
	last := func(n int) string { return lower[max(0, len(lower)-n):] }
	switch {
	case len(verb) < 3 && verb != "Do", slices.Contains(noAgents, verb):
		return ""
	case last(2) == "er" && lower != "render" && lower != "register" && lower != "deliver" && lower != "filter", last(2) == "or", last(2) == "ss" && last(4) != "cess" && last(4) != "ress":
		return ""
	case last(3) == "ate" && len(lower) > 5 && lower != "update":
		return verb[:len(verb)-1] + "or"
	case last(2) == "ct" && lower != "reject", lower == "visit", lower == "edit", last(2) == "ss":
		return verb + "or"
	case lower == "execute":
		return verb[:len(verb)-1] + "or"
	case last(1) == "e":
		return verb + "r"
	case last(1) == "y" && !vowel(last(2)[0]):
		return verb[:len(verb)-1] + "ier"
	case last(1) == "s":
		return "" // a plural
	case last(2) == "ed" && len(lower) > 4 && lower != "speed", last(3) == "ing" && len(lower) > 5, last(4) == "tion":
		return "" // what was done, or is
	case doubles(lower):
		return verb + lower[len(lower)-1:] + "er"
	}
	return verb + "er"
}

// doubles reports a verb whose last letter is doubled: get, plan, submit.
func doubles(verb string) bool {
	if slices.Contains([]string{"submit", "commit", "emit", "begin", "permit"}, verb) {
		return true
	}
	n := len(verb)
	if n < 3 || vowel(verb[n-1]) || !vowel(verb[n-2]) || vowel(verb[n-3]) || strings.IndexByte("wxy", verb[n-1]) >= 0 {
		return false
	}
	for i := range n - 2 {
		if vowel(verb[i]) {
			return false // of more than one syllable
		}
	}
	return true
}

func vowel(c byte) bool { return strings.IndexByte("aeiou", c) >= 0 }

var (
	reading = []string{"Get", "List", "Find", "Load", "Read", "Has", "Is", "Count", "Len", "Lookup", "Query", "Search", "Fetch", "Exists", "All", "By", "String"}
	writing = []string{"Set", "Put", "Add", "Write", "Save", "Store", "Delete", "Remove", "Create", "Update", "Insert", "Append", "Reset", "Clear"}
)

// all reports whether the name of each method begins with one of some words.
func all(methods, words []string) bool {
	return !slices.ContainsFunc(methods, func(m string) bool {
		return !slices.ContainsFunc(words, func(w string) bool {
			rest, ok := strings.CutPrefix(m, w)
			return ok && (rest == "" || unicode.IsUpper(rune(rest[0])))
		})
	})
}
