package http

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"reflect"
	"testing"
	"testing/fstest"
	"time"

	"github.com/unweld/unweld/bindings/rt/link"
	"github.com/unweld/unweld/bindings/rt/link/linktest"
	"github.com/unweld/unweld/bindings/rt/wire"
)

// maxRatio bounds what a call may cost, of what one takes with net/http and
// encoding/json alone, of the same value.
const maxRatio = 1.0

type quote struct {
	SKU       string   `json:"sku"`
	Quantity  int      `json:"quantity"`
	UnitPrice int64    `json:"unitPrice"`
	Total     int64    `json:"total"`
	Currency  string   `json:"currency"`
	Discount  float64  `json:"discount"`
	Notes     []string `json:"notes"`
}

var sample = quote{
	SKU: "ABC-1234-XL", Quantity: 12, UnitPrice: 1999, Total: 23988, Currency: "EUR", Discount: 0.05,
	Notes: []string{"ships within two days", "gift wrapping"},
}

var quoted = &Component{Name: "cart", Names: "1", Document: fstest.MapFS{}, Endpoints: []Endpoint{{Name: "Order", Routes: []Route{{"POST", "/cart/order"}}}}, Types: []Type{
	{Kind: Struct, Name: "quote", Fields: []Field{{Name: "sku", Number: 1, Type: 1}, {Name: "quantity", Number: 2, Type: 2}, {Name: "unitPrice", Number: 3, Type: 2},
		{Name: "total", Number: 4, Type: 2}, {Name: "currency", Number: 5, Type: 1}, {Name: "discount", Number: 6, Type: 3}, {Name: "notes", Number: 7, Type: 4}}},
	{Kind: String}, {Kind: Int, Bits: 64}, {Kind: Float64}, {Kind: List, Elem: 1},
}}

// encodeQuote and decodeQuote do what generated code does.
func encodeQuote(b []byte, q *quote) []byte {
	b = wire.AppendField(b, 1<<3|wire.TypeBytes, q.SKU)
	b = wire.AppendSint(append(b, 2<<3), int64(q.Quantity))
	b = wire.AppendSint(append(b, 3<<3), q.UnitPrice)
	b = wire.AppendSint(append(b, 4<<3), q.Total)
	b = wire.AppendField(b, 5<<3|wire.TypeBytes, q.Currency)
	b = wire.AppendFloat64(append(b, 6<<3|wire.TypeFixed64), q.Discount)
	for _, n := range q.Notes {
		b = wire.AppendField(b, 7<<3|wire.TypeBytes, n)
	}
	return b
}

func decodeQuote(s string, q *quote) error {
	i := 0
	for i >= 0 && i < len(s) {
		var tag uint64
		tag, i = wire.Uvarint(s, i)
		switch tag >> 3 {
		case 1:
			q.SKU, i = wire.Message(s, i)
		case 2:
			q.Quantity, i = wire.Int[int](s, i)
		case 3:
			q.UnitPrice, i = wire.Sint(s, i)
		case 4:
			q.Total, i = wire.Sint(s, i)
		case 5:
			q.Currency, i = wire.Message(s, i)
		case 6:
			q.Discount, i = wire.Float64(s, i)
		case 7:
			var n string
			n, i = wire.Message(s, i)
			q.Notes = append(q.Notes, n)
		}
	}
	return fault(i)
}

// bare is a server and a client of nothing but net/http and encoding/json.
func bare(b *testing.B) func() error {
	srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var q quote
		if err := json.NewDecoder(r.Body).Decode(&q); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(&q)
	})}
	l := listenAnywhere(b)
	go func() { _ = srv.Serve(l) }()
	b.Cleanup(func() { _ = srv.Close() })
	client, at := &http.Client{}, "http://"+l.Addr().String()+"/cart/order"
	return func() error {
		body, err := json.Marshal(&sample)
		if err != nil {
			return err
		}
		res, err := client.Post(at, "application/json", bytes.NewReader(body))
		if err != nil {
			return err
		}
		defer res.Body.Close()
		var q quote
		if err := json.NewDecoder(res.Body).Decode(&q); err != nil {
			return err
		}
		_, err = io.Copy(io.Discard, res.Body)
		return errors.Join(err, same(&q))
	}
}

