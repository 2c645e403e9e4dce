package codegen

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/unweld/unweld/bindings"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/generate"
)

// TestTelemetry: what isn't asked for leaves no trace in what is generated, and each
// option adds its part alone.
func TestTelemetry(t *testing.T) {
	c := mail()
	c.Methods = append(c.Methods, component.Method{Endpoint: component.Endpoint{Name: "Note", Local: "it takes no context"}, Variadic: true,
		Params: []component.Param{{Name: "s", Type: component.Basic("string")}, {Name: "call", Type: component.SliceOf(component.Basic("int"))}}})
	generated := func(options map[string]string) (*generate.Output, map[string]string) {
		t.Helper()
		req := requestFor(c)
		if problems := Prepare(req, []*bindings.Binding{post}, nil); req.Schema == nil {
			t.Fatalf("problems: %v", problems)
		}
		out, err := Generate(context.Background(), req, []*bindings.Binding{post}, map[string]map[string]string{Telemetry: options})
		if err != nil {
			t.Fatal(err)
		}
		files := map[string]string{}
		for _, f := range out.Files {
			files[strings.TrimPrefix(f.Path, "mail/mailoutunweld/")] = string(f.Content)
		}
		return out, files
	}
	const init = "func init() { telemetry.Observe(\"mail-out\", telemetry.Options{}) }\n"
	plain, before := generated(nil)
	for _, options := range []map[string]string{{"calls": "off"}, {"errors": "texts"}, {"calls": "crossing"}, {"calls": "all", "errors": "texts"}} {
		out, files := generated(options)
		asked := options["calls"] == "crossing" || options["calls"] == "all"
		if asked != slices.Contains(out.Runtime, "telemetry") || asked != (len(out.Requires) > len(plain.Requires)) {
			t.Errorf("%v: run-time %v, requirements %v", options, out.Runtime, out.Requires)
		}
		told := files["telemetry.go"]
		delete(files, "telemetry.go")
		for name, content := range files {
			if same := content == before[name]; same == (name == "open.go" && options["calls"] == "all") {
				t.Errorf("%v: %s:\n%s", options, name, content)
			}
		}
		switch options["calls"] {
		case "crossing":
			if !strings.HasSuffix(told, init) {
				t.Errorf("crossing:\n%s", told)
			}
		case "all":
			for _, want := range []string{
				strings.Replace(init, "{}) }", "{ErrorTexts: true}) }", 1),
				"func (s watched) Send(ctx context.Context, to string) (r0 int, err error) {\n\tctx, call := s.calls.Begin(ctx, endpointSend)\n\tdefer call.Leave()\n" +
					"\tr0, err = s.to.Send(ctx, to)\n\tcall.End(err)\n\treturn r0, err\n}\n",
				"func (s watched) Note(p0 string, p1 ...int) {\n\t_, call := s.calls.Begin(context.Background(), endpointNote)\n\tdefer call.Leave()\n" +
					"\ts.to.Note(p0, p1...)\n\tcall.End(nil)\n}\n",
			} {
				if !strings.Contains(told, want) {
					t.Errorf("all, want:\n%s\nin:\n%s", want, told)
				}
			}
			if want := "Watched: func(s mail.Service, c *link.Calls) mail.Service { return watched{s, c} },\n"; !strings.Contains(files["open.go"], want) {
				t.Errorf("want %s in:\n%s", want, files["open.go"])
			}
		default:
			if told != "" {
				t.Errorf("%v:\n%s", options, told)
			}
		}
	}
}
