package codes

import "github.com/unweld/unweld/internal/component"

// state are what stands in the way of state that gets another owner.
var state = []Code{
	{Name: "variable-bound", Severity: component.Error, Doc: Doc{Family: Extract,
		Title: "a package variable is bound to its place",
		Why:   "Something other than the functions that use it knows the variable: the linker, assembly, a tool that writes code, a file of another build, a variable that is set with it, or one whose value at the start of the program its own is made of.",
		Run:   "refactor inject-global ./svc.open", Since: "0.4",
		Before: `package svc

var open, limit = pair()

func pair() (int, int) { return 0, 3 }

func Place() bool {
	open++
	return open < limit
}
`,
		After: `package svc

var open = 0

var limit = 3

func Place() bool {
	open++
	return open < limit
}
`}},
	{Name: "variable-unchanged", Severity: component.Error, Doc: Doc{Family: Extract,
		Title: "a package variable never changes",
		Why:   "Nothing sets it, and nothing changes what it refers to, so all that share it see the same wherever they run. Handing it around would only make signatures longer.",
		Run:   "refactor inject-global ./svc.rates", Since: "0.4",
		Before: `package svc

var rates = map[string]int{"EUR": 1}

func Rate(currency string) int { return rates[currency] }
`,
		After: `package svc

var rates = map[string]int{"EUR": 1}

func Rate(currency string) int { return rates[currency] }

func SetRate(currency string, rate int) { rates[currency] = rate }
`}},
	{Name: "no-value-to-pass", Severity: component.Error, Doc: Doc{Family: Extract,
		Title: "a place has no way to be given a value",
		Why:   "What uses a package variable is called by the runtime, by an initializer or by another module, with a signature that isn't the program's to change. There is nobody to hand it the value that the variable had.",
		Run:   "refactor inject-global ./svc.open", Since: "0.4",
		Before: `package svc

var open = map[string]bool{}

func init() { open["first"] = true }

func Place(id string) { open[id] = true }
`,
		After: `package svc

var open = map[string]bool{"first": true}

func Place(id string) { open[id] = true }
`}},
	{Name: "field-bound", Severity: component.Error, Doc: Doc{Family: Extract,
		Title: "a field is bound to its struct",
		Why:   "Something other than Go code that selects it knows the field, by its name or its place: an encoder, a tag, a template, reflection, unsafe, a conversion to another struct, or a literal whose values have to be made in their order.",
		Run:   "refactor localize-state ./svc.App --fields Rate --into Pricing", Since: "0.4",
		Before: `package svc

type App struct {
	Name string
	Rate int ` + "`json:\"rate\"`" + `
}

func (a *App) Price(n int) int { return n * a.Rate }
`,
		After: `package svc

type App struct {
	Name string
	Rate int
}

func (a *App) Price(n int) int { return n * a.Rate }
`}},
	{Name: "transaction-shape", Severity: component.Error, Doc: Doc{Family: Extract,
		Title: "a transaction isn't of the shape that can be wrapped",
		Why:   "A write can follow the commit only if nobody would notice: it can't be rejected, its result is not used, the transaction does nothing after it, and its arguments can be written down and read back.",
		Run:   "refactor wrap-transaction ./svc.Place --call ./svc.charge", Since: "0.4",
		Before: `package svc

import (
	"database/sql"
	"errors"
)

func Place(db *sql.DB, cents int) error {
	tx, err := db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := charge(tx, cents); err != nil {
		return err
	}
	return tx.Commit()
}

func charge(tx *sql.Tx, cents int) error {
	if cents < 0 {
		return errors.New("negative")
	}
	_, err := tx.Exec("INSERT INTO bills (cents) VALUES (?)", cents)
	return err
}
`,
		After: `package svc

import (
	"database/sql"
	"errors"
)

func Place(db *sql.DB, cents int) error {
	if cents < 0 {
		return errors.New("negative")
	}
	tx, err := db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := charge(tx, cents); err != nil {
		return err
	}
	return tx.Commit()
}

func charge(tx *sql.Tx, cents int) error {
	_, err := tx.Exec("INSERT INTO bills (cents) VALUES (?)", cents)
	return err
}
`}},
}
