package extract
func (j *job) handles() error { return nil }
func (j *job) concrete() error { return nil }
func (j *job) threadFuncs(*service) error { return nil }