func same(q *quote) error {
	if !reflect.DeepEqual(*q, sample) {
		return errors.New("another quote came back")
	}
	return nil
}

// bound is the same by way of this package.
func bound(b *testing.B) func() error {
	s := shopNamed("cart")
	s.serve = func(request string, reply []byte) ([]byte, error) {
		var q quote
		err := decodeQuote(request, &q)
		return encodeQuote(reply, &q), err
	}
	at, _ := serveShop(b, "", s)
	Describe(quoted)
	a, err := link.ParseAddress(at)
	if err != nil {
		b.Fatal(err)
	}
	c, err := dial(b.Context(), a, link.Hello{Component: "cart", Fingerprint: "1"})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = c.Close() })
	return func() error {
		buffer := link.GetBuffer()
		defer buffer.Release()
		buffer.B = encodeQuote(buffer.B, &sample)
		reply, err := c.Call(b.Context(), link.Outgoing{Endpoint: link.Endpoint{Name: "Order"}, Request: buffer.B})
		if err != nil || reply.Status != link.StatusOK {
			return errors.Join(err, errors.New(reply.Error))
		}
		var q quote
		return errors.Join(decodeQuote(reply.Body, &q), same(&q))
	}
}

// BenchmarkRatio interleaves the two and reports the ratios of their medians, of the time
// that a call takes, and of the processor time of both its sides, which are in this process.
func BenchmarkRatio(b *testing.B) {
	ours, theirs := bound(b), bare(b)
	var mine, others, mineCPU, othersCPU []float64
	measure := func(call func() error, times, cpu *[]float64) {
		const batch = 200
		before, known := linktest.CPU(os.Getpid())
		start := time.Now()
		for range batch {
			if err := call(); err != nil {
				b.Fatal(err)
			}
		}
		*times = append(*times, float64(time.Since(start).Nanoseconds())/batch)
		if after, _ := linktest.CPU(os.Getpid()); known {
			*cpu = append(*cpu, float64((after-before).Nanoseconds())/batch)
		}
	}
	for b.Loop() {
		measure(ours, &mine, &mineCPU)
		measure(theirs, &others, &othersCPU)
	}
	ratio := linktest.Middle(mine) / linktest.Middle(others)
	b.ReportMetric(ratio, "ratio")
	b.ReportMetric(linktest.Middle(mine), "ns-bound")
	b.ReportMetric(linktest.Middle(others), "ns-bare")
	if len(mineCPU) > 0 {
		b.ReportMetric(linktest.Middle(mineCPU)/linktest.Middle(othersCPU), "cpu-ratio")
	}
	if ratio > maxRatio && len(mine) > 10 && os.Getenv("UNWELD_BENCH_STRICT") != "" {
		b.Errorf("the ratio is %.2f, above %.2f", ratio, maxRatio)
	}
}

// BenchmarkJSON is a value there and back, without HTTP.
func BenchmarkJSON(b *testing.B) {
	b.Run("bound", func(b *testing.B) {
		b.ReportAllocs()
		var message, text []byte
		for b.Loop() {
			var err error
			message = encodeQuote(message[:0], &sample)
			if text, err = quoted.appendJSON(text[:0], 0, string(message), false); err != nil {
				b.Fatal(err)
			}
			if message, err = quoted.parseJSON(message[:0], 0, string(text), false); err != nil {
				b.Fatal(err)
			}
			var q quote
			if err := errors.Join(decodeQuote(string(message), &q), same(&q)); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("encoding-json", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			text, err := json.Marshal(&sample)
			if err != nil {
				b.Fatal(err)
			}
			var q quote
			if err := errors.Join(json.Unmarshal(text, &q), same(&q)); err != nil {
				b.Fatal(err)
			}
		}
	})
}
