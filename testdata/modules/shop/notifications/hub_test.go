package notifications

import "testing"

func TestHub(t *testing.T) {
	h := NewHub()
	a, b := h.Subscribe(), h.Subscribe()
	var hooked []int64
	h.OnEvent(func(e Event) { hooked = append(hooked, e.OrderID) })
	h.Publish(Event{Kind: OrderPlaced, OrderID: 1})
	h.Unsubscribe(b)
	h.Publish(Event{Kind: OrderShipped, OrderID: 2})
	h.Close()
	h.Publish(Event{Kind: OrderShipped, OrderID: 3})
	count := func(ch <-chan Event) (n int) {
		for range ch {
			n++
		}
		return n
	}
	if x, y := count(a), count(b); x != 2 || y != 1 || len(hooked) != 2 {
		t.Errorf("a saw %d, b saw %d, hook saw %v", x, y, hooked)
	}
	if n := count(h.Subscribe()); n != 0 {
		t.Errorf("subscribed to a closed hub: %d events", n)
	}
}

func TestSlowSubscriberDoesNotBlock(t *testing.T) {
	h := NewHub()
	ch := h.Subscribe()
	for i := range 2 * backlog {
		h.Publish(Event{Kind: OrderPlaced, OrderID: int64(i)})
	}
	h.Close()
	n := 0
	for range ch {
		n++
	}
	if n != backlog {
		t.Errorf("%d events, want %d", n, backlog)
	}
}
