package commandlog

import "path/filepath"

// PathFor returns where the log of a component lies when nothing else says it:
// .unweld/state/<component>.db below the working directory.
func PathFor(component string) string { return filepath.Join(".unweld", "state", component+".db") }
