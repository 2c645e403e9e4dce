// Package notifications tells the rest of the shop, and the customers, what
// happened to orders.
package notifications

import (
	"sync"

	"example.com/shop/metrics"
	"example.com/shop/money"
)

// Kinds of events.
const (
	OrderPlaced    = "order.placed"
	OrderShipped   = "order.shipped"
	OrderCancelled = "order.cancelled"
)

// An Event is something that happened to an order.
type Event struct {
	Kind    string      `json:"kind"`
	OrderID int64       `json:"orderID"`
	Email   string      `json:"email,omitempty"`
	Total   money.Cents `json:"total"`
}

// backlog is how many events a subscriber may lag behind.
const backlog = 64

// Hub passes events to subscribers.
type Hub struct {
	mu     sync.Mutex
	subs   map[<-chan Event]chan Event
	hooks  []func(Event)
	closed bool
}

// NewHub returns a hub without subscribers.
func NewHub() *Hub { return &Hub{subs: make(map[<-chan Event]chan Event)} }

// Subscribe returns a channel on which all later events arrive. It is closed
// by Unsubscribe and by Close. A subscriber that lags too far behind misses
// events.
func (h *Hub) Subscribe() <-chan Event {
	h.mu.Lock()
	defer h.mu.Unlock()
	ch := make(chan Event, backlog)
	if h.closed {
		close(ch)
		return ch
	}
	h.subs[ch] = ch
	return ch
}

// Unsubscribe ends a subscription.
func (h *Hub) Unsubscribe(ch <-chan Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if c, ok := h.subs[ch]; ok {
		delete(h.subs, ch)
		close(c)
	}
}

// OnEvent calls f for each later event, before Publish returns.
func (h *Hub) OnEvent(f func(Event)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.hooks = append(h.hooks, f)
}

// Publish passes e on. It never blocks on a subscriber.
func (h *Hub) Publish(e Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return
	}
	metrics.Inc("events_total")
	for _, f := range h.hooks {
		f(e)
	}
	for _, ch := range h.subs {
		select {
		case ch <- e:
		default:
			metrics.Inc("events_dropped_total")
		}
	}
}

// Close ends all subscriptions.
func (h *Hub) Close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for key, ch := range h.subs {
		delete(h.subs, key)
		close(ch)
	}
}
