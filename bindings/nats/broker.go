package nats

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/unweld/unweld/internal/split"
)

const checkLimit = 2 * time.Second

// A broker finds subjects for one running split, at a server that it starts
// for the first of them, on the loopback interface.
type broker struct {
	opening  split.Opening
	server   *server // nil: none yet
	subjects int
}

// Allocate names a subject that nobody uses.
func (b *broker) Allocate(ctx context.Context, _ split.Placement) (string, error) {
	if b.server == nil {
		s, err := startServer(ctx, b.opening)
		if err != nil {
			return "", err
		}
		b.server = s
	}
	b.subjects++
	return fmt.Sprintf("%s/unweld.%d", b.server.url, b.subjects), nil
}

// Check reports a server that can't be reached, and a component that is served
// at the address already: units may share a component over NATS, but not those
// of two runs.
func (b *broker) Check(p split.Placement, address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return err
	}
	host := u.Host
	if u.Port() == "" {
		host = net.JoinHostPort(u.Hostname(), "4222")
	}
	conn, err := net.DialTimeout("tcp", host, checkLimit)
	if err != nil {
		return fmt.Errorf("no NATS server answers at %s: %w", host, err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(checkLimit)); err != nil {
		return err
	}
	subject := strings.ReplaceAll(strings.Trim(u.Path, "/"), "/", ".") + "." + p.Component + ".-hello"
	return ask(conn, host, subject)
}

// ask sends a request to a subject, in the protocol's own text: the client
// library would be linked into unweld for this alone. A server that wants TLS or
// credentials, which are the units' own, is left to them.
func ask(conn net.Conn, host, subject string) error {
	r := bufio.NewReader(conn)
	info, err := r.ReadString('\n')
	if err != nil || !strings.HasPrefix(info, "INFO ") {
		return fmt.Errorf("the server at %s isn't a NATS server", host)
	}
	if strings.Contains(info, `"tls_required":true`) || strings.Contains(info, `"auth_required":true`) {
		return nil
	}
	inbox := "_INBOX.unweld." + rand.Text()
	fmt.Fprintf(conn, "CONNECT {\"verbose\":false,\"headers\":true,\"no_responders\":true}\r\nSUB %s 1\r\nPUB %s %s 0\r\n\r\n", inbox, subject, inbox)
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return fmt.Errorf("the NATS server at %s doesn't answer: %w", host, err)
		}
		switch word, _, _ := strings.Cut(line, " "); word {
		case "HMSG": // headers: a reply of the server, that there are no responders, or of a service
			status, err := r.ReadString('\n')
			if err == nil && strings.HasPrefix(status, "NATS/1.0 503") {
				return nil
			}
			return errors.New("another program serves it there")
		case "MSG":
			return errors.New("another program serves it there")
		case "-ERR":
			return nil
		}
	}
}

// Close ends the server.
func (b *broker) Close() error {
	if b.server != nil {
		b.server.end()
	}
	return nil
}
