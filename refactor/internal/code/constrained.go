package code

import (
	"go/build"
	"io"
	"path"
	"strings"
)

// Constrained reports whether a file is left out of some builds.
func (f *File) Constrained() bool {
	nowhere := build.Default
	nowhere.GOOS, nowhere.GOARCH, nowhere.BuildTags, nowhere.CgoEnabled = "nowhere", "nowhere", nil, false
	nowhere.OpenFile = func(string) (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(string(f.Before))), nil
	}
	ok, err := nowhere.MatchFile("", path.Base(f.Rel))
	return err != nil || !ok
}
