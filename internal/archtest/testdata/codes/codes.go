package codes

type Problem struct {
	Code    string
	Message string
}

type ban struct{ code, why string }

type name string

const constant = "by-constant"

var bans = map[string]ban{"x": {"by-map-of-structs", "not-a-code"}}

func New(code string) Problem { return Problem{Code: code, Message: "not-a-code"} }

func two(message, code string) Problem { return New(code) }

func result() string { return "by-result" }

func pair() (string, string) { return "not-a-code", "by-second-result" }

type builder struct{ ps []Problem }

func (b *builder) report(code, message string) {
	b.ps = append(b.ps, Problem{Code: code, Message: message})
}

func each(report func(code, message string)) { report("by-method-value", "not-a-code") }

func passed(report func(string, int)) { report("by-passed-function", 1) }

type rule struct{ name, doc string }

func (r rule) problem() Problem { return Problem{Code: r.name} }

func all(key string, m map[string]string) []Problem {
	var ps []Problem
	add := func(code string) { ps = append(ps, New(code)) }
	add("by-closure")
	local := "by-local"
	_, second := pair()
	var p Problem
	p.Code = "assigned"
	b := &builder{}
	each(b.report)
	passed(func(code string, n int) { add(code) })
	ps = append(ps, Problem{Code: "by-literal"}, Problem{"by-position", "not-a-code"}, New("by-parameter"), New(constant), New(local),
		New(second), New(result()), two("not-a-code", "by-two-parameters"), New(string(name("by-conversion"))), Problem{Code: bans["x"].code},
		rule{"of-the-other-type", "not-a-code"}.problem(), rule{name: "appended-to-a-field"}.problem(),
		New("computed-"+key), New(m[key]))
	return ps
}
