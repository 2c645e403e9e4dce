package mcp

import "github.com/unweld/unweld/engine"

type applyIn struct {
	Change string `json:"change" jsonschema:"the name of a change"`
}

type appliedOut struct {
	Title   string               `json:"title"`
	Applied bool                 `json:"applied"`
	Files   []engine.OfferedFile `json:"files"`
}

// apply writes a change. A call that was cancelled before that writes nothing; once
// writing has begun, it goes on to the end.
func (s *server) apply(c *call, in applyIn) (any, error) {
	k, err := s.changes.get(in.Change)
	if err != nil {
		return nil, err
	}
	s.writes.Lock()
	defer s.writes.Unlock()
	session, err := c.session()
	if err != nil {
		return nil, err
	}
	if err := session.Apply(c.ctx, k.set); err != nil {
		return nil, err
	}
	return appliedOut{k.set.Title, true, engine.NewOffered(k.set, "").Files}, nil
}

type undoIn struct{}

type undoOut struct {
	Title string `json:"title"` // of the change that was taken back
}

func (s *server) undo(c *call, _ undoIn) (any, error) {
	s.writes.Lock()
	defer s.writes.Unlock()
	session, err := c.session()
	if err != nil {
		return nil, err
	}
	if err := c.ctx.Err(); err != nil {
		return nil, err
	}
	title, err := session.Undo()
	if err != nil {
		return nil, err
	}
	return undoOut{title}, nil
}
