package nats

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/unweld/unweld/internal/split"
)

const (
	// maxPayload is the largest message that the server takes, the most that NATS
	// allows; a request and a reply are one each.
	maxPayload = 64 << 20
	startLimit = 20 * time.Second
	// endLimit is how long the server may take to end by itself.
	endLimit = 5 * time.Second
	// firstWait and lastWait bound the time before a server that ended is started
	// again.
	firstWait, lastWait = 50 * time.Millisecond, 5 * time.Second
)

// A server is a NATS server on the loopback interface, in a process that ends
// with this one, whatever ends this one. If it ends before, it is started again
// at the same port, so that units find it again.
type server struct {
	binary string
	dir    string // its files
	url    string // nats://127.0.0.1:PORT
	port   int    // -1 until the first start: any
	quit   chan struct{}
	kept   sync.WaitGroup
}

// startServer starts a server and returns when it takes connections.
func startServer(ctx context.Context, o split.Opening) (*server, error) {
	binary, err := serverBinary(ctx, o.Progress)
	if err != nil {
		return nil, err
	}
	s := &server{binary: binary, port: -1, quit: make(chan struct{})}
	if s.dir, err = os.MkdirTemp(o.Dir, "nats"); err != nil {
		return nil, err
	}
	p, err := s.start(ctx)
	if err != nil {
		return nil, err
	}
	s.kept.Go(func() { s.keep(p) })
	return s, nil
}

// keep starts the server again whenever it has ended, until the end is wanted.
func (s *server) keep(p *process) {
	wait := firstWait
	for {
		began := time.Now()
		select {
		case <-s.quit:
			p.end()
			return
		case <-p.done:
		}
		if time.Since(began) > lastWait {
			wait = firstWait
		}
		for p = nil; p == nil; {
			select {
			case <-s.quit:
				return
			case <-time.After(wait):
			}
			wait = min(2*wait, lastWait)
			p, _ = s.start(context.Background()) // units say what they can't reach
		}
	}
}

// end ends the server and removes its files.
func (s *server) end() {
	close(s.quit)
	s.kept.Wait()
	_ = os.RemoveAll(s.dir) // as the folder around it will be
}

// start starts a process of the server and waits until it takes connections.
func (s *server) start(ctx context.Context) (*process, error) {
	ports := filepath.Join(s.dir, "ports")
	_ = os.RemoveAll(ports)
	if err := os.Mkdir(ports, 0o700); err != nil {
		return nil, err
	}
	config, err := json.Marshal(map[string]any{ // the server's own format takes JSON
		"server_name": "unweld", "host": "127.0.0.1", "port": s.port, "max_payload": maxPayload, "ports_file_dir": ports,
	})
	if err != nil {
		return nil, err
	}
	file := filepath.Join(s.dir, "server.conf")
	if err := os.WriteFile(file, config, 0o600); err != nil {
		return nil, err
	}
	p, err := launch(filepath.Join(s.dir, "log"), s.binary, "-c", file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.binary, err)
	}
	if err := s.await(ctx, p, ports); err != nil {
		p.end()
		return nil, err
	}
	return p, nil
}

// await waits for the file in which the server says where it listens.
func (s *server) await(ctx context.Context, p *process, ports string) error {
	late := time.After(startLimit)
	for {
		var at struct{ NATS []string }
		if files, _ := filepath.Glob(filepath.Join(ports, "*.ports")); len(files) == 1 {
			if content, err := os.ReadFile(files[0]); err == nil && json.Unmarshal(content, &at) == nil && len(at.NATS) > 0 {
				if s.port < 0 { // from now on it stays
					s.url = at.NATS[0]
					_, err = fmt.Sscanf(s.url, "nats://127.0.0.1:%d", &s.port)
				}
				return err
			}
		}
		select {
		case <-p.done:
			return fmt.Errorf("%s ended (%w) before it took connections%s", s.binary, p.exit, p.last())
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-late:
			return fmt.Errorf("%s isn't ready after %v%s", s.binary, startLimit, p.last())
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// A process is one of the server.
type process struct {
	cmd        *exec.Cmd
	parentPipe io.Closer // it ends when this is closed, as it is with this process
	log        string
	done       chan struct{}
	exit       error // after done
}

// launch starts the program under what ends it together with this process.
func launch(log, binary string, args ...string) (*process, error) {
	out, err := os.Create(log)
	if err != nil {
		return nil, err
	}
	defer out.Close()
	p := &process{cmd: tiedToStdin(binary, args), log: log, done: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr = out, out
	if p.parentPipe, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		if p.exit = p.cmd.Wait(); p.exit == nil {
			p.exit = errors.New("exit status 0")
		}
		close(p.done)
	}()
	return p, nil
}

// end ends the process, and kills it when it doesn't end in time.
func (p *process) end() {
	_ = p.parentPipe.Close()
	stop(p.cmd)
	select {
	case <-p.done:
	case <-time.After(endLimit):
		kill(p.cmd)
		<-p.done
	}
}

// last is the last line that the process has written.
func (p *process) last() string {
	content, _ := os.ReadFile(p.log)
	lines := strings.Split(strings.TrimSpace(string(content)), "\n")
	if line := lines[len(lines)-1]; line != "" {
		return ": " + line
	}
	return ""
}
