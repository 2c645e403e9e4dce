package effects

import (
	"iter"
	"math/bits"
)

// A set holds small numbers: the objects of one body. A nil set is empty and
// must not be added to.
type set struct{ words []uint64 }

func setOf(ids ...int) *set {
	s := &set{}
	for _, id := range ids {
		s.add(id)
	}
	return s
}

// add reports whether id was new.
func (s *set) add(id int) bool {
	w, bit := id>>6, uint64(1)<<(id&63)
	for len(s.words) <= w {
		s.words = append(s.words, 0)
	}
	if s.words[w]&bit != 0 {
		return false
	}
	s.words[w] |= bit
	return true
}

// addAll reports whether anything in t was new.
func (s *set) addAll(t *set) bool {
	if t == nil {
		return false
	}
	if n := len(t.words) - len(s.words); n > 0 {
		s.words = append(s.words, make([]uint64, n)...)
	}
	grown := false
	for i, w := range t.words {
		if w&^s.words[i] != 0 {
			s.words[i] |= w
			grown = true
		}
	}
	return grown
}

func (s *set) empty() bool {
	if s != nil {
		for _, w := range s.words {
			if w != 0 {
				return false
			}
		}
	}
	return true
}

func (s *set) has(id int) bool {
	return s != nil && id>>6 < len(s.words) && s.words[id>>6]&(1<<(id&63)) != 0
}

// all yields the numbers in s as it was when the loop came to their word, in
// ascending order.
func (s *set) all() iter.Seq[int] {
	return func(yield func(int) bool) {
		if s == nil {
			return
		}
		for i := 0; i < len(s.words); i++ {
			for w := s.words[i]; w != 0; w &= w - 1 {
				if !yield(i<<6 | bits.TrailingZeros64(w)) {
					return
				}
			}
		}
	}
}

func (s *set) clone() *set {
	out := &set{}
	if s != nil {
		out.words = append(out.words, s.words...)
	}
	return out
}

// intersects reports whether s and t have a number in common.
func (s *set) intersects(t *set) bool {
	if s == nil || t == nil {
		return false
	}
	for i := range min(len(s.words), len(t.words)) {
		if s.words[i]&t.words[i] != 0 {
			return true
		}
	}
	return false
}
