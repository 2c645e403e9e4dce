package protofile

import (
	"context"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/bufbuild/protocompile"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/schema"
)

// compile reads a .proto file with a compiler that isn't ours.
func compile(t *testing.T, content []byte) protoreflect.FileDescriptor {
	t.Helper()
	c := protocompile.Compiler{
		SourceInfoMode: protocompile.SourceInfoStandard,
		Resolver: protocompile.WithStandardImports(&protocompile.SourceResolver{
			Accessor: protocompile.SourceAccessorFromMap(map[string]string{"x.proto": string(content)}),
		}),
	}
	files, err := c.Compile(context.Background(), "x.proto")
	if err != nil {
		t.Fatalf("%v in\n%s", err, content)
	}
	return files[0]
}

// said is the comment in front of an element, as other languages get it.
func said(d protoreflect.Descriptor) string {
	text := d.ParentFile().SourceLocations().ByDescriptor(d).LeadingComments
	return strings.Trim(strings.ReplaceAll("\n"+text, "\n ", "\n"), "\n")
}

// documented is a contract in which everything has the comment that text gives it.
func documented(text func(of string) string) *component.Contract {
	level := component.Type{ID: pricing + ".Level", Kind: component.KindUint8, Package: home, Name: "Level", Doc: text("Level"), ConstantsDoc: text("levels"),
		Constants: []component.Constant{{Name: "LevelLow", Value: "1", Doc: text("LevelLow")}, {Name: "High", Value: "2"}, {Name: "LevelHigh", Value: "2"}, {Name: "Level_low", Value: "3"}}}
	state := component.Type{ID: pricing + ".State", Kind: component.KindString, Package: home, Name: "State", Doc: text("State"),
		Constants: []component.Constant{{Name: "Open", Value: `"open"`, Doc: text("Open")}, {Name: "Shut", Value: `"*/ shut"`}}}
	cents := component.Type{ID: pricing + ".Cents", Kind: component.KindInt64, Package: home, Name: "Cents", Doc: text("Cents")}
	own := component.Type{ID: pricing + ".Path", Kind: component.KindSlice, Package: home, Name: "Path", Elem: pricing + ".Path"}
	levels := component.Type{ID: "[]" + level.ID, Kind: component.KindSlice, Elem: level.ID}
	quote := structure("Quote", "Level ~Level", "State ~State", "Cents ~Cents", "Levels []~Level", "A1 int", "A_1 int", "Größe int", "Path ~Path")
	quote.Doc = text("Quote")
	quote.Fields[0].Doc, quote.Fields[4].Doc = text("Quote.Level"), text("Quote.A1")
	strange := structure("Straße", "N int")
	price := method("Price", "sku string", "n int", "s ~Straße")
	price.Doc, price.Params[0].Doc = text("Price"), text("Price(sku)")
	price.Results = []component.Param{{Type: ref("~Quote"), Doc: text("Price()")}}
	c := contractOf([]component.Method{price, method("Größe")}, quote, strange, level, levels, state, cents, own)
	c.Doc = text("Service")
	return c
}

func built(t *testing.T, c *component.Contract, previous *schema.Lock) *schema.Schema {
	t.Helper()
	s, problems := schema.Build(c, previous)
	if s == nil {
		t.Fatal(problems)
	}
	return s
}

// TestDocs finds what the contract says of everything where callers in other
// languages look for it, and what is deprecated marked so.
func TestDocs(t *testing.T) {
	c := documented(func(of string) string { return of + " is told of.\n\nDeprecated: " + of + " is old." })
	f := compile(t, contentOf(built(t, c, nil)))
	service, quote := f.Services().ByName("Service"), f.Messages().ByName("Quote")
	price, level := service.Methods().ByName("Price"), f.Enums().ByName("Level")
	field := func(m protoreflect.MessageDescriptor, name protoreflect.Name) protoreflect.FieldDescriptor {
		return m.Fields().ByName(name)
	}
	for of, d := range map[string]protoreflect.Descriptor{
		"Service": service, "Price": price, "Quote": quote, "Level": level,
		"Price(sku)": field(price.Input(), "sku"), "Price()": field(price.Output(), "r1"),
		"Quote.Level": field(quote, "level"), "Quote.A1": field(quote, "a1"), "LevelLow": level.Values().ByName("LEVEL_LOW"),
	} {
		want := of + " is told of.\n\nDeprecated: " + of + " is old."
		if got := said(d); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %q, want %q", d.FullName(), got, want)
		}
		if !isDeprecated(d) {
			t.Errorf("%s isn't marked as deprecated", d.FullName())
		}
	}
	for d, want := range map[protoreflect.Descriptor]string{
		level:                         "\n\nlevels is told of.",
		field(quote, "level"):         "\n\nA value of Level.",
		field(quote, "levels"):        "A value of Level.",
		field(quote, "cents"):         "Cents is told of.",
		field(quote, "state"):         "State is told of.\n\nValues of State:\n\n  \"open\" Open: Open is told of.\n  \"*/ shut\" Shut",
		quote:                         "\n\nQuote is example.com/shop/pricing.Quote.",
		field(price.Input(), "n"):     "",
		f.Messages().ByName("Stra_e"): "Stra_e is example.com/shop/pricing.Straße.",
	} {
		if got := said(d); !strings.Contains(got, want) || want == "" && got != "" {
			t.Errorf("%s: %q, want %q", d.FullName(), got, want)
		}
	}
	if isDeprecated(field(quote, "cents")) || isDeprecated(field(price.Input(), "n")) {
		t.Error("a field is deprecated that isn't")
	}
	names := map[protoreflect.Name]protoreflect.EnumNumber{}
	for i := range level.Values().Len() {
		names[level.Values().Get(i).Name()] = level.Values().Get(i).Number()
	}
	if want := map[protoreflect.Name]protoreflect.EnumNumber{"LEVEL_LOW": 1, "LEVEL_HIGH": 2, "LEVEL_HIGH_2": 2, "LEVEL_LOW_2": 3}; !reflect.DeepEqual(names, want) {
		t.Errorf("values %v, want %v", names, want)
	}
	if service.Methods().Len() != 1 {
		t.Errorf("%d methods; one has a name that can't be there", service.Methods().Len())
	}
}

