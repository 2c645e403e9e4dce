package a

type Shape interface{ Area() float64 }

type Drawing struct{ Shapes []Shape }

type Fault struct{ Cause error }

type Service interface {
	Plain(f Fault) (int, error)
	Draw(d Drawing) error      // want `Draw: Drawing.Shapes\[\] \(a.Shape\): in one process .*, across a process`
	Set(key string, value any) // want `Set\(value\) \(any\)`
	All() []Shape              // want `All\(\) result\[\] \(a.Shape\)`
}
