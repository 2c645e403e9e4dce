package schema

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/unweld/unweld/internal/component"
)

// wireVersion changes when the encoding of the same schema does.
const wireVersion = 1

// Fingerprint identifies what this schema puts on the wire.
func (s *Schema) Fingerprint() string {
	return s.Lock.fingerprint(s.Component)
}

func (l *Lock) fingerprint(component string) string {
	numbers := Lock{Methods: l.Methods, Types: l.Types}
	text, err := json.Marshal(numbers) // sorts its maps
	if err != nil {
		panic(err) // strings and numbers only
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "unweld wire %d\n%s\n%s", wireVersion, component, text))
	return hex.EncodeToString(sum[:16])
}

// remember makes the present fingerprint the last of the lock's history.
func (l *Lock) remember(fingerprint string) {
	l.Fingerprints = slices.DeleteFunc(l.Fingerprints, func(f string) bool { return f == fingerprint })
	l.Fingerprints = append(l.Fingerprints, fingerprint)
}

// Compatible returns the fingerprints of the earlier schemas that this one can
// talk to.
func (s *Schema) Compatible() []string {
	n := len(s.Lock.Fingerprints)
	return s.Lock.Fingerprints[:n-1]
}

// Requests identify what the request of each method puts on the wire, by the
// method's name. A request that was logged can be read by a schema that has the
// same.
func (s *Schema) Requests() map[string]string {
	out := map[string]string{}
	for _, m := range s.Methods {
		reached := map[component.TypeID]bool{}
		for _, f := range m.Request.Fields {
			s.reach(f.Type, reached)
		}
		parts := Lock{Methods: map[string]MethodLock{m.Name: {Params: s.Lock.Methods[m.Name].Params}}, Types: map[string]TypeLock{}}
		for id := range reached {
			if t, ok := s.Lock.Types[string(id)]; ok {
				parts.Types[string(id)] = TypeLock{Fields: t.Fields}
			}
		}
		out[m.Name] = parts.fingerprint(s.Component)
	}
	return out
}

// reach adds the types that values of a type consist of.
func (s *Schema) reach(id component.TypeID, reached map[component.TypeID]bool) {
	t := s.Type(id)
	if t == nil || reached[id] {
		return
	}
	reached[id] = true
	s.reach(t.Elem, reached)
	s.reach(t.Key, reached)
	for _, f := range t.Fields {
		s.reach(f.Type, reached)
	}
}
