package codes

import "github.com/unweld/unweld/internal/component"

// loading are the reasons why code is analysed only as far as it goes.
var loading = []Code{
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
