package codes

import "github.com/unweld/unweld/internal/component"

// move are what stands in the way of declarations that move to another package.
var move = []Code{
	{Name: "move-cycle", Severity: component.Error, Doc: Doc{Family: Extract,
		Title: "two packages would import each other after a move",
		Why:   "What moves needs what stays, and what stays needs what moves. Go allows no import cycle, and taking more declarations along doesn't end it.",
		Run:   "refactor move-declaration ./svc.Price --to ./price", Since: "0.3",
		Before: `-- svc/svc.go --
package svc

func Price(n int) int { return n }
-- web/web.go --
package web

import "example.com/m/svc"

func Show() int { return svc.Price(1) }
-- price/price.go --
package price

import "example.com/m/web"

func Print() { println(web.Show()) }
`,
		After: `-- svc/svc.go --
package svc

func Price(n int) int { return n }
-- web/web.go --
package web

func Show() int { return 1 }
-- price/price.go --
package price

import "example.com/m/web"

func Print() { println(web.Show()) }
`}},
	{Name: "needs-export", Severity: component.Error, Doc: Doc{Family: Extract,
		Title: "a name would have to be exported for a move",
		Why:   "Both packages use it, and --exports none rules out that it is exported; or it is a method of an interface, which hides who may implement that.",
		Run:   "refactor move-declaration ./svc.Price --to ./price --exports none --companions 0", Since: "0.3",
		Before: `package svc

func Price(n int) int { return rate(n) }

func Total(n int) int { return 3 * rate(n) }

func rate(n int) int { return 2 * n }
`,
		After: `package svc

func Price(n int) int { return rate(n) }

func Total(n int) int { return 3 * n }

func rate(n int) int { return 2 * n }
`}},
	{Name: "too-many-companions", Severity: component.Error, Doc: Doc{Family: Extract,
		Title: "a declaration can't move without many others",
		Why:   "What it needs and what needs it hang together, so that more declarations would have to move along than --companions allows.",
		Run:   "refactor move-declaration ./svc.Even --to ./even --companions 0", Since: "0.3",
		Before: `package svc

func Even(n int) bool { return n == 0 || Odd(n-1) }

func Odd(n int) bool { return n != 0 && Even(n-1) }
`,
		After: `package svc

func Even(n int) bool { return n%2 == 0 }

func Odd(n int) bool { return !Even(n) }
`}},
	{Name: "move-name-taken", Severity: component.Error, Doc: Doc{Family: Extract,
		Title: "a package has a name already that a declaration would bring along",
		Why:   "Two declarations of one package can't have the same name, and which of them to rename isn't for a tool to say.",
		Run:   "refactor move-declaration ./svc.Price --to ./price", Since: "0.3",
		Before: `-- svc/svc.go --
package svc

func Price(n int) int { return n }
-- price/price.go --
package price

const Price = 9
`,
		After: `-- svc/svc.go --
package svc

func Price(n int) int { return n }
-- price/price.go --
package price

const Max = 9
`}},
	{Name: "bound-to-package", Severity: component.Error, Doc: Doc{Family: Extract,
		Title: "a declaration is bound to its package by more than Go code",
		Why:   "It is written in assembly or C, known to the linker, embeds files of its folder, was written by a tool, or belongs to the contract of a component: something outside of Go code holds on to where it stands.",
		Run:   "refactor move-declaration ./svc.Text --to ./text", Since: "0.3",
		Before: `-- svc/svc.go --
package svc

import _ "embed"

//go:embed text.txt
var Text string
-- svc/text.txt --
hello
`,
		After: `-- svc/svc.go --
package svc

var Text = "hello"
`}},
	{Name: "not-in-wrapper", Severity: component.Error, Doc: Doc{Family: Extract,
		Title: "a package in between can't have what a file uses of a dependency",
		Why:   "A variable can't be handed on: its copy would be another one. What mentions a name that isn't exported, or one of an internal package, can't be written down elsewhere.",
		Run:   "refactor wrap-dependency crypto/rand", Since: "0.3",
		Before: `package svc

import (
	"crypto/rand"
	"io"
)

func Key(b []byte) (int, error) { return io.ReadFull(rand.Reader, b) }
`,
		After: `package svc

import "crypto/rand"

func Key(b []byte) (int, error) { return rand.Read(b) }
`}},
	{Name: "internal-folder", Severity: component.Error, Doc: Doc{Family: Extract,
		Title: "a package would import one that it may not",
		Why:   "A package below a folder named internal is for the code around that folder alone: what uses the declaration, or what it uses, is elsewhere.",
		Run:   "refactor move-declaration ./svc.Price --to ./svc/internal/price", Since: "0.3",
		Before: `-- svc/svc.go --
package svc

func Price(n int) int { return n }
-- web/web.go --
package web

import "example.com/m/svc"

func Show() int { return svc.Price(1) }
`,
		After: `-- svc/svc.go --
package svc

func Price(n int) int { return n }

func Show() int { return Price(1) }
`}},
}
