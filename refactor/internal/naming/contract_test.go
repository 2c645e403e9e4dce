package naming_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/unweld/unweld/refactor/internal/naming"
)

func TestAgent(t *testing.T) {
	for method, want := range map[string]string{
		"Price": "Pricer", "Read": "Reader", "Scan": "Scanner", "Sort": "Sorter", "Notify": "Notifier", "Validate": "Validator", "Update": "Updater",
		"Collect": "Collector", "Visit": "Visitor", "Execute": "Executor", "Submit": "Submitter", "Render": "Renderer", "Match": "Matcher", "Fix": "Fixer",
		"Reload": "Reloader", "Clean": "Cleaner", "Play": "Player", "Process": "Processor", "Rate": "Rater",
		"GetUser": "UserGetter", "ListUsers": "UserLister", "FindOrder": "OrderFinder", "SendMail": "MailSender", "DeleteEntries": "EntryDeleter",
		"CreateSession": "SessionCreator", "LoadURL": "URLLoader",
		"Get": "Getter", "Do": "Doer", "Add": "Adder", "Count": "", "Len": "", "Name": "", "Rules": "", "Total": "", "GetByID": "", "ListAll": "", "UserName": "", "Started": "", "Position": "", "URLFor": "",
		"FindUserByMail": "", "ID": "", "Server": "", "Logging": "",
	} {
		if got := naming.Agent(method); got != want {
			t.Errorf("%s: %q, want %q", method, got, want)
		}
	}
}

func TestRole(t *testing.T) {
	for name, want := range map[string]string{
		"SQLStore": "Store", "BaseApp": "App", "CacheImpl": "Cache", "InMemoryCache": "Cache", "MemCache": "Cache", "HTTPClient": "Client", "SQLite3Store": "Store", "FileStorage": "Storage",
		"Store": "", "Database": "", "Basement": "", "FileInfo": "", "HTTP": "", "Memory": "", "Impl": "", "HTTPS": "", "RestaurantList": "",
	} {
		if got := naming.Role(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestContract(t *testing.T) {
	for _, c := range []struct {
		s    naming.Subject
		want string // the first ones
	}{
		{naming.Subject{Type: "Store", Package: "store", Methods: []string{"Get", "Delete"}}, "Store Interface StoreAPI"}, // a store is what it is called already
		{naming.Subject{Type: "Storage", Package: "storage", Methods: []string{"UserByID", "FindEntry", "CreateUser", "RemoveUser"}}, "Storage Store Interface"},
		{naming.Subject{Type: "Server", Package: "server", Methods: []string{"Start", "Shutdown", "Addr"}}, "Server Service Interface"},
		{naming.Subject{Type: "Server", Package: "server", Methods: []string{"Addr", "Peers"}}, "Server Interface ServerAPI"},
		{naming.Subject{Type: "API", Package: "stream", Methods: []string{"Collect", "NotifyUser", "NotifyClient", "Notify", "Handle", "Close"}}, "API Notifier Service Interface"},
		{naming.Subject{Type: "Users", Package: "users", Methods: []string{"FindByMail", "List"}}, "Users Reader UsersReader Interface"},
		{naming.Subject{Type: "Queue", Package: "queue", Methods: []string{"Push", "Pop"}}, "Queue Interface QueueAPI"},
		{naming.Subject{Type: "Config", Package: "config", Methods: []string{"GetName", "SetName"}}, "Config Interface ConfigAPI"},
		{naming.Subject{Type: "Manager", Package: "manager", Methods: []string{"Get", "Start"}, Consumer: true}, "Manager Interface ManagerAPI"},
		{naming.Subject{Type: "Engine", Package: "pricing", Methods: []string{"Price", "Rules"}}, "Engine EngineAPI"},
		{naming.Subject{Type: "Engine", Package: "pricing", Methods: []string{"Price"}}, "Pricer Engine"},
		{naming.Subject{Type: "Engine", Package: "web", Methods: []string{"Price"}, Consumer: true}, "Engine Pricer"},
		{naming.Subject{Type: "API", Package: "stream", Methods: []string{"Notify", "Close"}}, "API Interface APIInterface"},
		{naming.Subject{Type: "MessageAPI", Package: "api", Methods: []string{"Get", "Delete"}}, "MessageAPI MessageInterface MessageAPIInterface"},
		{naming.Subject{Type: "SQLStore", Package: "store", Methods: []string{"Get", "Delete"}}, "Store SQLStore"},
		{naming.Subject{Type: "Book", Package: "book", Methods: []string{"Write", "Read"}}, "ReadWriter Book Interface"},
		{naming.Subject{Type: "Users", Package: "db", Methods: []string{"FindByMail", "List"}}, "UsersReader Users"},
		{naming.Subject{Type: "Users", Package: "db", Methods: []string{"FindByMail", "List"}, Changes: true}, "Users UsersAPI"},
		{naming.Subject{Type: "Manager", Package: "db", Methods: []string{"Delete", "Add"}}, "Manager ManagerAPI"},
		{naming.Subject{Type: "Users", Package: "db", Methods: []string{"Delete", "Add"}}, "UsersWriter Users"},
		{naming.Subject{Type: "Engine", Package: "pricing", Methods: []string{"Price"}, Fields: true, Fallback: []string{"Service"}}, "Engine Service EngineAPI"},
	} {
		got := naming.Contract(c.s)
		if want := strings.Fields(c.want); !slices.Equal(got[:len(want)], want) {
			t.Errorf("%+v: %v, want %v first", c.s, got, want)
		}
	}
}
