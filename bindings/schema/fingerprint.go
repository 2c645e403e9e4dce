package schema

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
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
