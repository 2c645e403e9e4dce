package engine

// WithProgress returns the session with another function that is told what is being
// done. Both share all that they find out.
func (s *Session) WithProgress(told func(string)) *Session {
	t := *s
	t.options.Progress = told
	return &t
}
