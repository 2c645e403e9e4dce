package lsp

import (
	"context"
	"encoding/json"

	"go.lsp.dev/protocol"

	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/lsp/convert"
)

// splitParams say which split to look at. Without a name and units it is the chosen one.
type splitParams struct {
	moduleParams
	Split string     `json:"split"`
	Units [][]string `json:"units"` // a split that unweld.yaml doesn't have: the components of each unit
}

// splitPreview is unweld/split: what `unweld split preview --json` prints, and where it is.
func splitPreview(ctx context.Context, s *server, v view, params json.RawMessage) (any, error) {
	var p splitParams
	if err := decode(params, &p); err != nil {
		return nil, err
	}
	project, preview, err := s.preview(ctx, v, p)
	if err != nil {
		return nil, err
	}
	return placed(project, struct {
		Root protocol.DocumentURI `json:"root"`
		*engine.Preview
	}{convert.URI(project.Root), preview})
}

// preview looks at a split, and lets the user end that if it takes long.
func (s *server) preview(ctx context.Context, v view, p splitParams) (*project, *engine.Preview, error) {
	project, err := s.module(ctx, v, p.URI)
	if err != nil {
		return nil, nil, err
	}
	if p.Split == "" && len(p.Units) == 0 {
		if p.Split = s.splitOf(project.Root); p.Split == "" {
			cfg, _, err := project.Config()
			if err != nil {
				return nil, nil, err
			}
			if p.Split = cfg.Editor.Split; p.Split == "" {
				return nil, nil, failed("no split is chosen: name one, or set editor: {split: NAME} in unweld.yaml")
			}
		}
	}
	defer s.diagnoser.pause()()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	title := "Unweld previews split " + p.Split
	if p.Split == "" {
		title = "Unweld previews a split"
	}
	say, done := s.progress(title, cancel)
	defer done()
	session := project.WithProgress(say)
	preview, err := session.SplitPreview(ctx, engine.PreviewOptions{Name: p.Split, Units: p.Units})
	return project, preview, told(err)
}
