package corpus

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Wide writes a module of n small packages into dir, a hundred of them in each folder. Each
// uses the one before it in its folder, and one of another folder. With declared,
// unweld.yaml makes each a component of its own.
func Wide(dir string, n int, declared bool) error {
	files := map[string]string{"go.mod": "module example.com/wide\n\ngo 1.26\n"}
	at := func(i int) string { return fmt.Sprintf("g%03d/p%05d", i/100, i) }
	var yaml strings.Builder
	yaml.WriteString("version: 1\ncomponents:\n")
	for i := range n {
		var imports, calls strings.Builder
		for _, to := range []int{i - 1, i - 101 - i%7*100} {
			if to < 0 || to == i-1 && i%100 == 0 {
				continue
			}
			fmt.Fprintf(&imports, "\t\"example.com/wide/%s\"\n", at(to))
			fmt.Fprintf(&calls, "\tx += p%05d.F%d(x)\n", to, to)
		}
		files[at(i)+"/p.go"] = fmt.Sprintf("package p%05d\n\nimport (\n%s)\n\n// F%d adds.\nfunc F%d(x int) int {\n%s\treturn x + T%d{x}.N\n}\n\ntype T%d struct{ N int }\n", i, imports.String(), i, i, calls.String(), i, i)
		fmt.Fprintf(&yaml, "  p%05d: {packages: [./%s]}\n", i, at(i))
	}
	if declared {
		files["unweld.yaml"] = yaml.String()
	}
	for name, content := range files {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			return err
		}
		if err := os.WriteFile(file, []byte(content), 0o666); err != nil {
			return err
		}
	}
	return nil
}
