package a

type Fault struct{}

func (Fault) Error() string { return "" }

type Service interface {
	Get(id int) (string, error)
	Close() error
	Put(id int)          // want `Put has no error result: in one process .*, across a process`
	First() (error, int) // want `First has no error result`
	Typed() Fault        // want `Typed has no error result`
}
