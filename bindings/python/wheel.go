package python

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/unweld/unweld/bindings"
	"github.com/unweld/unweld/bindings/codegen/foreign"
	"github.com/unweld/unweld/internal/generate"
)

// platforms are the tags of wheels, by GOOS/GOARCH. On Linux it is that of the machine: which
// C library it needs at least isn't known.
var platforms = map[string]string{
	"linux/amd64": "linux_x86_64", "linux/arm64": "linux_aarch64",
	"darwin/amd64": "macosx_11_0_x86_64", "darwin/arm64": "macosx_11_0_arm64",
	"windows/amd64": "win_amd64", "windows/arm64": "win_arm64",
}

// pack makes a wheel: a zip file as the Binary Distribution Format of the Python Packaging
// User Guide describes it. The same request gives the same bytes.
func pack(req *bindings.PackRequest) ([]generate.File, error) {
	platform := platforms[req.OS+"/"+req.Arch]
	if platform == "" {
		return nil, fmt.Errorf("there are no wheels for %s/%s", req.OS, req.Arch)
	}
	name := packageName(req.Component)
	version := strings.TrimPrefix(req.Version, "v")
	files := []generate.File{{Path: path.Join(name, foreign.LibraryFile(req.Component, req.OS)), Content: req.Library}}
	for _, f := range req.Files {
		if rel, ok := strings.CutPrefix(f.Path, "foreign/python/"); ok {
			files = append(files, generate.File{Path: rel, Content: f.Content})
		}
	}
	slices.SortFunc(files, func(a, b generate.File) int { return strings.Compare(a.Path, b.Path) })
	info := fmt.Sprintf("%s-%s.dist-info", name, version)
	files = append(files,
		generate.File{Path: info + "/METADATA", Content: fmt.Appendf(nil, "Metadata-Version: 2.1\nName: %s\nVersion: %s\nSummary: %s\nRequires-Python: >=3.9\n", req.Component, version, req.Summary)},
		generate.File{Path: info + "/WHEEL", Content: fmt.Appendf(nil, "Wheel-Version: 1.0\nGenerator: unweld\nRoot-Is-Purelib: false\nTag: py3-none-%s\n", platform)})
	files = append(files, record(info, files))
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, f := range files {
		w, err := z.Create(f.Path)
		if err != nil {
			return nil, err
		}
		if _, err := w.Write(f.Content); err != nil {
			return nil, err
		}
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return []generate.File{{Path: fmt.Sprintf("%s-%s-py3-none-%s.whl", name, version, platform), Content: b.Bytes()}}, nil
}

// record lists the files of a wheel with their hashes.
func record(info string, files []generate.File) generate.File {
	var b bytes.Buffer
	for _, f := range files {
		sum := sha256.Sum256(f.Content)
		fmt.Fprintf(&b, "%s,sha256=%s,%d\n", f.Path, base64.RawURLEncoding.EncodeToString(sum[:]), len(f.Content))
	}
	fmt.Fprintf(&b, "%s/RECORD,,\n", info)
	return generate.File{Path: info + "/RECORD", Content: b.Bytes()}
}
