package python

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/unweld/unweld/bindings"
	"github.com/unweld/unweld/internal/generate"
)

// TestDocstring writes comments that would end a docstring, or mean something else in it.
func TestDocstring(t *testing.T) {
	for text, want := range map[string]string{
		"Plain.":               `"""Plain."""`,
		`a """ b`:              `"""a \"\"\" b"""`,
		`ends in "quotes"`:     `"""ends in "quotes" """`,
		`\N{DIGIT ONE} \u`:     `"""\\N{DIGIT ONE} \\u"""`,
		"one\n\n    code\nend": "\"\"\"one\n\n      code\n  end\n  \"\"\"",
		"a\x00\rb\xff":         "\"\"\"ab\uFFFD\"\"\"",
	} {
		if got := docstring("  ", text); got != "  "+want+"\n" {
			t.Errorf("%q is\n%s, want\n%s", text, got, want)
		}
	}
	if got := docstring("", "", ""); got != "" {
		t.Errorf("nothing is %q", got)
	}
}

// TestWheel reads the wheel that a request makes: what is in it is in its record, and the
// same request gives the same bytes.
func TestWheel(t *testing.T) {
	req := &bindings.PackRequest{Component: "order-book", Version: "v1.2.0", Summary: "Orders.", OS: "linux", Arch: "arm64", Library: []byte("ELF"),
		Files: []generate.File{{Path: "foreign/library.go", Content: []byte("package main")}, {Path: "foreign/python/order_book/__init__.py", Content: []byte("x = 1\n")}, {Path: "codec.go"}}}
	made, err := pack(req)
	if err != nil || len(made) != 1 || made[0].Path != "order_book-1.2.0-py3-none-linux_aarch64.whl" {
		t.Fatalf("%v %v", made, err)
	}
	again, _ := pack(req)
	if !bytes.Equal(made[0].Content, again[0].Content) {
		t.Error("another wheel the second time")
	}
	z, err := zip.NewReader(bytes.NewReader(made[0].Content), int64(len(made[0].Content)))
	if err != nil {
		t.Fatal(err)
	}
	contents, names := map[string]string{}, []string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		contents[f.Name], names = string(content), append(names, f.Name)
	}
	const info = "order_book-1.2.0.dist-info/"
	if got := strings.Join(names, " "); got != "order_book/__init__.py order_book/liborder-book.so "+info+"METADATA "+info+"WHEEL "+info+"RECORD" {
		t.Errorf("the files are %s", got)
	}
	for name, content := range contents {
		sum := sha256.Sum256([]byte(content))
		line := fmt.Sprintf("%s,sha256=%s,%d\n", name, base64.RawURLEncoding.EncodeToString(sum[:]), len(content))
		if listed := strings.Contains(contents[info+"RECORD"], line); listed == strings.HasSuffix(name, "RECORD") {
			t.Errorf("%s is listed: %v", name, listed)
		}
	}
	if !strings.Contains(contents[info+"METADATA"], "\nName: order-book\nVersion: 1.2.0\nSummary: Orders.\n") || !strings.Contains(contents[info+"WHEEL"], "\nTag: py3-none-linux_aarch64\n") {
		t.Errorf("%s%s", contents[info+"METADATA"], contents[info+"WHEEL"])
	}
	req.OS = "plan9"
	if _, err := pack(req); err == nil || !strings.Contains(err.Error(), "plan9/arm64") {
		t.Errorf("a wheel for plan9: %v", err)
	}
}
