package a

import (
	"go/token"
	"math/big"
	"strings"
	"text/template"
	"time"
)

type Mail struct{ Body *template.Template }

type Service interface {
	Plain(at time.Time, amount big.Int) error
	Send(m Mail) error         // want `Send: Mail.Body \(template.Template\): in one process .*, across a process`
	Clean(r *strings.Replacer) // want `Clean: Replacer \(strings.Replacer\)`
	Where(p token.Position) string
}
