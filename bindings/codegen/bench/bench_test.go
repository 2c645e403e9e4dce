package bench

import (
	"fmt"
	"os"
	"reflect"
	"slices"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/unweld/unweld/bindings/codegen/bench/quotes"
	"github.com/unweld/unweld/bindings/codegen/bench/quotespb"
)

var sample = quotes.Quote{
	SKU: "ABC-1234-XL", Quantity: 12, UnitPrice: 1999, Total: 23988, Currency: "EUR", Discount: 0.05,
	Notes: []string{"ships within two days", "gift wrapping"},
}

// maxRatio bounds what encoding and decoding may cost, of what protobuf-go
// takes when the values are converted to its messages and back.
const maxRatio = 0.35

func toMessage(q *quotes.Quote) *quotespb.Quote {
	return &quotespb.Quote{Sku: q.SKU, Quantity: int64(q.Quantity), UnitPrice: q.UnitPrice, Total: q.Total,
		Currency: q.Currency, Discount: q.Discount, Notes: slices.Clone(q.Notes)}
}

func fromMessage(m *quotespb.Quote, q *quotes.Quote) {
	*q = quotes.Quote{SKU: m.GetSku(), Quantity: int(m.GetQuantity()), UnitPrice: m.GetUnitPrice(), Total: m.GetTotal(),
		Currency: m.GetCurrency(), Discount: m.GetDiscount(), Notes: slices.Clone(m.GetNotes())}
}

// direct and converted send one value there and back, through a buffer that is
// used again.
func direct(buf []byte, in, out *priceRequest) ([]byte, error) {
	*out = priceRequest{}
	buf = encodePriceRequest(buf[:0], in)
	return buf, decodePriceRequest(string(buf), out)
}

func converted(buf []byte, in, out *priceRequest) ([]byte, error) {
	buf, err := proto.MarshalOptions{}.MarshalAppend(buf[:0], toMessage(&in.P0))
	if err != nil {
		return buf, err
	}
	var m quotespb.Quote
	if err := proto.Unmarshal(buf, &m); err != nil {
		return buf, err
	}
	fromMessage(&m, &out.P0)
	return buf, nil
}

func TestSameValue(t *testing.T) {
	for name, trip := range map[string]func([]byte, *priceRequest, *priceRequest) ([]byte, error){"direct": direct, "converted": converted, "positional": positional} {
		in, out := priceRequest{sample}, priceRequest{}
		if _, err := trip(nil, &in, &out); err != nil || !reflect.DeepEqual(in, out) {
			t.Errorf("%s: %+v, %v", name, out, err)
		}
	}
}

// BenchmarkRatio interleaves the three and reports the ratios of their medians.
func BenchmarkRatio(b *testing.B) {
	in, out := priceRequest{sample}, priceRequest{}
	buf := make([]byte, 0, 512)
	measure := func(trip func([]byte, *priceRequest, *priceRequest) ([]byte, error)) float64 {
		const batch = 2000
		start := time.Now()
		for range batch {
			var err error
			if buf, err = trip(buf, &in, &out); err != nil {
				b.Fatal(err)
			}
		}
		return float64(time.Since(start).Nanoseconds()) / batch
	}
	var ours, theirs, byHand []float64
	for b.Loop() {
		ours, theirs, byHand = append(ours, measure(direct)), append(theirs, measure(converted)), append(byHand, measure(positional))
	}
	middle := func(times []float64) float64 { slices.Sort(times); return times[len(times)/2] }
	mine := middle(ours)
	b.ReportMetric(mine/middle(theirs), "ratio")
	b.ReportMetric(mine/middle(byHand), "of-positional")
	b.ReportMetric(mine, "ns-direct")
	b.ReportMetric(middle(theirs), "ns-converted")
	b.ReportMetric(middle(byHand), "ns-positional")
	if ratio := mine / middle(theirs); ratio > maxRatio && len(ours) > 50 && os.Getenv("UNWELD_BENCH_STRICT") != "" {
		b.Errorf("the ratio is %.2f, above %.2f", ratio, maxRatio)
	}
}

func BenchmarkDirect(b *testing.B) { benchmark(b, direct) }

func BenchmarkConverted(b *testing.B) { benchmark(b, converted) }

func BenchmarkPositional(b *testing.B) { benchmark(b, positional) }

func benchmark(b *testing.B, trip func([]byte, *priceRequest, *priceRequest) ([]byte, error)) {
	b.ReportAllocs()
	in, out := priceRequest{sample}, priceRequest{}
	buf := make([]byte, 0, 512)
	for b.Loop() {
		var err error
		if buf, err = trip(buf, &in, &out); err != nil {
			b.Fatal(err)
		}
	}
	if fmt.Sprint(out) != fmt.Sprint(in) {
		b.Fatalf("read %+v", out)
	}
}

// TestStockPeer reads what the codec wrote with a stock protobuf library that
// knows the schema, and the other way round.
func TestStockPeer(t *testing.T) {
	request := messageType(t)
	in := priceRequest{sample}
	in.P0.Notes, in.P0.Total = []string{}, -5
	frame := encodePriceRequest(nil, &in)
	m := dynamicpb.NewMessage(request)
	if err := proto.Unmarshal(frame, m); err != nil {
		t.Fatal(err)
	}
	quote := m.Get(request.Fields().ByName("q")).Message()
	field := func(name protoreflect.Name) protoreflect.Value {
		return quote.Get(quote.Descriptor().Fields().ByName(name))
	}
	if field("sku").String() != in.P0.SKU || field("total").Int() != -5 || field("discount").Float() != 0.05 || field("present").Uint() != 1<<6 || len(quote.GetUnknown()) != 0 {
		t.Errorf("the stock library reads %v", m)
	}
	back, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	var out priceRequest
	if err := decodePriceRequest(string(back), &out); err != nil || !reflect.DeepEqual(in, out) {
		t.Errorf("what it writes arrives as %+v, %v", out, err)
	}
}

// messageType is the request as unweld's .proto file describes it.
func messageType(t *testing.T) protoreflect.MessageDescriptor {
	t.Helper()
	file := &descriptorpb.FileDescriptorProto{}
	if err := prototext.Unmarshal([]byte(`
		name: "quotes.proto" syntax: "proto3"
		message_type { name: "PriceRequest"
			field { name: "q" number: 1 label: LABEL_OPTIONAL type: TYPE_MESSAGE type_name: ".Quote" } }
		message_type { name: "Quote"
			field { name: "sku" number: 1 label: LABEL_OPTIONAL type: TYPE_STRING }
			field { name: "quantity" number: 2 label: LABEL_OPTIONAL type: TYPE_SINT64 }
			field { name: "unit_price" number: 3 label: LABEL_OPTIONAL type: TYPE_SINT64 }
			field { name: "total" number: 4 label: LABEL_OPTIONAL type: TYPE_SINT64 }
			field { name: "currency" number: 5 label: LABEL_OPTIONAL type: TYPE_STRING }
			field { name: "discount" number: 6 label: LABEL_OPTIONAL type: TYPE_DOUBLE }
			field { name: "notes" number: 7 label: LABEL_REPEATED type: TYPE_STRING }
			field { name: "present" number: 2047 label: LABEL_OPTIONAL type: TYPE_UINT64 } }`), file); err != nil {
		t.Fatal(err)
	}
	d, err := protodesc.NewFile(file, nil)
	if err != nil {
		t.Fatal(err)
	}
	return d.Messages().ByName("PriceRequest")
}
