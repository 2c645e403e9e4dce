package naming_test

import (
	"testing"

	"github.com/unweld/unweld/refactor/internal/naming"
)

func TestExported(t *testing.T) {
	for name, want := range map[string]string{
		"price": "Price", "Price": "Price", "url": "URL", "urls": "URLs", "urlsOf": "URLsOf", "urlOf": "URLOf", "httpClient": "HTTPClient",
		"https": "HTTPS", "httpsClient": "HTTPSClient", "idea": "Idea", "ids": "IDs", "_cache": "Cache", "é": "É", "_": "", "": "", "x": "X", "ipa": "Ipa",
	} {
		if got := naming.Exported(name); got != want {
			t.Errorf("Exported(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestUnexported(t *testing.T) {
	for name, want := range map[string]string{
		"Price": "price", "price": "price", "URL": "url", "IDOf": "idOf", "URLs": "urls", "URLsOf": "urlsOf", "HTTPServer": "httpServer",
		"X": "x", "XMLs": "xmls", "AStar": "aStar", "As": "as", "": "", "_X": "_X", "Été": "été",
	} {
		if got := naming.Unexported(name); got != want {
			t.Errorf("Unexported(%q) = %q, want %q", name, got, want)
		}
	}
}
