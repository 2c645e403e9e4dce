package codes

import "github.com/unweld/unweld/internal/component"

// loading are the reasons why code is analysed only as far as it goes.
var loading = []Code{
	{Name: "embed-missing", Severity: component.Error, Doc: Doc{Family: Loading,
		Title: "a go:embed directive finds no file",
		Why:   "The package doesn't build before the files are made, as by the build of a web page. Its types are known all the same: it is analysed, and refactorings change it and say that they do.",
		Run:   "find", Since: "0.4",
		Before: "package ui\n\nimport \"embed\"\n\n//go:embed dist\nvar Pages embed.FS\n",
		After:  "-- ui.go --\npackage ui\n\nimport \"embed\"\n\n//go:embed dist\nvar Pages embed.FS\n-- dist/index.html --\n<p>here</p>\n"}},
	{Name: "facts-cut", Severity: component.Info, Doc: Doc{Family: Loading,
		Title:  "a function has more calls and locks than are kept of one",
		Why:    "Facts of a function are kept on disk and in memory, so their number is bounded. Hazards that hang on those that were left out aren't seen.",
		Since:  "0.2",
		Before: "a generated function with a thousand different calls\n",
		After:  "several functions with some hundred each\n"}},
	{Name: "list-error", Severity: component.Error, Doc: Doc{Family: Loading,
		Title: "the go command can't list a package or one of its files",
		Why:   "An import cycle, a file that can't be read, a folder with two packages: nothing is known of what isn't there, and it is never counted as clean.",
		Run:   "find", Since: "0.1",
		Before: "-- a/a.go --\npackage a\n\nimport \"example.com/m/b\"\n\nvar Limit = b.Limit\n-- b/b.go --\npackage b\n\nimport _ \"example.com/m/a\"\n\nvar Limit = 10\n",
		After:  "-- a/a.go --\npackage a\n\nimport \"example.com/m/b\"\n\nvar Limit = b.Limit\n-- b/b.go --\npackage b\n\nvar Limit = 10\n"}},
	{Name: "parse-error", Severity: component.Error, Doc: Doc{Family: Loading,
		Title: "a file isn't Go",
		Why:   "What follows the place of the error may be misread, so results are shown but never counted as complete.",
		Run:   "find", Since: "0.1",
		Before: "package svc\n\nfunc Get( string { return \"\" }\n",
		After:  "package svc\n\nfunc Get() string { return \"\" }\n"}},
	{Name: "type-error", Severity: component.Error, Doc: Doc{Family: Loading,
		Title: "a package doesn't type-check",
		Why:   "References that the compiler can't resolve are missing from the result, so it is shown but never counted as complete.",
		Run:   "find", Since: "0.1",
		Before: "package svc\n\nfunc Get() string { return 1 }\n",
		After:  "package svc\n\nfunc Get() string { return \"1\" }\n"}},
}
