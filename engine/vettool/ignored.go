package vettool

import (
	"os"

	"golang.org/x/tools/go/analysis"

	"github.com/unweld/unweld/internal/component"
)

// Heed makes a pass report under the code of a rule, but for what people said in the code
// is no problem.
func Heed(pass *analysis.Pass, code string) func(analysis.Diagnostic) {
	files := map[string][]component.Ignore{}
	return func(d analysis.Diagnostic) {
		at := pass.Fset.Position(d.Pos)
		all, read := files[at.Filename]
		if !read {
			if content, err := content(pass, at.Filename); err == nil {
				all = component.Ignores(content)
			}
			files[at.Filename] = all
		}
		ignored, mistaken := component.Ignored(all, at.Line, code)
		if ignored {
			return
		}
		if d.Message = code + ": " + d.Message; mistaken {
			d.Message += " (" + component.NoReason + ")"
		}
		pass.Report(d)
	}
}

func content(pass *analysis.Pass, file string) ([]byte, error) {
	if pass.ReadFile != nil {
		return pass.ReadFile(file)
	}
	return os.ReadFile(file)
}
