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

// An overlay is the file that the go command's flag -overlay names.
type overlay struct {
	Replace map[string]string // by path; an empty value takes the file away
}

// withOverlay returns the arguments of go test with the overlay of the options,
// whose files it writes into the folder.
func withOverlay(o Options, folder string) ([]string, error) {
	if len(o.Overlay) == 0 {
		return o.Args, nil
	}
	before, args := takeOverlay(o.Args)
	if before == "" {
		before, _ = takeOverlay(strings.Fields(os.Getenv("GOFLAGS")))
	}
	all := overlay{Replace: map[string]string{}}
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
	for i, path := range slices.Sorted(maps.Keys(o.Overlay)) {
		all.Replace[path] = ""
		if content := o.Overlay[path]; content != nil {
			file := filepath.Join(folder, fmt.Sprintf("%d-%s", i, filepath.Base(path)))
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
	file := filepath.Join(folder, "overlay.json")
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
