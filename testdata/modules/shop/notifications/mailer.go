package notifications

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"strings"
	"text/template"
	"time"
)

// Mail is a message that waits in the outbox.
type Mail struct {
	To      string `json:"to"`
	Subject string `json:"subject"`
	Body    string `json:"body"`
}

var bodies = template.Must(template.New("mail").Parse(`
{{define "order.placed"}}Thank you for your order {{.OrderID}} of EUR {{.Total}}.{{end}}
{{define "order.shipped"}}Your order {{.OrderID}} is on its way.{{end}}
{{define "order.cancelled"}}Your order {{.OrderID}} was cancelled.{{end}}`))

var subjects = map[string]string{
	OrderPlaced:    "We have your order",
	OrderShipped:   "Your order was sent",
	OrderCancelled: "Your order was cancelled",
}

// Mailer writes a mail to the outbox for each event that a customer should
// hear of.
type Mailer struct {
	db     *sql.DB
	now    func() time.Time
	logger *slog.Logger
	done   chan struct{}
}

// StartMailer starts a mailer that runs until hub is closed.
func StartMailer(d *sql.DB, hub *Hub, now func() time.Time, logger *slog.Logger) *Mailer {
	m := &Mailer{db: d, now: now, logger: logger, done: make(chan struct{})}
	events := hub.Subscribe()
	go func() {
		defer close(m.done)
		for e := range events {
			if err := m.send(context.Background(), e); err != nil {
				m.logger.Error("mail lost", "event", e.Kind, "order", e.OrderID, "error", err)
			}
		}
	}()
	return m
}

// Wait returns when the mailer has handled all events of a closed hub.
func (m *Mailer) Wait() { <-m.done }

// Outbox returns the mails to one address, oldest first.
func (m *Mailer) Outbox(ctx context.Context, to string) ([]Mail, error) {
	rows, err := m.db.QueryContext(ctx, "SELECT recipient, subject, body FROM outbox WHERE recipient = ? ORDER BY id", to)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var mails []Mail
	for rows.Next() {
		var mail Mail
		if err := rows.Scan(&mail.To, &mail.Subject, &mail.Body); err != nil {
			return nil, err
		}
		mails = append(mails, mail)
	}
	return mails, rows.Err()
}

func (m *Mailer) send(ctx context.Context, e Event) error {
	subject, ok := subjects[e.Kind]
	if !ok || e.Email == "" {
		return nil
	}
	var body strings.Builder
	if err := bodies.ExecuteTemplate(&body, e.Kind, e); err != nil {
		return fmt.Errorf("notifications: %w", err)
	}
	_, err := m.db.ExecContext(ctx, "INSERT INTO outbox (recipient, subject, body, created_at) VALUES (?, ?, ?, ?)",
		e.Email, subject, body.String(), m.now().Unix())
	return err
}
