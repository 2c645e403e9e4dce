package mcp

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/internal/component"
)

// Options say where a server works and what it may do.
type Options struct {
	Dir   string // any folder of the module; empty is the current one
	Write bool   // tools may change files of the module
}

const instructions = `unweld finds the components of a Go module and takes them apart by refactoring.

Begin with components. explain says why two of them are coupled, hazards what would behave differently if they ran in different processes, preview what a split would cost. refactorings lists what can be done to the code; refactor, bind, state and eject answer with a diff and the name of the change.
Lists come in pages: counts are of everything, next is the cursor of the page that follows. Paths are relative to the module. An error names the places and the next step; where that speaks of the command line, --name is the parameter name of a tool, and unweld find the tool components.`

const (
	readOnly = ` Nothing is written: this server was started without --write. Use the diff, or run the unweld command with --write.`
	writing  = ` Nothing is written until apply is called with the name of a change; undo takes the last one back.`
)

// A server answers the calls of one client.
type server struct {
	Options
	root     string // absolute path of the module or workspace
	sessions engine.Sessions
	changes  changes
	writes   sync.Mutex // held while files are written
}

// Serve answers the client that writes to in and reads from out, until it closes the
// connection. What isn't the protocol ends it with an error.
func Serve(ctx context.Context, in io.ReadCloser, out io.WriteCloser, options Options) error {
	server, err := New(options)
	if err != nil {
		return err
	}
	err = server.Run(ctx, &sdk.IOTransport{Reader: in, Writer: out})
	switch {
	case err == nil || errors.Is(err, io.EOF):
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	}
	return &component.UsageError{Object: "mcp", Reason: "what comes in isn't the Model Context Protocol: " + err.Error(), Hint: "a coding agent starts this program by itself: add it to its configuration, see docs/agents.md"}
}

// New returns a server of the protocol. A folder that lies in no module is an error.
func New(options Options) (*sdk.Server, error) {
	dir, err := filepath.Abs(options.Dir)
	if err != nil {
		return nil, err
	}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return nil, &component.UsageError{Object: options.Dir, Reason: "is not a folder", Hint: "name a folder of a Go module"}
	}
	s := &server{Options: options}
	if s.root, err = engine.RootOf(filepath.Join(dir, "go.mod")); err != nil {
		return nil, err
	}
	says := instructions + readOnly
	if s.Write {
		says = instructions + writing
	}
	protocol := sdk.NewServer(&sdk.Implementation{Name: "unweld", Title: "Unweld", Version: engine.ReadVersion().Version},
		&sdk.ServerOptions{Instructions: says, Capabilities: &sdk.ServerCapabilities{}})
	s.addQuestions(protocol)
	s.addOffers(protocol)
	if s.Write {
		s.addWrites(protocol)
	}
	return protocol, nil
}

func (s *server) addQuestions(p *sdk.Server) {
	add(s, p, tool{"components", "Components", "Lists the components of the module: packages, who uses them, endpoints, hazards by severity. Counts of couplings and hazards, and the metrics of the program."}, s.components)
	add(s, p, tool{"explain", "Explain a coupling", "Says why component a is coupled with b, or with all others: each reference with its position, and the steps that would separate them."}, s.explain)
	add(s, p, tool{"hazards", "Hazards", "Lists what would behave differently, or fail, if components ran in different processes, with positions and hints."}, s.hazards)
	add(s, p, tool{"code", "Explain a code", "Says what the code of a hazard, a refusal or a rule means, with an example before and after."}, s.code)
	add(s, p, tool{"contract", "Contract", "Says what the contract of a component is: its endpoints with what they do, and the types and errors that cross."}, s.contract)
	add(s, p, tool{"preview", "Preview a split", "Says what a split into processes would cost and break, without running anything: calls that cross for each entry point, hazards, what fails when a unit is down."}, s.preview)
	add(s, p, tool{"check", "Check rules", "Holds the code to the rules of unweld.yaml and lists the violations."}, s.check)
	add(s, p, tool{"refactorings", "Refactorings", "Lists the refactorings; with a name, what that one does, its target and its parameters."}, s.refactorings)
}

func (s *server) addOffers(p *sdk.Server) {
	add(s, p, tool{"refactor", "Refactor", "Computes a refactoring and answers with title, notes and diff. It writes nothing. See refactorings for names and parameters."}, s.refactor)
	add(s, p, tool{"bind", "Bind", "Computes what makes a component reachable from another process: generated code and edits, as a diff. It writes nothing. Bindings: " + strings.Join(engine.BindingNames(), ", ")}, s.bind)
	add(s, p, tool{"state", "Keep state", "Computes what keeps the state of a bound component in a store, as a diff. It writes nothing. Stores: " + strings.Join(engine.StoreNames(), ", ")}, s.state)
	add(s, p, tool{"eject", "Eject", "Computes what removes everything that bind and state generated for a component, or for all of them, as a diff. It writes nothing."}, s.eject)
	add(s, p, tool{"diff", "Rest of a diff", "Returns more lines of the diff of a change that refactor, bind, state or eject answered with."}, s.diff)
}

func (s *server) addWrites(p *sdk.Server) {
	add(s, p, tool{"apply", "Apply a change", "Writes a change that refactor, bind, state or eject answered with: all of it, or nothing if a file it concerns has changed since."}, s.apply)
	add(s, p, tool{"undo", "Undo", "Takes back the change that was applied last, by this server or by the unweld command."}, s.undo)
}
