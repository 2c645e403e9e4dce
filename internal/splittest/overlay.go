package splittest

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// An Overlay replaces files of a module while the go command builds it.
type Overlay struct {
	Dir    string            // where the go command runs
	Folder string            // that the files are written to
	Files  map[string][]byte // by absolute path; nil content takes a file away
}

// overlayFile is the file that the go command's flag -overlay names.
type overlayFile struct {
	Replace map[string]string // by path; an empty value takes the file away
}

// Flags writes the overlay's files and returns args, flags and arguments of the
// go command, with the overlay added. It is applied on top of an -overlay in
// args or GOFLAGS.
func (o Overlay) Flags(args []string) ([]string, error) {
	if len(o.Files) == 0 {
		return args, nil
	}
	before, args := takeOverlay(args)
	if before == "" {
		before, _ = takeOverlay(strings.Fields(os.Getenv("GOFLAGS")))
	}
	all := overlayFile{Replace: map[string]string{}}
	if before != "" {
		if !filepath.IsAbs(before) {
			before = filepath.Join(o.Dir, before)
		}
		content, err := os.ReadFile(before)
		if err != nil {
			return nil, fmt.Errorf("-overlay: %w", err)
		}
		if err := json.Unmarshal(content, &all); err != nil {
			return nil, fmt.Errorf("-overlay %s: %w", before, err)
		}
	}
	for i, path := range slices.Sorted(maps.Keys(o.Files)) {
		all.Replace[path] = ""
		if content := o.Files[path]; content != nil {
			file := filepath.Join(o.Folder, fmt.Sprintf("%d-%s", i, filepath.Base(path)))
			if err := os.WriteFile(file, content, 0o600); err != nil {
				return nil, err
			}
			all.Replace[path] = file
		}
	}
	content, err := json.Marshal(all)
	if err != nil {
		return nil, err
	}
	file := filepath.Join(o.Folder, "overlay.json")
	return append([]string{"-overlay=" + file}, args...), os.WriteFile(file, content, 0o600)
}

// takeOverlay takes the flag -overlay out of arguments of go test. What follows
// -args isn't the go command's.
func takeOverlay(args []string) (file string, rest []string) {
	for i := 0; i < len(args); i++ {
		name, value, has := strings.Cut(strings.TrimPrefix(args[i], "-"), "=")
		switch {
		case args[i] == "-args" || args[i] == "--args":
			return file, append(rest, args[i:]...)
		case args[i] != "" && args[i][0] == '-' && strings.TrimPrefix(name, "-") == "overlay":
			if !has && i+1 < len(args) {
				i++
				value = args[i]
			}
			file = value
		default:
			rest = append(rest, args[i])
		}
	}
	return file, rest
}
