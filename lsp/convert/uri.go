// Package convert translates between the values of the engine and those of the
// Language Server Protocol. It does no input or output.
package convert

import (
	"net/url"
	"path/filepath"
	"strings"

	"go.lsp.dev/protocol"
)

// Path returns the file that uri names. Buffers that are no file (untitled:,
// git: and so on) have none.
func Path(uri protocol.DocumentURI) (path string, ok bool) {
	u, err := url.Parse(string(uri))
	if err != nil || u.Scheme != "file" || u.Path == "" || u.Host != "" && u.Host != "localhost" {
		return "", false
	}
	p := u.Path
	if len(p) > 2 && p[0] == '/' && p[2] == ':' { // /c:/dir on Windows
		p = p[1:]
	}
	return filepath.FromSlash(p), true
}

// URI returns the URI of an absolute path.
func URI(path string) protocol.DocumentURI {
	p := filepath.ToSlash(path)
	if !strings.HasPrefix(p, "/") {
		p = "/" + p
	}
	return protocol.DocumentURI((&url.URL{Scheme: "file", Path: p}).String())
}
