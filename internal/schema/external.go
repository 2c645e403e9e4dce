package schema

// An External is the codec of a type that is encoded as a whole.
type External struct {
	Shape string // as in the lock
	Proto string // type in the .proto file
	Body  string // message codecs: the name after wire.Append and wire.Decode
	Via   string // marshaler codecs: the suffix of AppendMarshaled and Unmarshal
	From  string // the package of these two beside wire; empty: wire
	Mode  bool   // the decoder takes a wire.Mode
}

// Externals are the external codecs, by their name in contracts.
var Externals = map[string]External{
	"time":           {Shape: "time", Proto: "Time", Body: "Time"},
	"url":            {Shape: "url", Proto: "URL", Body: "URL", Mode: true},
	"text":           {Shape: "text", Proto: "string", Via: "Text"},
	"binary":         {Shape: "bytes", Proto: "bytes", Via: "Binary"},
	"gob":            {Shape: "gob", Proto: "bytes", Via: "Gob"},
	"json":           {Shape: "json", Proto: "string", Via: "JSON"},
	"protobuf":       {Shape: "protobuf", Proto: "bytes", Via: "Message", From: "protobuf"},
	"netip.Addr":     {Shape: "bytes", Proto: "bytes", Via: "Binary"},
	"netip.AddrPort": {Shape: "bytes", Proto: "bytes", Via: "Binary"},
	"netip.Prefix":   {Shape: "bytes", Proto: "bytes", Via: "Binary"},
	"big.Int":        {Shape: "gob", Proto: "bytes", Via: "Gob"},
	"big.Float":      {Shape: "gob", Proto: "bytes", Via: "Gob"},
	"big.Rat":        {Shape: "gob", Proto: "bytes", Via: "Gob"},
}
