package web

import (
	"context"
	"net/http"

	"example.com/shop/catalog"
	"example.com/shop/pricing"
	"example.com/shop/reports"
)

func (s *Server) listRules(w http.ResponseWriter, r *http.Request) {
	writeJSON(w, http.StatusOK, s.Prices.Rules())
}

func (s *Server) setRule(w http.ResponseWriter, r *http.Request) {
	var rule pricing.Rule
	if err := readJSON(w, r, &rule); err != nil {
		s.fail(w, r, err)
		return
	}
	rule.SKU = r.PathValue("sku")
	if err := rule.Validate(); err != nil {
		s.fail(w, r, err)
		return
	}
	s.Prices.SetRule(rule)
	w.WriteHeader(http.StatusNoContent)
}

func (s *Server) removeRule(w http.ResponseWriter, r *http.Request) {
	if !s.Prices.RemoveRule(r.PathValue("sku")) {
		s.fail(w, r, pricing.ErrUnknownSKU)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (s *Server) listPromotions(w http.ResponseWriter, r *http.Request) {
	ps := s.Prices.Promotions()
	writeJSON(w, http.StatusOK, ps)
}

func (s *Server) addPromotion(w http.ResponseWriter, r *http.Request) {
	var p pricing.Promotion
	if err := readJSON(w, r, &p); err != nil {
		s.fail(w, r, err)
		return
	}
	if err := s.Prices.AddPromotion(p); err != nil {
		s.fail(w, r, err)
		return
	}
	writeJSON(w, http.StatusCreated, p)
}

func (s *Server) endPromotion(w http.ResponseWriter, r *http.Request) {
	s.Prices.EndPromotion(r.PathValue("code"))
	w.WriteHeader(http.StatusNoContent)
}

func (s *Server) addProduct(w http.ResponseWriter, r *http.Request) {
	var p catalog.Product
	if err := readJSON(w, r, &p); err != nil {
		s.fail(w, r, err)
		return
	}
	if err := s.Catalog.Add(r.Context(), p); err != nil {
		s.fail(w, r, err)
		return
	}
	writeJSON(w, http.StatusCreated, p)
}

func (s *Server) retireProduct(w http.ResponseWriter, r *http.Request) {
	if err := s.Catalog.Retire(r.Context(), r.PathValue("sku")); err != nil {
		s.fail(w, r, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (s *Server) receiveStock(w http.ResponseWriter, r *http.Request) {
	var in struct{ Qty int }
	if err := readJSON(w, r, &in); err != nil {
		s.fail(w, r, err)
		return
	}
	sku := r.PathValue("sku")
	if _, err := s.Catalog.Product(sku); err != nil {
		s.fail(w, r, err)
		return
	}
	if err := s.Stock.Receive(r.Context(), sku, in.Qty); err != nil {
		s.fail(w, r, err)
		return
	}
	level, err := s.Stock.Level(r.Context(), sku)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, level)
}

func (s *Server) lowStock(w http.ResponseWriter, r *http.Request) {
	low, err := s.Stock.Low(r.Context())
	if err != nil {
		s.fail(w, r, err)
		return
	}
	soldOut, err := s.Catalog.SoldOut(r.Context())
	if err != nil {
		s.fail(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, map[string]any{"low": low, "soldOut": soldOut, "unpriced": s.Catalog.Unpriced()})
}

func (s *Server) outbox(w http.ResponseWriter, r *http.Request) {
	mails, err := s.Mailer.Outbox(r.Context(), r.FormValue("to"))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, mails)
}

func (s *Server) sales(w http.ResponseWriter, r *http.Request) {
	sales, err := reports.BestSellers(r.Context(), s.DB, 10)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, sales)
}

func (s *Server) takings(w http.ResponseWriter, r *http.Request) {
	takings, err := reports.Takings(r.Context(), s.DB)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, takings)
}

func (s *Server) shipOrder(w http.ResponseWriter, r *http.Request) {
	s.orderAction(w, r, s.Orders.Ship)
}

func (s *Server) cancelOrder(w http.ResponseWriter, r *http.Request) {
	s.orderAction(w, r, s.Orders.Cancel)
}

// orderAction does something with the order that the path names and answers
// with the order.
func (s *Server) orderAction(w http.ResponseWriter, r *http.Request, do func(context.Context, int64) error) {
	id, err := pathID(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	if err := do(r.Context(), id); err != nil {
		s.fail(w, r, err)
		return
	}
	s.getOrder(w, r)
}
