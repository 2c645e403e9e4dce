package a

type Plain struct{}

func (Plain) Get(id int) (int, error) { return id, nil }

type List[T any] struct{ Items []T }

func (l *List[T]) Add(item T) error { return nil } // want `Add: in one process .*, across a process`
