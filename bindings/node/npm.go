package node

import (
	"archive/tar"
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/unweld/unweld/bindings"
	"github.com/unweld/unweld/bindings/codegen/foreign"
	"github.com/unweld/unweld/internal/generate"
)

// A manifest is a package.json.
type manifest struct {
	Name        string            `json:"name"`
	Version     string            `json:"version"`
	Description string            `json:"description,omitempty"`
	Main        string            `json:"main"`
	Types       string            `json:"types"`
	Exports     exports           `json:"exports"`
	Engines     map[string]string `json:"engines"`
	OS          []string          `json:"os,omitempty"`
	CPU         []string          `json:"cpu,omitempty"`
}

// exports are the modules that others may import.
type exports struct {
	Root     conditions `json:"."`
	Manifest string     `json:"./package.json"`
}

type conditions struct {
	Import  form `json:"import"`
	Require form `json:"require"`
}

// A form is one of the two of the package's module.
type form struct {
	Types   string `json:"types"`
	Default string `json:"default"`
}

// manifestOf is the package.json as it is generated: without what only pack knows.
func manifestOf(req *generate.Request) ([]byte, error) {
	return marshal(manifest{
		Name:    cmp.Or(req.Options.Text(packageName.Name), strings.ToLower(req.Contract.Component)),
		Version: "0.0.0",
		Main:    "./index.cjs",
		Types:   "./index.d.ts",
		Exports: exports{
			Root:     conditions{Import: form{"./index.d.mts", "./index.mjs"}, Require: form{"./index.d.ts", "./index.cjs"}},
			Manifest: "./package.json",
		},
		Engines: map[string]string{"node": ">=20"},
	})
}

func marshal(m manifest) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // the > of engines
	e.SetIndent("", "  ")
	err := e.Encode(m)
	return b.Bytes(), err
}

// systems and processors are Node's names for those of Go.
var (
	systems    = map[string]string{"linux": "linux", "darwin": "darwin"}
	processors = map[string]string{"amd64": "x64", "arm64": "arm64", "386": "ia32", "arm": "arm", "ppc64le": "ppc64", "s390x": "s390x", "riscv64": "riscv64", "loong64": "loong64"}
)

// semver is a version as npm takes it.
var semver = regexp.MustCompile(`^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$`)

// packed is the time of all files in a package: the same request gives the same bytes.
var packed = time.Date(1985, time.October, 26, 8, 15, 0, 0, time.UTC)

// pack makes what npm pack makes of a folder.
func pack(req *bindings.PackRequest) ([]generate.File, error) {
	system, processor := systems[req.OS], processors[req.Arch]
	if system == "" || processor == "" {
		return nil, fmt.Errorf("there are no packages for Node on %s/%s", req.OS, req.Arch)
	}
	version := strings.TrimPrefix(req.Version, "v")
	if !semver.MatchString(version) {
		return nil, fmt.Errorf("%q is no version as npm has them: it needs three numbers, as in 1.2.0", req.Version)
	}
	var m manifest
	files := []generate.File{{Path: "addon.node", Content: req.Addon}, {Path: foreign.LibraryFile(req.Component, req.OS), Content: req.Library}}
	for _, f := range req.Files {
		rel, ok := strings.CutPrefix(f.Path, "foreign/node/")
		switch {
		case rel == "package.json":
			if err := json.Unmarshal(f.Content, &m); err != nil {
				return nil, err
			}
		case ok:
			files = append(files, generate.File{Path: rel, Content: f.Content})
		}
	}
	m.Version, m.Description, m.OS, m.CPU = version, req.Summary, []string{system}, []string{processor}
	description, err := marshal(m)
	if err != nil {
		return nil, err
	}
	content, err := archive(append([]generate.File{{Path: "package.json", Content: description}}, files...))
	name := strings.ReplaceAll(strings.TrimPrefix(m.Name, "@"), "/", "-")
	return []generate.File{{Path: fmt.Sprintf("%s-%s-%s-%s.tgz", name, version, system, processor), Content: content}}, err
}

// archive is a compressed tar file with the files in a folder package.
func archive(files []generate.File) ([]byte, error) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	t := tar.NewWriter(z)
	for _, f := range files {
		if err := t.WriteHeader(&tar.Header{Name: "package/" + f.Path, Mode: 0o644, Size: int64(len(f.Content)), ModTime: packed, Format: tar.FormatUSTAR}); err != nil {
			return nil, err
		}
		if _, err := t.Write(f.Content); err != nil {
			return nil, err
		}
	}
	if err := t.Close(); err != nil {
		return nil, err
	}
	err := z.Close()
	return b.Bytes(), err
}
