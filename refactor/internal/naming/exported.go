package naming

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// initialisms are written in capitals where they begin an exported name; one that begins
// with another comes first.
var initialisms = []string{"api", "cpu", "css", "db", "dns", "eof", "html", "https", "http", "id", "ip", "json", "rpc", "sku", "sql", "ssh", "tcp", "tls", "ttl", "udp", "ui", "uid", "uri", "url", "utf8", "uuid", "vm", "xml"}

// Exported makes a name an exported one: Price of price, URL of url, IDs of ids, HTTPClient
// of httpClient, Cache of _cache. It is empty for a name without letters.
func Exported(name string) string {
	name = strings.TrimLeft(name, "_")
	for _, word := range initialisms {
		rest, ok := strings.CutPrefix(name, word)
		if c, _ := utf8.DecodeRuneInString(strings.TrimPrefix(rest, "s")); ok && (rest == "" || rest == "s" || unicode.IsUpper(c)) {
			return strings.ToUpper(word) + rest
		}
	}
	c, n := utf8.DecodeRuneInString(name)
	if n == 0 {
		return ""
	}
	return string(unicode.ToUpper(c)) + name[n:]
}

// Unexported makes a name one that isn't exported: price of Price, idOf of IDOf, urls of URLs.
func Unexported(name string) string {
	end := 0 // of the capitals that become small
	for i, c := range name {
		if !unicode.IsUpper(c) {
			break
		}
		after := name[i+utf8.RuneLen(c):]
		next, _ := utf8.DecodeRuneInString(after)
		if end > 0 && unicode.IsLower(next) && !plural(after) {
			break
		}
		end = i + utf8.RuneLen(c)
	}
	return strings.ToLower(name[:end]) + name[end:]
}

// plural reports whether a name goes on after initials with the s of their plural.
func plural(after string) bool {
	rest, ok := strings.CutPrefix(after, "s")
	c, _ := utf8.DecodeRuneInString(rest)
	return ok && (rest == "" || unicode.IsUpper(c))
}
