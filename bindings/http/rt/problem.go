package http

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"strconv"
	"strings"

	"github.com/unweld/unweld/bindings/rt/link"
	"github.com/unweld/unweld/bindings/rt/wire"
)

// statusClientClosed is what nginx says of a request whose client has gone.
const statusClientClosed = 499

// The values of the header with the status of a reply.
var statusNames = [...]string{link.StatusOK: "ok", link.StatusError: "error", link.StatusRefused: "refused", link.StatusFailed: "failed"}

func statusNamed(name string) (link.Status, bool) {
	for s, n := range statusNames {
		if n == name {
			return link.Status(s), true
		}
	}
	return 0, false
}

// A problem is a call that failed, as RFC 9457 describes it.
type problem struct {
	status link.Status
	tree   string // of the error
	typ    int    // of the results beside it
	body   string // which are these, if there are any
}

// errNames is the refusal of a request whose names of fields aren't those here.
var errNames = errors.New("the names of fields aren't the same on both sides")

// codeOf is the status code of a failed call.
func codeOf(status link.Status, tree string) int {
	err, bad := link.NewErrors().Parse(tree)
	if bad != nil {
		return http.StatusInternalServerError
	}
	var version *link.VersionError
	var panicked *link.PanicError
	var media *mediaError
	for _, c := range []struct {
		is   bool
		code int
	}{
		{status == link.StatusFailed && !errors.Is(err, link.ErrTooLarge), http.StatusInternalServerError},
		{errors.As(err, &panicked), http.StatusInternalServerError},
		{errors.As(err, &media), http.StatusUnsupportedMediaType},
		{status == link.StatusRefused && errors.Is(err, link.ErrMoved), http.StatusMisdirectedRequest},
		{status == link.StatusRefused && errors.As(err, &version), http.StatusPreconditionFailed},
		{status == link.StatusRefused && errors.Is(err, link.ErrTooLarge), http.StatusRequestEntityTooLarge},
		{status == link.StatusRefused && errors.Is(err, link.ErrMalformed), http.StatusBadRequest},
		{errors.Is(err, context.DeadlineExceeded), http.StatusGatewayTimeout},
		{errors.Is(err, context.Canceled), statusClientClosed},
		{errors.Is(err, fs.ErrNotExist), http.StatusNotFound},
		{errors.Is(err, fs.ErrPermission), http.StatusForbidden},
		{errors.Is(err, fs.ErrExist), http.StatusConflict},
		{errors.Is(err, link.ErrPinned) || errors.Is(err, errors.ErrUnsupported), http.StatusNotImplemented},
		{status == link.StatusRefused, http.StatusServiceUnavailable},
		{named(tree, 0), http.StatusUnprocessableEntity},
	} {
		if c.is {
			return c.code
		}
	}
	return http.StatusInternalServerError
}

// notOurs are the packages whose errors say that something broke.
var notOurs = []string{"unweld/", "io.", "io/", "os.", "net.", "syscall."}

// named reports whether an error is, or wraps, one that the contract knows.
func named(tree string, depth int) bool {
	if depth > 32 {
		return false
	}
	for i := 0; i < len(tree); {
		var tag uint64
		if tag, i = wire.Uvarint(tree, i); i < 0 {
			return false
		}
		if tag&7 != wire.TypeBytes {
			if i = wire.Skip(tree, i, tag); i < 0 {
				return false
			}
			continue
		}
		var m string
		if m, i = wire.Message(tree, i); i < 0 {
			return false
		}
		switch tag >> 3 {
		case 2, 3: // the name of a value or a type
			known := false
			for _, prefix := range notOurs {
				known = known || strings.HasPrefix(m, prefix)
			}
			if !known {
				return true
			}
		case 5: // what it wraps
			if named(m, depth+1) {
				return true
			}
		}
	}
	return false
}

func messageOf(tree string) string {
	err, bad := link.NewErrors().Parse(tree)
	if bad != nil {
		return "error without a message"
	}
	return err.Error()
}

// appendProblem appends the body of the reply to a call that failed.
func (c *Component) appendProblem(b []byte, p problem, code int, unit, binary bool) ([]byte, error) {
	title := http.StatusText(code)
	if code == statusClientClosed {
		title = "Client Closed Request"
	}
	b = appendString(append(b, `{"title":`...), title)
	b = strconv.AppendInt(append(b, `,"status":`...), int64(code), 10)
	b = appendString(append(b, `,"detail":`...), messageOf(p.tree))
	e := encoder{errorTypes, append(b, `,"error":`...), unit}
	if err := e.tree(p.tree); err != nil {
		return nil, err
	}
	switch {
	case p.body == "":
	case binary:
		e.b = append(e.b, `,"binary":`...)
		e.base64(p.body)
	default:
		e.b = append(e.b, `,"results":`...)
		var err error
		if e.b, err = c.appendJSON(e.b, p.typ, p.body, unit); err != nil {
			return nil, err
		}
	}
	return append(e.b, '}'), nil
}

// parseProblem reads what appendProblem wrote for a unit.
func (c *Component) parseProblem(text string, typ int) (tree, body string, err error) {
	d := c.decoder(nil, text, true)
	err = d.members(func(name string) error {
		d.b = d.b[:0]
		switch name {
		case "error":
			var seen fieldSet
			nodes := decoder{scanner: d.scanner, types: errorTypes, depth: d.depth, unit: true}
			err := nodes.object(&errorTypes[0], &seen)
			d.scanner, tree = nodes.scanner, string(nodes.b)
			return err
		case "results":
			var seen fieldSet
			err := d.object(&c.Types[typ], &seen)
			body = string(d.b)
			return err
		case "binary":
			err := d.base64(&Type{Kind: Bytes})
			if err == nil {
				body, _ = wire.Message(string(d.b), 0)
			}
			return err
		}
		_, err := d.raw()
		return err
	})
	if err == nil {
		err = d.end()
	}
	if err == nil && tree == "" {
		err = d.bad("there is no error in it")
	}
	return tree, body, err
}
