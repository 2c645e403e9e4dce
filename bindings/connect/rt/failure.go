package connect

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/unweld/unweld/bindings/rt/link"
)

// failure is the error of a call that failed. Units get its tree and the results beside
// it, others its message.
func failure(st link.Status, tree, body []byte, unit bool) *connect.Error {
	err, bad := link.NewErrors().Parse(string(tree))
	if bad != nil {
		err = errors.New("error without a message")
	}
	e := connect.NewError(codeOf(st, err), err)
	if !unit {
		return e
	}
	if d, err := connect.NewErrorDetail(&anypb.Any{TypeUrl: detailType, Value: link.AppendFailure(nil, st, tree, body)}); err == nil {
		e.AddDetail(d)
	}
	return e
}

// failed is the reply of a call that failed; ok reports whether it is one of a unit.
func failed(e *connect.Error) (reply link.Reply, ok bool) {
	for _, d := range e.Details() {
		if "type.googleapis.com/"+d.Type() != detailType {
			continue
		}
		r, err := link.ParseFailure(string(d.Bytes()))
		return r, err == nil
	}
	return reply, false
}

// codeOf is the code of a failed call, for callers that know no more.
func codeOf(st link.Status, err error) connect.Code {
	var version *link.VersionError
	var panicked *link.PanicError
	for _, c := range []struct {
		is   bool
		code connect.Code
	}{
		{errors.As(err, &panicked), connect.CodeInternal},
		{st == link.StatusRefused && errors.Is(err, link.ErrMoved), connect.CodeNotFound},
		{st == link.StatusRefused && errors.As(err, &version), connect.CodeFailedPrecondition},
		{errors.Is(err, link.ErrTooLarge), connect.CodeResourceExhausted},
		{st == link.StatusRefused && errors.Is(err, link.ErrMalformed), connect.CodeInvalidArgument},
		{errors.Is(err, context.DeadlineExceeded), connect.CodeDeadlineExceeded},
		{errors.Is(err, context.Canceled), connect.CodeCanceled},
		{errors.Is(err, fs.ErrNotExist), connect.CodeNotFound},
		{errors.Is(err, fs.ErrPermission), connect.CodePermissionDenied},
		{errors.Is(err, fs.ErrExist), connect.CodeAlreadyExists},
		{errors.Is(err, link.ErrPinned) || errors.Is(err, errors.ErrUnsupported), connect.CodeUnimplemented},
		{st == link.StatusRefused, connect.CodeUnavailable},
	} {
		if c.is {
			return c.code
		}
	}
	return connect.CodeUnknown
}

// refusal is the error of a call that nothing of was executed.
func refusal(err error, unit bool) *connect.Error {
	e := failure(link.StatusRefused, link.NewErrors().Append(nil, err), nil, unit)
	e.Meta().Set(headerRefused, "1")
	return e
}

// unknownProcedure is the refusal of a call of what isn't there.
func unknownProcedure(format string, args ...any) *connect.Error {
	e := connect.NewError(connect.CodeUnimplemented, fmt.Errorf(format, args...))
	e.Meta().Set(headerRefused, "1")
	return e
}
