package foreign

import (
	"strings"
	"testing"
)

func TestSnake(t *testing.T) {
	for name, want := range map[string]string{
		"Quote": "quote", "QuoteAll": "quote_all", "HTTPServer": "http_server", "ServeHTTP": "serve_http", "ID": "id", "IDs": "ids", "userIDs": "user_ids", "URLsOf": "urls_of",
		"A1": "a1", "Größe": "größe", "ÄÖ": "äö", "already_snake": "already_snake", "X": "x", "ABc": "a_bc", "Is": "is", "PrefixIs": "prefix_is", "UTF8Text": "utf8_text",
	} {
		if got := Snake(name); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
}

func TestCamel(t *testing.T) {
	for name, want := range map[string]string{
		"Quote": "quote", "QuoteAll": "quoteAll", "HTTPServer": "httpServer", "ServeHTTP": "serveHttp", "ID": "id", "userIDs": "userIds", "Größe": "größe", "ÄÖ": "äö", "Über": "über",
		"already_snake": "alreadySnake", "_Hidden": "_hidden", "_": "__", "X": "x", "UTF8Text": "utf8Text", "A1": "a1", "f_": "f_",
	} {
		if got := Camel(name); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
}

func TestNames(t *testing.T) {
	names := NewNames(func(s string) string { return strings.ReplaceAll(s, "-", "_") }, "class", "print")
	for _, c := range [][2]string{{"class", "class_"}, {"class", "class_2"}, {"a-b", "a_b"}, {"a_b", "a_b_"}, {"print_", "print_"}, {"print", "print_2"}, {"a_b", "a_b_2"}} {
		if got := names.Take(c[0]); got != c[1] {
			t.Errorf("%s is %s, want %s", c[0], got, c[1])
		}
	}
}
