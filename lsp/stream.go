package lsp

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/textproto"
	"strconv"
	"sync"

	"github.com/sourcegraph/jsonrpc2"
)

// maxMessage bounds what a wrong Content-Length makes the server read.
const maxMessage = 256 << 20

// A stream frames messages as the protocol wants them. A frame whose content
// is no JSON-RPC message is answered with an error and passed over; jsonrpc2's
// own stream would end the connection, and with it the editor's session.
type stream struct {
	in  *bufio.Reader
	out *bufio.Writer
	mu  sync.Mutex // of out

	closers []io.Closer
}

func newStream(in io.Reader, out io.Writer) *stream {
	s := &stream{in: bufio.NewReader(in), out: bufio.NewWriter(out)}
	for _, end := range []any{in, out} {
		if c, ok := end.(io.Closer); ok {
			s.closers = append(s.closers, c)
		}
	}
	return s
}

// ReadObject reads the next good message into v.
func (s *stream) ReadObject(v any) error {
	for {
		content, err := s.frame()
		if err != nil {
			return err
		}
		code, err := int64(jsonrpc2.CodeInvalidRequest), error(nil)
		if !json.Valid(content) {
			code, err = jsonrpc2.CodeParseError, errors.New("the message is not JSON")
		} else {
			err = json.Unmarshal(content, v)
		}
		if err == nil {
			return nil
		}
		if err := s.WriteObject(broken{"2.0", nil, jsonrpc2.Error{Code: code, Message: err.Error()}}); err != nil {
			return err
		}
	}
}

// broken is the answer to a message whose id can't be told.
type broken struct {
	Version string         `json:"jsonrpc"`
	ID      any            `json:"id"`
	Error   jsonrpc2.Error `json:"error"`
}

func (s *stream) frame() ([]byte, error) {
	header, err := textproto.NewReader(s.in).ReadMIMEHeader()
	if err != nil {
		return nil, err
	}
	n, err := strconv.Atoi(header.Get("Content-Length"))
	if err != nil || n < 0 || n > maxMessage {
		return nil, fmt.Errorf("Content-Length %q is not a length", header.Get("Content-Length"))
	}
	content := make([]byte, n)
	_, err = io.ReadFull(s.in, content)
	return content, err
}

// WriteObject writes one message.
func (s *stream) WriteObject(v any) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := (jsonrpc2.VSCodeObjectCodec{}).WriteObject(s.out, v); err != nil {
		return err
	}
	return s.out.Flush()
}

// Close closes both ends.
func (s *stream) Close() error {
	var errs []error
	for _, c := range s.closers {
		errs = append(errs, c.Close())
	}
	return errors.Join(errs...)
}
