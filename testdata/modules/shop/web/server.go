// Package web is the shop's HTTP interface: JSON in, JSON out.
package web

import (
	"database/sql"
	"log/slog"
	"net/http"
	"time"

	"example.com/shop/carts"
	"example.com/shop/catalog"
	"example.com/shop/customers"
	"example.com/shop/inventory"
	"example.com/shop/metrics"
	"example.com/shop/notifications"
	"example.com/shop/orders"
	"example.com/shop/pricing"
)

// Deps are the parts of the shop that requests are answered with.
type Deps struct {
	DB        *sql.DB
	Prices    *pricing.Engine
	Catalog   *catalog.Service
	Stock     *inventory.Store
	Carts     *carts.Carts
	Customers *customers.Store
	Orders    *orders.Service
	Events    *notifications.Hub
	Mailer    *notifications.Mailer
	Logger    *slog.Logger
}

// Server answers requests.
type Server struct {
	Deps
	mux *http.ServeMux
}

// New returns a server made of d.
func New(d Deps) *Server {
	s := &Server{Deps: d, mux: http.NewServeMux()}
	s.routes()
	return s
}

func (s *Server) routes() {
	s.mux.HandleFunc("GET /health", s.health)
	s.mux.HandleFunc("GET /metrics", s.metrics)
	s.mux.HandleFunc("GET /quote", s.quote)
	s.mux.HandleFunc("GET /catalog", s.listCatalog)
	s.mux.HandleFunc("GET /catalog/{sku}", s.getItem)
	s.mux.HandleFunc("GET /categories", s.categories)
	s.mux.HandleFunc("POST /customers", s.register)
	s.mux.HandleFunc("GET /customers/{id}/orders", s.customerOrders)
	s.mux.HandleFunc("POST /carts", s.createCart)
	s.mux.HandleFunc("GET /carts/{id}", s.viewCart)
	s.mux.HandleFunc("PUT /carts/{id}/{sku}", s.setCartLine)
	s.mux.HandleFunc("POST /carts/{id}/order", s.orderCart)
	s.mux.HandleFunc("POST /orders", s.placeOrder)
	s.mux.HandleFunc("GET /orders/{id}", s.getOrder)
	s.mux.HandleFunc("POST /orders/{id}/ship", s.shipOrder)
	s.mux.HandleFunc("POST /orders/{id}/cancel", s.cancelOrder)
	s.mux.HandleFunc("GET /shipping", s.shippingOffers)
	s.mux.HandleFunc("GET /events", s.events)
	s.mux.HandleFunc("GET /admin/rules", s.listRules)
	s.mux.HandleFunc("PUT /admin/rules/{sku}", s.setRule)
	s.mux.HandleFunc("DELETE /admin/rules/{sku}", s.removeRule)
	s.mux.HandleFunc("GET /admin/promotions", s.listPromotions)
	s.mux.HandleFunc("POST /admin/promotions", s.addPromotion)
	s.mux.HandleFunc("DELETE /admin/promotions/{code}", s.endPromotion)
	s.mux.HandleFunc("POST /admin/products", s.addProduct)
	s.mux.HandleFunc("DELETE /admin/products/{sku}", s.retireProduct)
	s.mux.HandleFunc("POST /admin/stock/{sku}", s.receiveStock)
	s.mux.HandleFunc("GET /admin/stock/low", s.lowStock)
	s.mux.HandleFunc("GET /admin/outbox", s.outbox)
	s.mux.HandleFunc("GET /admin/reports/sales", s.sales)
	s.mux.HandleFunc("GET /admin/reports/takings", s.takings)
}

// ServeHTTP answers one request, logs it, and turns a panic of a handler into
// a 500.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start := time.Now()
	rec := &recorder{ResponseWriter: w, status: http.StatusOK}
	defer func() {
		if p := recover(); p != nil {
			if p == http.ErrAbortHandler {
				panic(p)
			}
			s.Logger.Error("panic", "path", r.URL.Path, "value", p)
			if !rec.wrote {
				http.Error(rec, "internal error", http.StatusInternalServerError)
			}
		}
		metrics.Inc("requests_total")
		s.Logger.Debug("request", "method", r.Method, "path", r.URL.Path, "status", rec.status, "took", time.Since(start))
	}()
	s.mux.ServeHTTP(rec, r)
}

// recorder remembers what was answered.
type recorder struct {
	http.ResponseWriter
	status int
	wrote  bool
}

func (r *recorder) WriteHeader(status int) {
	r.status, r.wrote = status, true
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(b []byte) (int, error) {
	r.wrote = true
	return r.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
