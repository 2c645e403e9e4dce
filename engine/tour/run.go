package tour

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/unweld/unweld/engine"
)

const (
	startLimit = 2 * time.Minute // to build and start the shop
	killLimit  = 20 * time.Second
	warmUp     = 20
	requests   = 200 // per row of the table
)

// running is the shop in its units.
type running struct {
	url    string
	cancel context.CancelFunc
	done   chan error
	output *tail
}

// stop ends the shop and waits for it. A shop that never ran is stopped.
func (r *running) stop() {
	if r == nil || r.cancel == nil {
		return
	}
	r.cancel()
	r.cancel = nil
	<-r.done
}

// start runs the shop under the split micro and waits until it answers.
func (t *tour) start(ctx context.Context) (string, error) {
	addr, err := freeAddress()
	if err != nil {
		return "", err
	}
	inner, cancel := context.WithCancel(ctx)
	r := &running{url: "http://" + addr, cancel: cancel, done: make(chan error, 1), output: &tail{}}
	t.run = r
	var o engine.SplitRunOptions
	o.Program = "./cmd/shop"
	// Its data lies where the log of pricing does: eject is compared with what
	// extract left, file by file.
	o.Args = []string{"-addr", addr, "-db", filepath.Join(t.Dir, ".unweld", "shop.db")}
	o.Stdout, o.Stderr = r.output, r.output
	go func() { r.done <- t.session.SplitRun(inner, "micro", o) }()
	if err := t.await(ctx, startLimit); err != nil {
		return "", err
	}
	st, err := t.session.SplitStatus(ctx, "")
	if err != nil {
		return "", err
	}
	p50, err := t.measure(ctx)
	if err != nil {
		return "", err
	}
	var units []string
	for _, u := range st.Units {
		units = append(units, fmt.Sprintf("%s (pid %d)", u.Name, u.PID))
	}
	for _, l := range st.Links {
		t.result.Links = append(t.result.Links, Link{Split: st.Split, Address: l.Address, P50: p50})
	}
	return strings.Join(units, ", "), nil
}

// await waits until the shop answers a request that needs pricing.
func (t *tour) await(ctx context.Context, limit time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for {
		status, _, err := t.request(ctx, "GET", "/health", nil)
		if err == nil && status == http.StatusOK {
			return nil
		}
		select {
		case ended := <-t.run.done:
			t.run.done <- ended
			return fmt.Errorf("the shop ended: %w\n%s", cmp.Or(ended, errors.New("by itself")), t.run.output)
		case <-ctx.Done():
			return fmt.Errorf("the shop doesn't answer: %w\n%s", cmp.Or(err, ctx.Err()), t.run.output)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func (t *tour) request(ctx context.Context, method, path string, body any) (int, []byte, error) {
	content, err := json.Marshal(body)
	if err != nil {
		return 0, nil, err
	}
	req, err := http.NewRequestWithContext(ctx, method, t.run.url+path, bytes.NewReader(content))
	if err != nil {
		return 0, nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	return resp.StatusCode, answer, err
}

// measure returns the median time of a request that calls pricing once, in
// microseconds.
func (t *tour) measure(ctx context.Context) (float64, error) {
	var took []time.Duration
	for i := range warmUp + requests {
		begun := time.Now()
		status, answer, err := t.request(ctx, "GET", "/quote?sku=MUG-02&qty=1", nil)
		if err != nil {
			return 0, err
		}
		if status != http.StatusOK {
			return 0, fmt.Errorf("GET /quote: status %d: %s", status, answer)
		}
		if i >= warmUp {
			took = append(took, time.Since(begun))
		}
	}
	slices.Sort(took)
	return float64(took[len(took)/2].Nanoseconds()) / 1e3, nil
}

// The price that the tour changes. It isn't one that the shop begins with.
const (
	sku   = "TOUR-1"
	price = 12345
)

func (t *tour) change(ctx context.Context) (string, error) {
	status, answer, err := t.request(ctx, "PUT", "/admin/rules/"+sku, map[string]any{"unit": price})
	if err != nil {
		return "", err
	}
	if status != http.StatusNoContent {
		return "", fmt.Errorf("PUT /admin/rules/%s: status %d: %s", sku, status, answer)
	}
	return fmt.Sprintf("%s costs %d cents, acknowledged", sku, price), t.priced(ctx)
}

// priced checks that the changed price is there.
func (t *tour) priced(ctx context.Context) error {
	status, answer, err := t.request(ctx, "GET", "/admin/rules", nil)
	if err != nil {
		return err
	}
	var rules []struct {
		SKU  string `json:"sku"`
		Unit int64  `json:"unit"`
	}
	if err := json.Unmarshal(answer, &rules); status != http.StatusOK || err != nil {
		return fmt.Errorf("GET /admin/rules: status %d: %s", status, answer)
	}
	for _, r := range rules {
		if r.SKU == sku && r.Unit == price {
			return nil
		}
	}
	return fmt.Errorf("the price of %s is lost", sku)
}

// kill ends the process that hosts pricing, the hard way, and waits until
// another one has taken over with the same state.
func (t *tour) kill(ctx context.Context) (string, error) {
	pid, err := t.pricingPID(ctx)
	if err != nil {
		return "", err
	}
	process, err := os.FindProcess(pid)
	if err != nil {
		return "", err
	}
	if err := process.Kill(); err != nil {
		return "", err
	}
	begun := time.Now()
	ctx, cancel := context.WithTimeout(ctx, killLimit)
	defer cancel()
	for {
		now, err := t.pricingPID(ctx)
		if err == nil && now != pid {
			if err = t.priced(ctx); err == nil {
				return fmt.Sprintf("back after %.0f ms with the changed price (pid %d, now %d)", float64(time.Since(begun).Milliseconds()), pid, now), nil
			}
		}
		select {
		case <-ctx.Done():
			return "", fmt.Errorf("pricing didn't come back: %w\n%s", cmp.Or(err, ctx.Err()), t.run.output)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func (t *tour) pricingPID(ctx context.Context) (int, error) {
	st, err := t.session.SplitStatus(ctx, "")
	if err != nil {
		return 0, err
	}
	for _, u := range st.Units {
		if slices.Contains(u.Components, "pricing") && u.Ready {
			return u.PID, nil
		}
	}
	return 0, errors.New("no unit hosts pricing")
}

func (t *tour) takeBack(ctx context.Context) (string, error) {
	if err := t.session.SplitApply(ctx, "monolith", engine.SplitApplyOptions{}); err != nil {
		return "", err
	}
	if err := t.priced(ctx); err != nil {
		return "", err
	}
	p50, err := t.measure(ctx)
	if err != nil {
		return "", err
	}
	t.result.Links = append(t.result.Links, Link{Split: "monolith", Address: "inproc:", P50: p50})
	return "one process now, the price is still there", nil
}

// freeAddress returns a loopback address on which nothing listens.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// A tail keeps the end of what the shop prints, for error messages.
type tail struct {
	mu sync.Mutex
	b  []byte
}

func (t *tail) Write(b []byte) (int, error) {
	const most = 8 << 10
	t.mu.Lock()
	defer t.mu.Unlock()
	t.b = append(t.b, b...)
	t.b = t.b[max(0, len(t.b)-most):]
	return len(b), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.b)
}
