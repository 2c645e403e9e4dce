package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"example.com/shop/carts"
	"example.com/shop/catalog"
	"example.com/shop/customers"
	"example.com/shop/inventory"
	"example.com/shop/orders"
	"example.com/shop/payments"
	"example.com/shop/pricing"
	"example.com/shop/shipping"
)

// maxBody is the longest request that is read, in bytes.
const maxBody = 1 << 20

var errBadRequest = errors.New("bad request")

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v) // the client is gone; there is nobody to tell
}

func readJSON(w http.ResponseWriter, r *http.Request, v any) error {
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return fmt.Errorf("%w: %v", errBadRequest, err)
	}
	return nil
}

func pathID(r *http.Request) (int64, error) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%w: id %q", errBadRequest, r.PathValue("id"))
	}
	return id, nil
}

// fail answers with the status that fits err.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	status := statusOf(err)
	if status == http.StatusInternalServerError {
		s.Logger.Error("request failed", "path", r.URL.Path, "error", err)
	}
	body := map[string]any{"error": err.Error()}
	var limit *pricing.LimitError
	if errors.As(err, &limit) {
		body["max"] = limit.Max
	}
	var line *orders.LineError
	if errors.As(err, &line) {
		body["line"] = line.Line
	}
	writeJSON(w, status, body)
}

func statusOf(err error) int {
	var (
		limit    *pricing.LimitError
		shortage *inventory.ShortageError
		declined *payments.DeclinedError
		state    *orders.StatusError
		exists   *customers.ExistsError
		field    *catalog.FieldError
		line     *orders.LineError
	)
	switch {
	case errors.As(err, &declined):
		return http.StatusPaymentRequired
	case errors.As(err, &shortage), errors.As(err, &state), errors.As(err, &exists),
		errors.Is(err, catalog.ErrExists), errors.Is(err, carts.ErrFull):
		return http.StatusConflict
	case errors.As(err, &limit), errors.As(err, &field), errors.As(err, &line), isBad(err):
		return http.StatusBadRequest
	case errors.Is(err, pricing.ErrUnknownSKU), errors.Is(err, catalog.ErrNotFound), errors.Is(err, carts.ErrNotFound),
		errors.Is(err, customers.ErrNotFound), errors.Is(err, orders.ErrNotFound), errors.Is(err, inventory.ErrNotStocked):
		return http.StatusNotFound
	}
	return http.StatusInternalServerError
}

// isBad reports whether err is about what the client sent.
func isBad(err error) bool {
	for _, target := range []error{
		errBadRequest, pricing.ErrBadQuantity, pricing.ErrBadRule, pricing.ErrBadPromotion, customers.ErrBadEmail,
		orders.ErrEmpty, orders.ErrTooManyLines, orders.ErrNoCustomer, payments.ErrUnknownProvider,
		shipping.ErrNoService, shipping.ErrTooHeavy,
	} {
		if errors.Is(err, target) {
			return true
		}
	}
	return false
}
