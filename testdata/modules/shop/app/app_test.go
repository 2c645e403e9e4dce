package app

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/shop/config"
)

// client talks to a shop over HTTP.
type client struct {
	t   *testing.T
	url string
	app *App
}

func start(t *testing.T) *client {
	t.Helper()
	a, err := New(config.Config{
		DB:     filepath.Join(t.TempDir(), "shop.db"),
		Seed:   true,
		Now:    func() time.Time { return time.Unix(1_700_000_000, 0) },
		Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(a.Handler)
	t.Cleanup(func() {
		a.events.Close()
		srv.Close()
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	return &client{t: t, url: srv.URL, app: a}
}

// do sends a request, checks the status, and decodes the answer.
func (c *client) do(method, path, body string, status int) map[string]any {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), method, c.url+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	if res.StatusCode != status {
		c.t.Fatalf("%s %s: status %d, want %d: %s", method, path, res.StatusCode, status, data)
	}
	var list []any
	var out map[string]any
	if json.Unmarshal(data, &out) != nil && json.Unmarshal(data, &list) == nil {
		out = map[string]any{"list": list}
	}
	return out
}

func (c *client) number(m map[string]any, key string, want float64) {
	c.t.Helper()
	if got, ok := m[key].(float64); !ok || got != want {
		c.t.Errorf("%s = %v, want %v in %v", key, m[key], want, m)
	}
}

func (c *client) customer(email string) int {
	c.t.Helper()
	m := c.do("POST", "/customers", fmt.Sprintf(`{"email": %q, "name": "Pat", "country": "DE"}`, email), 201)
	return int(m["id"].(float64))
}

func TestQuote(t *testing.T) {
	c := start(t)
	c.number(c.do("GET", "/quote?sku=MUG-01", "", 200), "total", 1250)
	c.number(c.do("GET", "/quote?sku=MUG-01&qty=12", "", 200), "total", 13500)
	c.do("GET", "/quote?sku=SOFA", "", 404)
	c.do("GET", "/quote?sku=MUG-01&qty=0", "", 400)
	c.do("GET", "/quote?sku=MUG-01&qty=x", "", 400)
	c.number(c.do("GET", "/quote?sku=LAMP-07&qty=3", "", 400), "max", 2)
}

func TestRulesTakeEffect(t *testing.T) {
	c := start(t)
	c.do("PUT", "/admin/rules/MUG-01", `{"unit": 999, "breaks": [{"minQty": 2, "percentOff": 50}]}`, 204)
	c.number(c.do("GET", "/quote?sku=MUG-01&qty=2", "", 200), "total", 999)
	c.number(c.do("GET", "/catalog/MUG-01", "", 200), "price", 999)
	c.do("PUT", "/admin/rules/MUG-01", `{"unit": -1}`, 400)
	c.do("DELETE", "/admin/rules/MUG-01", "", 204)
	c.do("DELETE", "/admin/rules/MUG-01", "", 404)
	c.do("GET", "/catalog/MUG-01", "", 404)
	if n := len(c.do("GET", "/admin/rules", "", 200)["list"].([]any)); n != 8 {
		t.Errorf("%d rules, want 8", n)
	}
	low := c.do("GET", "/admin/stock/low", "", 200)
	if got := fmt.Sprint(low["unpriced"]); got != "[MUG-01]" {
		t.Errorf("unpriced = %s", got)
	}
}

func TestPromotions(t *testing.T) {
	c := start(t)
	c.do("POST", "/admin/promotions", `{"code": "MUGS", "percentOff": 20, "skus": ["MUG-01"]}`, 201)
	c.do("POST", "/admin/promotions", `{"code": "FREE", "percentOff": 100}`, 400)
	c.number(c.do("GET", "/quote?sku=MUG-01", "", 200), "total", 1000)
	c.number(c.do("GET", "/quote?sku=MUG-02", "", 200), "total", 1490)
	if n := len(c.do("GET", "/admin/promotions", "", 200)["list"].([]any)); n != 1 {
		t.Errorf("%d promotions", n)
	}
	c.do("DELETE", "/admin/promotions/MUGS", "", 204)
	c.number(c.do("GET", "/quote?sku=MUG-01", "", 200), "total", 1250)
}

func TestCatalog(t *testing.T) {
	c := start(t)
	list := c.do("GET", "/catalog?category=kitchen&sort=price&stock=1", "", 200)["list"].([]any)
	if len(list) != 3 || list[0].(map[string]any)["sku"] != "MUG-01" {
		t.Errorf("catalog = %v", list)
	}
	if n := len(c.do("GET", "/catalog?q=gopher", "", 200)["list"].([]any)); n != 1 {
		t.Errorf("%d matches", n)
	}
	c.number(c.do("GET", "/categories", "", 200), "kitchen", 3)
	c.do("POST", "/admin/products", `{"sku": "CAP", "name": "Cap", "category": "clothing", "taxCategory": "standard", "active": true}`, 201)
	c.do("POST", "/admin/products", `{"sku": "CAP", "name": "Cap", "category": "clothing", "taxCategory": "standard"}`, 409)
	c.do("POST", "/admin/products", `{"sku": "", "name": "x"}`, 400)
	c.do("GET", "/catalog/CAP", "", 404)
	c.do("PUT", "/admin/rules/CAP", `{"unit": 1500}`, 204)
	c.number(c.do("POST", "/admin/stock/CAP", `{"qty": 7}`, 200), "onHand", 7)
	c.number(c.do("GET", "/catalog/CAP", "", 200), "available", 7)
	c.do("DELETE", "/admin/products/CAP", "", 204)
	c.do("GET", "/catalog/CAP", "", 404)
}

func TestOrderFromPlacingToShipping(t *testing.T) {
	c := start(t)
	id := c.customer("pat@example.com")
	o := c.do("POST", "/orders", fmt.Sprintf(
		`{"customerID": %d, "token": "tok_1", "lines": [{"sku": "MUG-01", "qty": 6}, {"sku": "BOOK-GO", "qty": 1}]}`, id), 201)
	c.number(o, "subtotal", 7125+3900)
	c.number(o, "shipping", 0)
	c.number(o, "tax", 1138+255)
	if o["status"] != "paid" || o["email"] != "pat@example.com" {
		t.Errorf("order = %v", o)
	}
	c.number(c.do("GET", "/catalog/MUG-01", "", 200), "available", 34)
	path := fmt.Sprintf("/orders/%d", int(o["id"].(float64)))
	if got := c.do("POST", path+"/ship", "", 200); got["status"] != "shipped" {
		t.Errorf("order = %v", got)
	}
	c.do("POST", path+"/cancel", "", 409)
	c.number(c.do("GET", "/admin/reports/takings", "", 200), "card", 11025)
	sales := c.do("GET", "/admin/reports/sales", "", 200)["list"].([]any)
	if len(sales) != 2 || sales[0].(map[string]any)["sku"] != "MUG-01" {
		t.Errorf("sales = %v", sales)
	}
	if n := len(c.do("GET", fmt.Sprintf("/customers/%d/orders", id), "", 200)["list"].([]any)); n != 1 {
		t.Errorf("%d orders", n)
	}
}

func TestCancelGivesBack(t *testing.T) {
	c := start(t)
	id := c.customer("pat@example.com")
	o := c.do("POST", "/orders", fmt.Sprintf(`{"customerID": %d, "provider": "invoice", "lines": [{"sku": "TEE-S", "qty": 10}]}`, id), 201)
	c.number(c.do("GET", "/catalog/TEE-S", "", 200), "available", 30)
	path := fmt.Sprintf("/orders/%d", int(o["id"].(float64)))
	if got := c.do("POST", path+"/cancel", "", 200); got["status"] != "refunded" {
		t.Errorf("order = %v", got)
	}
	c.number(c.do("GET", "/catalog/TEE-S", "", 200), "available", 40)
	if takings := c.do("GET", "/admin/reports/takings", "", 200); len(takings) != 0 {
		t.Errorf("takings = %v", takings)
	}
}

func TestOrderErrors(t *testing.T) {
	c := start(t)
	id := c.customer("pat@example.com")
	order := func(lines, token string) string {
		return fmt.Sprintf(`{"customerID": %d, "token": %q, "lines": [%s]}`, id, token, lines)
	}
	c.do("POST", "/orders", order("", "tok"), 400)
	c.do("POST", "/orders", `{"lines": [{"sku": "MUG-01", "qty": 1}]}`, 400)
	c.do("POST", "/orders", `{"customerID": 99, "lines": [{"sku": "MUG-01", "qty": 1}]}`, 404)
	c.number(c.do("POST", "/orders", order(`{"sku": "MUG-01", "qty": 1}, {"sku": "SOFA", "qty": 1}`, "tok"), 400), "line", 2)
	c.number(c.do("POST", "/orders", order(`{"sku": "POSTER-A2", "qty": 4}`, "tok"), 400), "max", 3)
	c.do("POST", "/orders", order(`{"sku": "MUG-01", "qty": 41}`, "tok"), 409)
	c.do("POST", "/orders", order(`{"sku": "MUG-01", "qty": 1}`, "tok_declined"), 402)
	c.do("POST", "/orders", `{"bad"`, 400)
	c.do("GET", "/orders/99", "", 404)
	c.do("GET", "/orders/x", "", 400)
	c.number(c.do("GET", "/catalog/MUG-01", "", 200), "available", 40)
}

func TestCart(t *testing.T) {
	c := start(t)
	id := c.customer("pat@example.com")
	cart := "/carts/" + c.do("POST", "/carts", "", 201)["id"].(string)
	c.number(c.do("PUT", cart+"/MUG-01", `{"qty": 2}`, 200), "total", 2500)
	c.number(c.do("PUT", cart+"/STICKER-10", `{"qty": 5}`, 200), "total", 2500+2025)
	c.do("PUT", cart+"/LAMP-07", `{"qty": 3}`, 400)
	c.do("PUT", cart+"/SOFA", `{"qty": 1}`, 404)
	c.number(c.do("PUT", cart+"/MUG-01", `{"qty": 0}`, 200), "total", 2025)
	o := c.do("POST", cart+"/order", fmt.Sprintf(`{"customerID": %d, "token": "tok", "service": "express"}`, id), 201)
	c.number(o, "subtotal", 2025)
	c.number(o, "shipping", 1050)
	c.do("GET", cart, "", 404)
}

func TestCustomers(t *testing.T) {
	c := start(t)
	c.customer("pat@example.com")
	c.do("POST", "/customers", `{"email": "PAT@example.com", "name": "P", "country": "DE"}`, 409)
	c.do("POST", "/customers", `{"email": "nobody"}`, 400)
}

func TestShippingOffers(t *testing.T) {
	c := start(t)
	if n := len(c.do("GET", "/shipping?country=AT&grams=900", "", 200)["list"].([]any)); n != 2 {
		t.Errorf("%d offers", n)
	}
	c.do("GET", "/shipping?country=US&grams=900", "", 400)
	c.do("GET", "/shipping?country=DE&grams=x", "", 400)
}

func TestMailsAndEvents(t *testing.T) {
	c := start(t)
	id := c.customer("pat@example.com")
	res, err := http.Get(c.url + "/events")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	c.do("POST", "/orders", fmt.Sprintf(`{"customerID": %d, "token": "tok", "lines": [{"sku": "MUG-01", "qty": 1}]}`, id), 201)
	c.app.events.Close()
	c.app.mailer.Wait()
	stream, err := io.ReadAll(res.Body)
	if err != nil || !strings.Contains(string(stream), "event: order.placed\n") {
		t.Errorf("events = %q, %v", stream, err)
	}
	mails := c.do("GET", "/admin/outbox?to=pat@example.com", "", 200)["list"].([]any)
	if len(mails) != 1 || !strings.Contains(fmt.Sprint(mails[0]), "EUR 16.80") {
		t.Errorf("outbox = %v", mails)
	}
}

func TestConcurrentOrdersNeverOversell(t *testing.T) {
	c := start(t)
	id := c.customer("pat@example.com")
	body := fmt.Sprintf(`{"customerID": %d, "token": "tok", "lines": [{"sku": "LAMP-07", "qty": 2}]}`, id)
	var mu sync.Mutex
	statuses := make(map[int]int)
	var wg sync.WaitGroup
	for range 25 {
		wg.Go(func() {
			res, err := http.Post(c.url+"/orders", "application/json", strings.NewReader(body))
			if err != nil {
				t.Error(err)
				return
			}
			res.Body.Close()
			mu.Lock()
			defer mu.Unlock()
			statuses[res.StatusCode]++
		})
	}
	wg.Wait()
	if statuses[201] != 20 || statuses[409] != 5 {
		t.Errorf("statuses = %v, want 20 orders and 5 refused", statuses)
	}
	c.number(c.do("GET", "/catalog/LAMP-07", "", 200), "available", 0)
}

func TestHealth(t *testing.T) {
	c := start(t)
	c.number(c.do("GET", "/health", "", 200), "rules", 9)
	c.do("GET", "/metrics", "", 200)
	c.do("GET", "/nowhere", "", 404)
}

func TestNewFails(t *testing.T) {
	if _, err := New(config.Config{DB: filepath.Join(t.TempDir(), "no", "shop.db")}); err == nil {
		t.Error("no error for a folder that doesn't exist")
	}
	if _, err := New(config.Config{RulesFile: "no.json"}); err == nil {
		t.Error("no error for a price list that doesn't exist")
	}
}
