package crossing

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"testing"
)

// reflection is enough of the package that says what a message is.
const reflection = `package protoreflect
type Message interface{ Descriptor() int }`

const messages = `package m
import "google.golang.org/protobuf/reflect/protoreflect"
type Message struct { state int; Name string }
func (*Message) ProtoReflect() protoreflect.Message { return nil }
type Wrapped struct { *Message }
type Alone struct { Message }
type Beside struct { Message; Note string }
type Own struct { n int }
func (*Own) ProtoReflect() int { return 0 }
type Asks struct { n int }
func (*Asks) ProtoReflect(int) protoreflect.Message { return nil }
type Plain struct { n int }
`

type sources map[string]string

func (s sources) Import(path string) (*types.Package, error) {
	content, ok := s[path]
	if !ok {
		return nil, fmt.Errorf("no package %s", path)
	}
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, path+".go", content, 0)
	if err != nil {
		return nil, err
	}
	conf := types.Config{Importer: s}
	return conf.Check(path, fset, []*ast.File{f}, nil)
}

// TestMessages: what crosses as a message is one itself. A struct that embeds one has its
// method and would lose what is beside it.
func TestMessages(t *testing.T) {
	pkg, err := sources{"google.golang.org/protobuf/reflect/protoreflect": reflection, "m": messages}.Import("m")
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"Message": "protobuf", "Alone": "protobuf", "Wrapped": "", "Beside": "", "Own": "", "Asks": "", "Plain": ""} {
		if got := codecOf(pkg.Scope().Lookup(name).Type().(*types.Named)); got != want {
			t.Errorf("%s has the codec %q, want %q", name, got, want)
		}
	}
}
