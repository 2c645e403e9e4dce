package codegen

import (
	"bytes"
	"go/version"
	"regexp"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/generate"
)

// Language is the release of Go that generated code and the run-time are
// written for: its language and its standard library.
const Language = "go1.24"

// Raise adds a //go:build line to each Go file, in place, where the module's
// go.mod has an older language version than the files need (for example
// "1.17"): it raises the language version of that file alone.
func Raise(files []generate.File, language string) {
	if version.Compare("go"+language, Language) >= 0 {
		return
	}
	for i, f := range files {
		if strings.HasSuffix(f.Path, ".go") && f.Content != nil {
			files[i].Content = raise(f.Content)
		}
	}
}

var (
	buildLine   = regexp.MustCompile(`(?m)^//go:build (.+)$`)
	packageLine = regexp.MustCompile(`(?m)^package `)
)

func raise(src []byte) []byte {
	end := packageLine.FindIndex(src)[0]
	if at := buildLine.FindSubmatchIndex(src[:end]); at != nil {
		return slices.Concat(src[:at[2]], []byte(Language+" && ("), src[at[2]:at[3]], []byte(")"), src[at[3]:])
	}
	first, rest, _ := bytes.Cut(src, []byte("\n")) // says that it is generated
	return slices.Concat(first, []byte("\n\n//go:build "+Language+"\n"), rest)
}
