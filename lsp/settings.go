package lsp

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/sourcegraph/jsonrpc2"
	"go.lsp.dev/protocol"

	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/lsp/wire"
)

// section is the name of the settings in the client's configuration.
const section = "unweld"

// settings are what the user can set in the editor. The zero value is the default.
type settings struct {
	// Split is the split whose hazards are shown, in place of the one in unweld.yaml.
	Split string `json:"split"`
	// Severity is how a code is shown: error, warning, information, hint, or off.
	Severity map[string]string `json:"severity"`
	// Off are codes that aren't shown.
	Off []string `json:"off"`
	// Scope is what diagnostics are of: all files of the module, or those that are open.
	Scope string `json:"scope"`
	// Confirm says whether the editor shows what an action changes before it is done,
	// where it can: if there is something to know of it, always, or never.
	Confirm string `json:"confirm"`
	// InlayHints turns on what is said behind the names of calls that cross.
	InlayHints bool `json:"inlayHints"`
}

const (
	confirmAuto   = "auto" // the default
	confirmAlways = "always"
	confirmNever  = "never"
)

const (
	scopeModule = "module" // the default
	scopeOpen   = "open"
)

var severities = map[string]protocol.DiagnosticSeverity{
	"error": protocol.DiagnosticSeverityError, "warning": protocol.DiagnosticSeverityWarning,
	"information": protocol.DiagnosticSeverityInformation, "hint": protocol.DiagnosticSeverityHint, "off": 0,
}

// shown returns what is left of problems.
func (st *settings) shown(problems []component.Problem) []component.Problem {
	if st == nil || len(st.Off)+len(st.Severity) == 0 {
		return problems
	}
	return slices.DeleteFunc(slices.Clone(problems), func(p component.Problem) bool {
		return slices.Contains(st.Off, p.Code) || st.Severity[p.Code] == "off"
	})
}

// severity is how a code is shown, or 0 where that isn't set.
func (st *settings) severity(code string) protocol.DiagnosticSeverity {
	if st == nil {
		return 0
	}
	return severities[st.Severity[code]]
}

// confirms reports whether the user is to see a change before it is done.
func (st *settings) confirms(set change.Set) bool {
	switch {
	case st != nil && st.Confirm == confirmNever:
		return false
	case st != nil && st.Confirm == confirmAlways:
		return true
	}
	return len(set.Notes) > 0 || len(set.Files) > manyFiles
}

// manyFiles is how many files one changes without a look at them.
const manyFiles = 10

// readSettings decodes what a client sent: the section, or an object that holds it.
// The mistakes in it are returned beside what could be made out.
func readSettings(raw json.RawMessage) (st settings, mistakes []string) {
	var whole map[string]json.RawMessage
	if len(raw) == 0 || string(raw) == "null" {
		return st, nil
	}
	if err := json.Unmarshal(raw, &whole); err != nil {
		return st, []string{"the settings are no object"}
	}
	if inner, ok := whole[section]; ok {
		whole = nil
		if err := json.Unmarshal(inner, &whole); err != nil {
			return st, []string{"the settings are no object"}
		}
	}
	for key, into := range map[string]any{"split": &st.Split, "severity": &st.Severity, "off": &st.Off, "scope": &st.Scope, "confirm": &st.Confirm, "inlayHints": &st.InlayHints} {
		if value := whole[key]; value != nil {
			if err := json.Unmarshal(value, into); err != nil {
				mistakes = append(mistakes, fmt.Sprintf("%s.%s: %v", section, key, err))
			}
		}
	}
	mistakes = append(mistakes, st.mistakes()...)
	slices.Sort(mistakes)
	return st, mistakes
}