func isDeprecated(d protoreflect.Descriptor) bool {
	switch o := d.Options().(type) {
	case *descriptorpb.ServiceOptions:
		return o.GetDeprecated()
	case *descriptorpb.MethodOptions:
		return o.GetDeprecated()
	case *descriptorpb.MessageOptions:
		return o.GetDeprecated()
	case *descriptorpb.FieldOptions:
		return o.GetDeprecated()
	case *descriptorpb.EnumOptions:
		return o.GetDeprecated()
	case *descriptorpb.EnumValueOptions:
		return o.GetDeprecated()
	}
	return false
}

// TestDocsDontCount builds the schema of a contract with and without docs: the
// wire and the lock must not know of them.
func TestDocsDontCount(t *testing.T) {
	before := built(t, documented(func(string) string { return "" }), nil)
	after := built(t, documented(func(of string) string { return "Deprecated: " + of }), before.Lock)
	if before.Fingerprint() != after.Fingerprint() || len(after.Compatible()) != 0 {
		t.Errorf("fingerprints %s and %s, compatible %q", before.Fingerprint(), after.Fingerprint(), after.Compatible())
	}
	was, _ := json.Marshal(before.Lock)
	is, _ := json.Marshal(after.Lock)
	if string(was) != string(is) {
		t.Errorf("the lock was %s, is %s", was, is)
	}
}

// FuzzDocs writes texts into the comments of a .proto file, and has it read by
// another compiler, which must find the same elements, each with its text.
func FuzzDocs(f *testing.F) {
	for _, text := range []string{
		"plain", "two\nlines", "*/", "/* open", "// nested", "a\r}\rmessage X {}", "a\u2028}\u0085b", "\x00\x07", "\xff\xfe", "\\", "a\\\n}", "\"", "'",
		"\n\n\n", " \t ", "  code\n\n    deeper", "@deprecated {@link x}", "Deprecated: no", "x\n\nDeprecated: yes\n\nz", "//go:embed x", "\ufeff", "edition = \"2024\";",
		"trailing   \nspace ", "; } [deprecated = true]", "ünïcödé 世界 \U0001F600", strings.Repeat("long ", 5000),
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		bare := compile(t, contentOf(built(t, documented(func(string) string { return "" }), nil)))
		full := compile(t, contentOf(built(t, documented(func(string) string { return text }), nil)))
		if want, got := elements(bare), elements(full); !reflect.DeepEqual(got, want) {
			t.Errorf("%q changes what there is: %v, was %v", text, got, want)
		}
		want := strings.Join(strings.Fields(oneLineEnd(text)), " ")
		if got := strings.Join(strings.Fields(said(full.Services().Get(0).Methods().Get(0))), " "); got != want {
			t.Errorf("%q arrives as %q", want, got)
		}
	})
}

func elements(f protoreflect.FileDescriptor) []string {
	var out []string
	for i := range f.Messages().Len() {
		m := f.Messages().Get(i)
		for j := range m.Fields().Len() {
			out = append(out, string(m.Fields().Get(j).FullName())+" "+m.Fields().Get(j).Kind().String())
		}
	}
	for i := range f.Enums().Len() {
		for j := range f.Enums().Get(i).Values().Len() {
			out = append(out, string(f.Enums().Get(i).Values().Get(j).FullName()))
		}
	}
	return append(out, string(f.Services().Get(0).Methods().Get(0).FullName()))
}
