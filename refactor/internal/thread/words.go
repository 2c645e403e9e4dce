package thread

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// words spells a name for a message: loadSession is "load session".
func words(name string) string {
	var out []string
	for name != "" {
		n := wordEnd(name)
		w := strings.Trim(name[:n], "_")
		if w != strings.ToUpper(w) || utf8.RuneCountInString(w) == 1 {
			w = strings.ToLower(w)
		}
		if w != "" {
			out = append(out, w)
		}
		name = name[n:]
	}
	return strings.Join(out, " ")
}

// wordEnd returns where the first word of a name ends: HTTP in HTTPServer.
func wordEnd(name string) int {
	runes := []rune(name)
	n := 1
	upper := unicode.IsUpper(runes[0])
	for n < len(runes) {
		c := runes[n]
		switch {
		case c == '_':
			return len(string(runes[:n+1]))
		case upper && n > 1 && unicode.IsLower(c) && unicode.IsUpper(runes[n-1]):
			return len(string(runes[:n-1]))
		case upper && n == 1 && !unicode.IsUpper(c):
			upper = false
		case !upper && unicode.IsUpper(c):
			return len(string(runes[:n]))
		}
		n++
	}
	return len(name)
}
