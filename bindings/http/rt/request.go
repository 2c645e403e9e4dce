package http

import (
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"

	"github.com/unweld/unweld/bindings/rt/link"
	"github.com/unweld/unweld/bindings/rt/wire"
)

// firstRead is how much room there is for a body of which only the length is known.
const firstRead = 64 << 10

// readBody appends what there is to read, up to the largest message.
func readBody(b []byte, r io.Reader, length int64) ([]byte, error) {
	if length > MaxMessage {
		return nil, fmt.Errorf("%w: %d bytes", link.ErrTooLarge, length)
	}
	if length > int64(cap(b)) {
		b = make([]byte, 0, min(length, firstRead))
	}
	for {
		if len(b) == cap(b) {
			b = slices.Grow(b, max(512, len(b)))
		}
		n, err := r.Read(b[len(b):min(cap(b), MaxMessage+1)])
		switch b = b[:len(b)+n]; {
		case len(b) > MaxMessage:
			return nil, fmt.Errorf("%w: more than %d bytes", link.ErrTooLarge, MaxMessage)
		case err == io.EOF:
			return b, nil
		case err != nil:
			return nil, err
		}
	}
}

// hasBody reports whether requests of the method have their parameters in a body.
func hasBody(method string) bool {
	return method != http.MethodGet && method != http.MethodDelete && method != http.MethodHead
}

// A mediaError is the error of a body in a format that isn't known, and says what is.
type mediaError struct{ got, want string }

func (e *mediaError) Error() string {
	if e.got == "" {
		return "the request has no Content-Type; send " + e.want
	}
	return "the request's Content-Type is " + e.got + "; send " + e.want
}

// message reads the parameters of a call, as the message that generated code reads.
func (m *match) message(r *http.Request, unit bool) (string, error) {
	buffer := link.GetBuffer()
	defer buffer.Release()
	text := ""
	if hasBody(r.Method) {
		body, err := readBody(buffer.B, r.Body, r.ContentLength)
		if err != nil {
			return "", err
		}
		buffer.B = body
		// A page of another site can't send either type without being asked about.
		media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
		switch {
		case media == typeBinary:
			return string(body), nil
		case media != typeJSON && (len(body) > 0 || r.Header.Get("Content-Type") != ""):
			return "", &mediaError{r.Header.Get("Content-Type"), typeJSON}
		}
		text = string(body)
	}
	return m.parse(text, r, unit)
}

// parse puts the parameters together that are in the body, the path and the query.
func (m *match) parse(text string, r *http.Request, unit bool) (string, error) {
	c, t := m.component, &m.component.Types[m.endpoint.Request]
	d := c.decoder(nil, text, unit)
	var seen fieldSet
	if strings.TrimSpace(text) != "" {
		if err := d.object(t, &seen); err != nil {
			return "", err
		}
		if err := d.end(); err != nil {
			return "", err
		}
	}
	for i := range t.Fields {
		f := &t.Fields[i]
		if value, ok := m.path[f.Name]; ok {
			if seen.add(i) {
				return "", link.Malformed(fmt.Errorf("%s is in the path and in the body", f.Name))
			}
			if err := d.parameter(&c.Types[f.Type], f, []string{value}); err != nil {
				return "", err
			}
		}
	}
	if r.URL.RawQuery == "" {
		return string(d.b), nil
	}
	query := r.URL.Query()
	for _, name := range sortedKeys(query) {
		i := d.member(t, name, 0)
		if i < 0 {
			return "", link.Malformed(fmt.Errorf("the query: %s has no %q; it has %s", t.Name, name, d.names(t)))
		}
		if seen.add(i) {
			return "", link.Malformed(fmt.Errorf("%s is in the query and elsewhere", name))
		}
		f := &t.Fields[i]
		if err := d.parameter(&c.Types[f.Type], f, query[name]); err != nil {
			return "", err
		}
	}
	return string(d.b), nil
}

// parameter reads a parameter of the path or the query. A list has several values.
func (d *decoder) parameter(t *Type, f *Field, values []string) error {
	d.scanner = scanner{param: true}
	err := d.parameterText(t, f, values)
	if err != nil {
		return link.Malformed(fmt.Errorf("the parameter %s: %w", f.Name, err))
	}
	return nil
}

func (d *decoder) parameterText(t *Type, f *Field, values []string) error {
	elem := t
	switch t.Kind {
	case List:
		elem = &d.types[t.Elem]
		if t.Array && len(values) != t.Len {
			return fmt.Errorf("want it %d times, not %d", t.Len, len(values))
		}
	case Pointer:
		elem = &d.types[t.Elem]
		fallthrough
	default:
		if len(values) != 1 {
			return fmt.Errorf("want it once, not %d times", len(values))
		}
	}
	if t.Kind == List && elem.Kind.number() {
		d.tag(f.Number, wire.TypeBytes)
		d.b = append(d.b, 0)
		at := len(d.b)
		for _, v := range values {
			if err := d.fromText(elem, v); err != nil {
				return err
			}
		}
		d.b = wire.Close(d.b, at)
		return nil
	}
	for _, v := range values {
		d.tag(f.Number, wireType(elem.Kind))
		if err := d.fromText(elem, v); err != nil {
			return err
		}
	}
	return nil
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
