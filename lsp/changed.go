package lsp

import (
	"go.lsp.dev/protocol"

	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/lsp/convert"
)

// A moduleChanged is the notification unweld/changed: a module was looked at after
// something in it changed, so that what a client shows of it beside the code may be
// another. Clients get it that say experimental: {unweld: {changed: true}}, and
// unweld/configured when other settings count.
type moduleChanged struct {
	Root       protocol.DocumentURI `json:"root"`
	Module     string               `json:"module"`
	Split      string               `json:"split,omitempty"` // the chosen one
	Components int                  `json:"components"`
	Hazards    int                  `json:"hazards"`  // all that there are
	Problems   int                  `json:"problems"` // those that are shown
}

// tellChanged sends it, and has the client ask anew for what it shows within the text if
// that may be another.
func (s *server) tellChanged(p *project, report *engine.Report) {
	now := moduleChanged{
		Root: convert.URI(p.Root), Module: p.Module, Split: report.Split,
		Components: report.Components, Hazards: report.Hazards, Problems: len(s.settings.Load().shown(report.Problems)),
	}
	client := s.client.Load()
	if client.Experimental.Unweld.Changed {
		s.conn.Notify(s.ctx, "unweld/changed", now)
	}
	if s.diagnoser.told == nil {
		s.diagnoser.told = map[string]moduleChanged{}
	}
	if s.diagnoser.told[p.Root] == now {
		return
	}
	s.diagnoser.told[p.Root] = now
	refresh := func(can bool, method string) {
		if can {
			s.running.Go(func() { s.ask(method, nil, nil) })
		}
	}
	refresh(client.Workspace.CodeLens.RefreshSupport, "workspace/codeLens/refresh")
	refresh(client.Workspace.InlayHint.RefreshSupport, "workspace/inlayHint/refresh")
}
