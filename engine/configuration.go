package engine

import (
	"errors"
	"io/fs"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/split"
)

// A configuration is unweld.yaml as it was read once. It isn't changed any more.
type configuration struct {
	hash     change.Hash
	there    bool // the module has the file
	config   *split.Config
	problems []split.Problem
}

// configuration reads unweld.yaml as the session sees it. What was read last is
// read again only if it is another text.
func (s *Session) configuration() (*configuration, error) {
	content, hash, err := s.snap.Content(split.FileName)
	if errors.Is(err, fs.ErrNotExist) {
		return &configuration{config: &split.Config{Version: 1}}, nil
	}
	if err != nil {
		return nil, err
	}
	if last := s.living.config.Load(); last != nil && last.hash == hash {
		return last, nil
	}
	c := &configuration{hash: hash, there: true}
	c.config, c.problems = split.Parse(split.FileName, content)
	if split.Usage(c.problems) == nil {
		c.problems = append(c.problems, c.config.CheckTerms(Terms())...)
	}
	s.living.config.Store(c)
	if split.Usage(c.problems) == nil {
		s.living.good.Store(c)
	}
	return c, nil
}

// standing is the configuration that counts for the code: unweld.yaml as it is, or, while
// there are mistakes in it, as it was last without any. It is nil if it never was.
func (s *Session) standing() (now, good *configuration, err error) {
	if s.config != nil {
		c := &configuration{there: true, config: s.config}
		return c, c, nil
	}
	now, err = s.configuration()
	if err != nil {
		return nil, nil, err
	}
	if split.Usage(now.problems) == nil {
		return now, now, nil
	}
	return now, s.living.good.Load(), nil
}

// orEmpty is the content of a configuration, or of none if c is nil.
func (c *configuration) orEmpty() *split.Config {
	if c == nil {
		return &split.Config{Version: 1}
	}
	return c.config
}
