package a

type Option func(*config)

type config struct{ n int }

type Job struct {
	Name string
	Run  func()
}

type Handler interface{ Handle() }

type Service interface {
	Plain(name string) error
	New(opts ...Option) error // want `New\(opts\)\[\] \(a.Option\): in one process .*, across a process`
	Do(j Job)                 // want `Do: Job.Run \(func\(\)\)`
	Cancel() (stop func())    // want `Cancel\(\) stop \(func\(\)\)`
	Register(h Handler)
}
