package a

type Money struct{ cents int64 }

type Order struct {
	Total Money
	_     int
}

type Stamp struct{ at int64 }

func (s Stamp) MarshalText() ([]byte, error)     { return nil, nil }
func (s *Stamp) UnmarshalText(text []byte) error { return nil }

type half struct{ n int }

func (h half) MarshalBinary() ([]byte, error) { return nil, nil }

type Service interface {
	Plain(s Stamp) error
	Place(o *Order) error // want `Place: Order.Total.cents \(int64\): in one process .*, across a process`
	Half() []half         // want `Half\(\) result\[\].n \(int\)`
}

// Funcs is held in the package that declares it, where generated code reaches
// unexported fields.
type Funcs interface{ Place(o *Order) error }

var funcs Funcs
