package crossing

import (
	"go/types"
	"strings"
)

// codecs are the types of other packages that the wire format knows by name.
var codecs = map[string]string{
	"time.Time":                   "time",
	"net/url.URL":                 "url",
	"net/netip.Addr":              "netip.Addr",
	"net/netip.AddrPort":          "netip.AddrPort",
	"net/netip.Prefix":            "netip.Prefix",
	"math/big.Int":                "big.Int",
	"math/big.Float":              "big.Float",
	"math/big.Rat":                "big.Rat",
	"regexp.Regexp":               "text",
	"github.com/google/uuid.UUID": "binary",
}

// A ban says why a type of the standard library never crosses.
type ban struct{ code, why, hint string }

var (
	banTx   = ban{"tx-crosses", "belongs to one database connection", "keep the work of one transaction in one component, or let the other's write follow the commit: unweld refactor wrap-transaction"}
	banConn = ban{"connection-in-contract", "is a connection of this process", "cross with the data of the request; the listener stays with its owner"}
	banPool = ban{"connection-in-contract", "is a pool of connections of this process", "keep who uses the database in one component"}
	banLock = ban{"lock-in-value", "is a lock: its copy would lock nothing", "keep the lock out of the value"}
	banCtx  = ban{"context-in-struct", "is kept in a value", "pass the context as the first parameter"}
	banFile = ban{"stream-in-contract", "is a stream of this process", "cross with []byte where the content is bounded"}
	banSrc  = ban{"process-state", "means something in this process only", "cross with text or data made from it"}
)

var bans = map[string]ban{
	"database/sql.Tx": banTx, "database/sql.Conn": banTx, "database/sql.Rows": banTx, "database/sql.Row": banTx,
	"database/sql.Stmt": banTx, "database/sql.DB": banPool,
	"net/http.ResponseWriter": banConn, "net/http.Request": banConn, "net/http.Response": banConn,
	"net/http.Client": banConn, "net/http.Handler": banConn, "net/http.Server": banConn,
	"net.Conn": banConn, "net.Listener": banConn, "net.PacketConn": banConn, "net.TCPConn": banConn, "net.UnixConn": banConn,
	"crypto/tls.Conn": banConn, "context.Context": banCtx,
	"os.File": banFile, "bufio.Reader": banFile, "bufio.Writer": banFile, "bufio.ReadWriter": banFile, "bufio.Scanner": banFile,
	"bytes.Buffer": banFile, "bytes.Reader": banFile, "strings.Builder": banFile, "strings.Reader": banFile,
	"os.Process": banSrc, "os/exec.Cmd": banSrc, "reflect.Value": banSrc,
	"go/token.FileSet": banSrc, "time.Timer": banSrc, "time.Ticker": banSrc,
}

// banned reports types that never cross, whatever their fields are.
func banned(t *types.Named) (ban, bool) {
	q := qualified(t)
	if b, ok := bans[q]; ok {
		return b, true
	}
	if strings.HasPrefix(q, "sync.") || strings.HasPrefix(q, "sync/atomic.") {
		return banLock, true
	}
	if (q == "iter.Seq" || q == "iter.Seq2") && t.TypeArgs().Len() > 0 {
		return ban{"iterator-in-contract", "is an iterator", "return a slice, or a page of one"}, true
	}
	return ban{}, false
}

// marshalers are the pairs of methods by which a type encodes itself, the one that
// loses least first.
var marshalers = []struct{ codec, out, in string }{
	{"binary", "MarshalBinary", "UnmarshalBinary"},
	{"text", "MarshalText", "UnmarshalText"},
	{"gob", "GobEncode", "GobDecode"},
	{"json", "MarshalJSON", "UnmarshalJSON"},
}

// codecOf returns the codec for a type that the wire format knows: by its name, or because
// it is a message of Protocol Buffers, which crosses as itself. It is "" for others.
func codecOf(t *types.Named) string {
	if codec := codecs[qualified(t)]; codec != "" {
		return codec
	}
	if isProtobuf(t) {
		return "protobuf"
	}
	return ""
}

// isProtobuf reports whether pointers to t are messages of google.golang.org/protobuf.
func isProtobuf(t *types.Named) bool {
	fn := wholeMethod(t, "ProtoReflect")
	if fn == nil || fn.Signature().Params().Len() != 0 || fn.Signature().Results().Len() != 1 {
		return false
	}
	n, ok := types.Unalias(fn.Signature().Results().At(0).Type()).(*types.Named)
	return ok && qualified(n) == "google.golang.org/protobuf/reflect/protoreflect.Message"
}

// marshaler returns the codec for a type that marshals itself, both ways, or "".
func marshaler(t *types.Named) string {
	for _, m := range marshalers {
		if encodes(wholeMethod(t, m.out)) && decodes(wholeMethod(t, m.in)) {
			return m.codec
		}
	}
	return ""
}

// wholeMethod returns a method that is about the whole of a value of type t, or
// nil. One promoted from a field is about that field alone: it would lose the
// others, unless there are none.
func wholeMethod(t *types.Named, name string) *types.Func {
	obj, path, indirect := types.LookupFieldOrMethod(t, true, nil, name)
	fn, ok := obj.(*types.Func)
	if !ok {
		return nil
	}
	if len(path) > 1 && indirect { // decoding begins with nil there
		return nil
	}
	for typ := types.Type(t); len(path) > 1; path = path[1:] {
		st, ok := typ.Underlying().(*types.Struct)
		if !ok || st.NumFields() != 1 {
			return nil
		}
		typ = st.Field(path[0]).Type()
	}
	return fn
}

var (
	bytesType   = types.NewSlice(types.Typ[types.Byte])
	predeclared = types.Universe.Lookup("error").Type()
)

// encodes reports whether a method is like MarshalText.
func encodes(fn *types.Func) bool {
	return fn != nil && signed(fn.Signature(), nil, []types.Type{bytesType, predeclared})
}

// decodes reports whether a method is like UnmarshalText.
func decodes(fn *types.Func) bool {
	return fn != nil && signed(fn.Signature(), []types.Type{bytesType}, []types.Type{predeclared})
}

func signed(sig *types.Signature, params, results []types.Type) bool {
	for _, side := range []struct {
		has  *types.Tuple
		want []types.Type
	}{{sig.Params(), params}, {sig.Results(), results}} {
		if side.has.Len() != len(side.want) {
			return false
		}
		for i, want := range side.want {
			if !types.Identical(side.has.At(i).Type(), want) {
				return false
			}
		}
	}
	return true
}
