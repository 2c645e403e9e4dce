package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"example.com/shop/catalog"
	"example.com/shop/config"
	"example.com/shop/metrics"
	"example.com/shop/orders"
	"example.com/shop/pricing"
	"example.com/shop/shipping"
)

func (s *Server) health(w http.ResponseWriter, r *http.Request) {
	if err := s.DB.PingContext(r.Context()); err != nil {
		s.fail(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, map[string]any{"ok": true, "rules": len(s.Prices.Rules())})
}

func (s *Server) metrics(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if _, err := metrics.Default().WriteTo(w); err != nil {
		s.Logger.Warn("writing metrics", "error", err)
	}
}

func (s *Server) quote(w http.ResponseWriter, r *http.Request) {
	qty := 1
	if v := r.FormValue("qty"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil {
			s.fail(w, r, fmt.Errorf("%w: qty %q", errBadRequest, v))
			return
		}
		qty = n
	}
	q, err := s.Prices.Quote(r.FormValue("sku"), qty)
	if errors.Is(err, pricing.ErrUnknownSKU) {
		http.NotFound(w, r)
		return
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, q)
}

func (s *Server) listCatalog(w http.ResponseWriter, r *http.Request) {
	f := catalog.Filter{
		Category:    r.FormValue("category"),
		Query:       r.FormValue("q"),
		OnlyInStock: r.FormValue("stock") == "1",
		ByPrice:     r.FormValue("sort") == "price",
	}
	if f.Query != "" && !config.Features["search"] {
		s.fail(w, r, fmt.Errorf("%w: search is switched off", errBadRequest))
		return
	}
	items, err := s.Catalog.List(r.Context(), f)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, items)
}

func (s *Server) getItem(w http.ResponseWriter, r *http.Request) {
	it, err := s.Catalog.Item(r.Context(), r.PathValue("sku"))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, it)
}

func (s *Server) categories(w http.ResponseWriter, r *http.Request) {
	counts := make(map[string]int)
	for name, skus := range s.Catalog.Categories() {
		counts[name] = len(skus)
	}
	writeJSON(w, http.StatusOK, counts)
}

func (s *Server) register(w http.ResponseWriter, r *http.Request) {
	var in struct{ Email, Name, Country string }
	if err := readJSON(w, r, &in); err != nil {
		s.fail(w, r, err)
		return
	}
	c, err := s.Customers.Register(r.Context(), in.Email, in.Name, in.Country)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	writeJSON(w, http.StatusCreated, c)
}

func (s *Server) customerOrders(w http.ResponseWriter, r *http.Request) {
	id, err := pathID(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	all, err := s.Orders.ByCustomer(r.Context(), id)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, all)
}

func (s *Server) createCart(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusCreated, map[string]string{"id": s.Carts.Create()})
}

func (s *Server) viewCart(w http.ResponseWriter, r *http.Request) {
	v, err := s.Carts.View(r.PathValue("id"))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, v)
}

func (s *Server) setCartLine(w http.ResponseWriter, r *http.Request) {
	var in struct{ Qty int }
	if err := readJSON(w, r, &in); err != nil {
		s.fail(w, r, err)
		return
	}
	if err := s.Carts.Set(r.PathValue("id"), r.PathValue("sku"), in.Qty); err != nil {
		s.fail(w, r, err)
		return
	}
	s.viewCart(w, r)
}

// orderCart places an order for what is in a cart, and drops the cart.
func (s *Server) orderCart(w http.ResponseWriter, r *http.Request) {
	var req orders.Request
	if err := readJSON(w, r, &req); err != nil {
		s.fail(w, r, err)
		return
	}
	lines, err := s.Carts.Lines(r.PathValue("id"))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	req.Lines = nil
	for _, l := range lines {
		req.Lines = append(req.Lines, orders.RequestLine{SKU: l.SKU, Qty: l.Qty})
	}
	o, err := s.Orders.Place(r.Context(), req)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.Carts.Drop(r.PathValue("id"))
	writeJSON(w, http.StatusCreated, o)
}

func (s *Server) placeOrder(w http.ResponseWriter, r *http.Request) {
	var req orders.Request
	if err := readJSON(w, r, &req); err != nil {
		s.fail(w, r, err)
		return
	}
	o, err := s.Orders.Place(r.Context(), req)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	writeJSON(w, http.StatusCreated, o)
}

func (s *Server) getOrder(w http.ResponseWriter, r *http.Request) {
	id, err := pathID(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	o, err := s.Orders.Get(r.Context(), id)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, o)
}

func (s *Server) shippingOffers(w http.ResponseWriter, r *http.Request) {
	grams, err := strconv.Atoi(r.FormValue("grams"))
	if err != nil {
		s.fail(w, r, fmt.Errorf("%w: grams %q", errBadRequest, r.FormValue("grams")))
		return
	}
	offers, err := shipping.Offers(shipping.Parcel{Country: r.FormValue("country"), Grams: grams})
	if err != nil {
		s.fail(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, offers)
}

// events streams what happens to orders, as server-sent events, until the
// client goes away or the shop closes.
func (s *Server) events(w http.ResponseWriter, r *http.Request) {
	ch := s.Events.Subscribe()
	defer s.Events.Unsubscribe(ch)
	w.Header().Set("Content-Type", "text/event-stream")
	rc := http.NewResponseController(w)
	w.WriteHeader(http.StatusOK)
	for {
		if err := rc.Flush(); err != nil {
			return
		}
		select {
		case <-r.Context().Done():
			return
		case e, ok := <-ch:
			if !ok {
				return
			}
			data, err := json.Marshal(e)
			if err != nil {
				return
			}
			fmt.Fprintf(w, "event: %s\ndata: %s\n\n", e.Kind, data)
		}
	}
}
