// Package subprocess starts programs that end with all that they started.
package subprocess
