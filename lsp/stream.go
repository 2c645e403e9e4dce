package lsp

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/sourcegraph/jsonrpc2"
)

// maxMessage bounds what a wrong Content-Length makes the server read.
const maxMessage = 256 << 20

// A stream frames messages as the protocol wants them. A frame whose content
// is no JSON-RPC message is answered with an error and passed over; jsonrpc2's
// own stream would end the connection, and with it the editor's session. After a
// Content-Length that is wrong, the stream goes on with the next header.
type stream struct {
	src  *unreader
	in   *bufio.Reader // of src
	lost bool          // what comes belongs to a message that was answered already
	out  *bufio.Writer
	mu   sync.Mutex // of out

	closers []io.Closer
}

func newStream(in io.Reader, out io.Writer) *stream {
	src := &unreader{in: in}
	s := &stream{src: src, in: bufio.NewReader(src), out: bufio.NewWriter(out)}
	for _, end := range []any{in, out} {
		if c, ok := end.(io.Closer); ok {
			s.closers = append(s.closers, c)
		}
	}
	return s
}

// An unreader is a reader that takes back what was read too far.
type unreader struct {
	back []byte
	in   io.Reader
}

func (u *unreader) Read(p []byte) (int, error) {
	if len(u.back) > 0 {
		n := copy(p, u.back)
		u.back = u.back[n:]
		return n, nil
	}
	return u.in.Read(p)
}

// unread makes content be read again.
func (s *stream) unread(content []byte) {
	buffered, _ := s.in.Peek(s.in.Buffered())
	s.src.back = slices.Concat(content, buffered, s.src.back)
	s.in.Reset(s.src)
}

// ReadObject reads the next good message into v.
func (s *stream) ReadObject(v any) error {
	for {
		content, err := s.frame()
		if wrong, ok := errors.AsType[*frameError](err); ok {
			if err := s.complain(jsonrpc2.CodeParseError, wrong.reason); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return err
		}
		if !json.Valid(content) {
			if content = s.cut(content); content == nil {
				if err := s.complain(jsonrpc2.CodeParseError, "the message is not JSON"); err != nil {
					return err
				}
				continue
			}
		}
		s.lost = false
		if err = json.Unmarshal(content, v); err == nil {
			return nil
		}
		if err := s.complain(jsonrpc2.CodeInvalidRequest, err.Error()); err != nil {
			return err
		}
		s.lost = false
	}
}

// complain answers a message that can't be read, once.
func (s *stream) complain(code int64, reason string) error {
	if s.lost {
		return nil
	}
	s.lost = true
	return s.WriteObject(broken{"2.0", nil, jsonrpc2.Error{Code: code, Message: reason}})
}

// cut is for content that isn't JSON. If the next message begins in it, its Content-Length
// was too large: what belongs to the next is read again. It returns the message before
// it, or nil if that isn't one.
func (s *stream) cut(content []byte) []byte {
	i := indexLength(content)
	for n := min(len(lengthField)-1, len(content)); i < 0 && n > 0; n-- { // it may end in the middle of the word
		if bytes.EqualFold(content[len(content)-n:], []byte(lengthField[:n])) {
			i = len(content) - n
		}
	}
	if i < 0 {
		return nil
	}
	s.unread(content[i:])
	if content = content[:i]; len(content) > 0 && json.Valid(content) {
		return content
	}
	return nil
}

// broken is the answer to a message whose id can't be told.
type broken struct {
	Version string         `json:"jsonrpc"`
	ID      any            `json:"id"`
	Error   jsonrpc2.Error `json:"error"`
}

// A frameError is about one message. The next can be read.
type frameError struct{ reason string }

func (e *frameError) Error() string { return e.reason }

// frame reads a header and the content after it.
func (s *stream) frame() ([]byte, error) {
	n, err := s.header()
	if err != nil {
		return nil, err
	}
	content := make([]byte, 0, min(n, 1<<20)) // memory only for what comes
	for len(content) < n {
		part := min(n-len(content), 1<<20)
		content = slices.Grow(content, part)
		got, err := io.ReadFull(s.in, content[len(content):len(content)+part])
		if content = content[:len(content)+got]; err != nil {
			return nil, noEOF(err)
		}
	}
	return content, nil
}

// noEOF is the error of a stream that ends within a message.
func noEOF(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

const lengthField = "content-length:"

// indexLength returns where the header of a message begins, or -1.
func indexLength(content []byte) int { return bytes.Index(bytes.ToLower(content), []byte(lengthField)) }

// header reads up to the content of the next message, and returns its length. What stands
// before the header, and is none, belongs to a message whose length was wrong.
func (s *stream) header() (n int, err error) {
	n, began, foreign, wrong := -1, false, false, ""
	for {
		line, err := s.line()
		if err != nil && began {
			return 0, noEOF(err)
		} else if err != nil {
			return 0, err
		}
		i := indexLength(line)
		text := strings.TrimSpace(string(line))
		switch {
		case i >= 0:
			foreign = foreign || len(bytes.TrimSpace(line[:i])) > 0
			value := strings.TrimSpace(string(line[i+len(lengthField):]))
			began, wrong = true, ""
			if n, err = strconv.Atoi(value); err != nil || n < 0 || n > maxMessage {
				n, wrong = 0, fmt.Sprintf("Content-Length %q is not a length", value[:min(len(value), 40)])
			}
		case text == "" && began:
			if wrong != "" {
				return 0, &frameError{wrong}
			}
			if foreign {
				if err := s.complain(jsonrpc2.CodeParseError, "there is something before the header of a message"); err != nil {
					return 0, err
				}
			}
			return n, nil
		case text != "" && !isField(text):
			began, foreign, wrong = false, true, ""
		}
	}
}

// isField reports whether a line is a field of a header.
func isField(line string) bool {
	name, _, ok := strings.Cut(line, ":")
	return ok && name != "" && strings.Trim(strings.ToLower(name), "abcdefghijklmnopqrstuvwxyz-") == ""
}

// line reads a line. One that is longer than any header is cut off in front.
func (s *stream) line() ([]byte, error) {
	var kept []byte
	for {
		part, err := s.in.ReadSlice('\n')
		kept = append(kept, part...)
		if err == nil {
			return kept, nil
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return nil, err
		}
		if i := indexLength(kept); i < 0 {
			kept = slices.Clone(kept[len(kept)-len(lengthField):])
		} else if kept = kept[i:]; len(kept) > 1<<16 {
			kept = kept[:0]
		}
	}
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
