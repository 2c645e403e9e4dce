package foreign

import (
	"fmt"
	"strings"
	"unicode"
)

// Snake turns a Go name into lower case with underscores: "QuoteAll" into
// "quote_all", "HTTPServer" into "http_server", "userIDs" into "user_ids".
func Snake(name string) string {
	var out strings.Builder
	runes := []rune(name)
	for i, r := range runes {
		if unicode.IsUpper(r) && i > 0 && runes[i-1] != '_' && begins(runes, i) {
			out.WriteByte('_')
		}
		out.WriteRune(unicode.ToLower(r))
	}
	return out.String()
}

// Camel turns a Go name into words without spaces, of which the first begins in lower case:
// "QuoteAll" into "quoteAll", "HTTPServer" into "httpServer", "userIDs" into "userIds".
func Camel(name string) string {
	words := strings.Split(Snake(name), "_")
	var out strings.Builder
	for _, word := range words {
		if word == "" {
			out.WriteByte('_')
			continue
		}
		if strings.Trim(out.String(), "_") != "" {
			word = UpperFirst(word)
		}
		out.WriteString(word)
	}
	return out.String()
}

// begins reports whether a word begins with the capital letter at i: what is before it
// isn't one, or it is the last of several and a word follows. The s of IDs is none.
func begins(runes []rune, i int) bool {
	if !unicode.IsUpper(runes[i-1]) {
		return true
	}
	if i+1 == len(runes) || !unicode.IsLower(runes[i+1]) {
		return false
	}
	return runes[i+1] != 's' || i+2 < len(runes) && unicode.IsLower(runes[i+2])
}

// Names are the names of one scope of another language.
type Names struct {
	taken map[string]bool
	clean func(string) string
}

// NewNames returns a scope in which words can't be names. Clean makes a valid name of
// what Go accepts.
func NewNames(clean func(string) string, words ...string) *Names {
	n := &Names{taken: map[string]bool{}, clean: clean}
	for _, w := range words {
		n.taken[w] = true
	}
	return n
}

// Take returns name, or where that is taken or no name, one like it: keywords get an
// underscore, and a second one of a name a number.
func (n *Names) Take(name string) string {
	name = n.clean(name)
	if n.taken[name] {
		name += "_"
	}
	for base, i := name, 2; n.taken[name]; i++ {
		name = fmt.Sprintf("%s%d", base, i)
	}
	n.taken[name] = true
	return name
}
