package a

import "time"

type Line struct{ done chan bool }

type Order struct{ Lines []*Line }

type Tree struct {
	Left, Right *Tree
	At          time.Time
}

type Stamp struct{ wake chan int }

func (Stamp) MarshalText() ([]byte, error) { return nil, nil }
func (*Stamp) UnmarshalText([]byte) error  { return nil }

type Service interface {
	Plain(a int, b []string) (map[string]int, error)
	Place(o *Order) error              // want `Place: Order.Lines\[\].done \(chan bool\): in one process .*, across a process`
	Watch() (updates <-chan Order)     // want `Watch\(\) updates \(<-chan a.Order\)`
	Index(m map[string]chan int)       // want `Index\(m\)\[\] \(chan int\)`
	Both(in chan int, out chan string) // want `Both\(in\) \(chan int\)` `Both\(out\) \(chan string\)`
	Walk(Tree) Stamp
}

type Local interface{ Watch() chan int }
