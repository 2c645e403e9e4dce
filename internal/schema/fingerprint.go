package schema

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/text"
)

// wireVersion changes when the encoding of the same schema does.
const wireVersion = 1

// Fingerprint identifies the encoding that this schema defines.
func (s *Schema) Fingerprint() string {
	return s.Lock.fingerprint(s.Component)
}

func (l *Lock) fingerprint(component string) string {
	numbers := Lock{Methods: map[string]MethodLock{}, Types: l.Types}
	for name, m := range l.Methods {
		m.Requests = nil // they are fingerprints themselves
		m.ParamOrder, m.ResultOrder = nil, nil
		numbers.Methods[name] = m
	}
	text, err := json.Marshal(numbers) // sorts its maps
	if err != nil {
		panic(err) // strings and numbers only
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "unweld wire %d\n%s\n%s", wireVersion, component, text))
	return hex.EncodeToString(sum[:16])
}

// remember makes the present fingerprint the last of the lock's history.
func (l *Lock) remember(fingerprint string) {
	l.Fingerprints = last(l.Fingerprints, fingerprint)
}

// last returns list with s at its end, and only there.
func last(list []string, s string) []string {
	return append(slices.DeleteFunc(list, func(t string) bool { return t == s }), s)
}

// Compatible returns the fingerprints of the earlier schemas that this one is
// compatible with.
func (s *Schema) Compatible() []string {
	n := len(s.Lock.Fingerprints)
	return s.Lock.Fingerprints[:n-1]
}

// Requests returns the fingerprints of each method's request, by the method's
// name: the present one last, before it the earlier ones that it can read
// without loss, because fields were only added.
func (s *Schema) Requests() map[string][]string {
	out := map[string][]string{}
	for _, m := range s.Methods {
		out[m.Name] = s.Lock.Methods[m.Name].Requests
	}
	return out
}

// rememberRequests makes the present forms of the requests the last of their
// history. What an earlier form had and the present one has not ends it.
func (s *Schema) rememberRequests(previous *Lock) {
	for _, m := range s.Methods {
		l := s.Lock.Methods[m.Name]
		parts := Lock{Methods: map[string]MethodLock{m.Name: {Params: l.Params}}, Types: map[string]TypeLock{}}
		whole := previous != nil && len(l.RemovedParams) <= len(previous.Methods[m.Name].RemovedParams)
		reached := s.contract.Walker(func(v component.Visit) bool {
			if t, ok := s.Lock.Types[string(v.ID)]; ok {
				parts.Types[string(v.ID)] = TypeLock{Fields: t.Fields}
				whole = whole && len(t.Removed) <= len(previous.Types[string(v.ID)].Removed)
			}
			return true
		})
		for _, f := range m.Request.Fields {
			reached.Type(f.Type, m.Name, text.Span{})
		}
		if !whole {
			l.Requests = nil
		}
		l.Requests = last(l.Requests, parts.fingerprint(s.Component))
		s.Lock.Methods[m.Name] = l
	}
}
