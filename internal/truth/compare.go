package truth

import "fmt"

// A Score says how well a proposal agrees with a truth. Each figure but the
// counts is a percentage.
type Score struct {
	Entities  int     // that the truth names
	Want, Got int     // components of the truth, and those of the proposal among the entities
	Shared    int     // entities that the proposal calls shared
	ARI       float64 // adjusted Rand index: 0 by chance, 100 if equal
	Precision float64 // of the pairs that the proposal puts together
	Recall    float64 // of the pairs that the truth puts together
}

func (s Score) String() string {
	return fmt.Sprintf("ARI %5.1f  precision %5.1f  recall %5.1f  components %d of %d, %d entities, %d of them called shared",
		s.ARI, s.Precision, s.Recall, s.Got, s.Want, s.Entities, s.Shared)
}

// Compare scores two placements, which map entities to components. What got
// doesn't place, or places in "", is a component by itself.
func Compare(want, got map[string]string) Score {
	s := Score{Entities: len(want)}
	wants, gots, both := map[string]int{}, map[string]int{}, map[[2]string]int{}
	for id, w := range want {
		g := got[id]
		if g == "" {
			g = "\x00" + id
			s.Shared++
		}
		wants[w]++
		gots[g]++
		both[[2]string{w, g}]++
	}
	s.Want, s.Got = len(wants), len(gots)
	w, g, b, all := pairs(wants), pairs(gots), pairs(both), float64(len(want)*(len(want)-1)/2)
	s.Precision, s.Recall, s.ARI = percent(b, g), percent(b, w), 100
	if chance := w * g / max(all, 1); (w+g)/2 != chance {
		s.ARI = 100 * (b - chance) / ((w+g)/2 - chance)
	}
	return s
}

// pairs returns how many pairs stand together in groups of the given sizes.
func pairs[K comparable](sizes map[K]int) float64 {
	n := 0
	for _, size := range sizes {
		n += size * (size - 1) / 2
	}
	return float64(n)
}

func percent(part, whole float64) float64 {
	if whole == 0 {
		return 100
	}
	return 100 * part / whole
}