func (st *settings) mistakes() (out []string) {
	var known []string
	for _, c := range engine.Codes() {
		known = append(known, c.Name)
	}
	unknown := func(code string) {
		if !slices.Contains(known, code) {
			out = append(out, fmt.Sprintf("%s: no code %q is known", section, code))
		}
	}
	for _, code := range st.Off {
		unknown(code)
	}
	for code, severity := range st.Severity {
		unknown(code)
		if _, ok := severities[severity]; !ok {
			out = append(out, fmt.Sprintf("%s.severity.%s: %q is none of error, warning, information, hint and off", section, code, severity))
		}
	}
	if st.Scope != "" && st.Scope != scopeModule && st.Scope != scopeOpen {
		out = append(out, fmt.Sprintf("%s.scope: %q is neither %s nor %s", section, st.Scope, scopeModule, scopeOpen))
	}
	if st.Confirm != "" && st.Confirm != confirmAuto && st.Confirm != confirmAlways && st.Confirm != confirmNever {
		out = append(out, fmt.Sprintf("%s.confirm: %q is none of %s, %s and %s", section, st.Confirm, confirmAuto, confirmAlways, confirmNever))
	}
	return out
}

// takeSettings makes settings count, and tells the user of mistakes in them.
func (s *server) takeSettings(raw json.RawMessage) {
	st, mistakes := readSettings(raw)
	if old := s.settings.Swap(&st); old != nil && !reflect.DeepEqual(*old, st) && s.client.Load().Experimental.Unweld.Changed {
		s.conn.Notify(s.ctx, "unweld/configured", struct{}{}) // all that a client shows may rest on them
	}
	if len(mistakes) > 0 {
		s.show(protocol.MessageTypeWarning, "unweld: mistakes in the settings: "+strings.Join(mistakes, "; "))
	}
}

// initialized asks the client for what can't be had in the handshake: its
// configuration, and to be told when that or a file changes. Nothing is analysed
// before the configuration is there.
func initialized(s *server, _ *jsonrpc2.Conn, _ json.RawMessage) error {
	client := s.client.Load()
	var wanted []protocol.Registration
	if client.Workspace.DidChangeConfiguration.DynamicRegistration {
		wanted = append(wanted, protocol.Registration{ID: "configuration", Method: "workspace/didChangeConfiguration", RegisterOptions: map[string]string{"section": section}})
	}
	if client.Workspace.DidChangeWatchedFiles.DynamicRegistration {
		var globs []map[string]string
		for _, g := range []string{"**/*.go", "**/go.mod", "**/go.work", "**/unweld.yaml", "**/unweld.lock", "**/" + engine.BaselineName} {
			globs = append(globs, map[string]string{"globPattern": g})
		}
		wanted = append(wanted, protocol.Registration{ID: "files", Method: "workspace/didChangeWatchedFiles", RegisterOptions: map[string]any{"watchers": globs}})
	}
	if len(wanted) > 0 {
		s.running.Go(func() {
			s.ask("client/registerCapability", protocol.RegistrationParams{Registrations: wanted}, nil)
		})
	}
	s.configure()
	return nil
}

// configure fetches the configuration where the client has one, and then looks at
// the modules.
func (s *server) configure() {
	if !s.client.Load().Workspace.Configuration {
		return
	}
	resume := s.diagnoser.pause()
	s.running.Go(func() {
		defer resume()
		var got []json.RawMessage
		params := protocol.ConfigurationParams{Items: []protocol.ConfigurationItem{{Section: section}}}
		if err := s.ask("workspace/configuration", params, &got); err == nil && len(got) == 1 && string(got[0]) != "null" {
			s.takeSettings(got[0])
		}
	})
}

// didChangeConfiguration takes new settings over.
func didChangeConfiguration(s *server, conn *jsonrpc2.Conn, params json.RawMessage) error {
	var p wire.ConfigurationChanged
	if err := decode(params, &p); err != nil {
		return err
	}
	if s.client.Load().Workspace.Configuration {
		s.configure()
	} else {
		s.takeSettings(p.Settings)
	}
	s.diagnoser.schedule(conn)
	return nil
}
