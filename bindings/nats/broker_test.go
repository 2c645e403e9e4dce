package nats

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/split"
)

// child makes the test binary a process that starts a server and waits.
const child = "NATS_BROKER_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(child) != "" {
		b := &broker{opening: split.Opening{Dir: os.Getenv(child)}}
		address, err := b.Allocate(context.Background(), split.Placement{})
		fmt.Println(address, err)
		select {}
	}
	dir, err := os.MkdirTemp("", "nats")
	if err == nil {
		var out []byte
		if out, err = exec.Command("go", "build", "-o", filepath.Join(dir, tool.Name+executable), serverModule).CombinedOutput(); err != nil {
			err = fmt.Errorf("%w\n%s", err, out)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Setenv("PATH", dir+string(filepath.ListSeparator)+os.Getenv("PATH"))
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

var orders = split.Placement{Component: "orders", Unit: "orders"}

// begun is a broker with a server, and its first address.
func begun(t *testing.T) (*broker, string) {
	t.Helper()
	b := &broker{opening: split.Opening{Dir: t.TempDir()}}
	address, err := b.Allocate(t.Context(), orders)
	if err != nil {
		t.Fatal(err)
	}
	return b, address
}

// TestBroker starts a server for the first address, and says what is served there.
func TestBroker(t *testing.T) {
	b, first := begun(t)
	p := orders
	second, err := b.Allocate(t.Context(), p)
	if err != nil || first == second {
		t.Fatalf("got %s twice: %v", second, err)
	}
	if err := b.Check(p, first); err != nil {
		t.Errorf("nobody serves there: %v", err)
	}
	nc, err := nats.Connect(b.server.url)
	if err != nil {
		t.Fatal(err)
	}
	if nc.MaxPayload() != maxPayload {
		t.Errorf("the server takes messages of %d bytes", nc.MaxPayload())
	}
	if _, err := nc.Subscribe("unweld.1.orders.-hello", func(m *nats.Msg) { _ = m.Respond(nil) }); err != nil {
		t.Fatal(err)
	}
	if err := nc.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := b.Check(p, first); err == nil || !strings.Contains(err.Error(), "another program") {
		t.Errorf("somebody serves there: %v", err)
	}
	if err := b.Check(p, second); err != nil {
		t.Errorf("nobody serves at the second: %v", err)
	}
	nc.Close()
	if err := b.Close(); err != nil {
		t.Error(err)
	}
	if err := b.Check(p, first); err == nil || !strings.Contains(err.Error(), "no NATS server answers") {
		t.Errorf("the server has ended: %v", err)
	}
	if left, _ := os.ReadDir(b.opening.Dir); len(left) > 0 {
		t.Errorf("%v are left of it", left)
	}
}

// TestStartsAgain kills the server: it is started again at the same place.
func TestStartsAgain(t *testing.T) {
	b, address := begun(t)
	defer b.Close()
	for range 2 {
		var id string
		nc, err := nats.Connect(b.server.url, nats.MaxReconnects(-1), nats.ReconnectWait(10*time.Millisecond))
		if err != nil {
			t.Fatal(err)
		}
		id = nc.ConnectedServerId()
		files, err := filepath.Glob(filepath.Join(b.server.dir, "ports", "*.ports"))
		if err != nil || len(files) != 1 {
			t.Fatal(files, err)
		}
		pid := regexp.MustCompile(`_(\d+)\.ports$`).FindStringSubmatch(files[0])[1]
		if out, err := exec.Command("kill", "-9", pid).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		for nc.ConnectedServerId() == id || !nc.IsConnected() {
			time.Sleep(5 * time.Millisecond)
		}
		nc.Close()
		if err := b.Check(orders, address); err != nil {
			t.Error(err)
		}
	}
}

// TestEndsWithParent kills the process that has started a server.
func TestEndsWithParent(t *testing.T) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), child+"="+t.TempDir())
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	host := regexp.MustCompile(`127\.0\.0\.1:\d+`).FindString(line)
	if err != nil || host == "" {
		t.Fatal(line, err)
	}
	dials := func() bool {
		c, err := net.Dial("tcp", host)
		if err == nil {
			c.Close()
		}
		return err == nil
	}
	if !dials() {
		t.Errorf("nobody listens at %s", host)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	for dials() {
		time.Sleep(5 * time.Millisecond)
	}
}

// TestNoServer: what is missing is named, with what to do.
func TestNoServer(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("GOMODCACHE", t.TempDir())
	t.Setenv("GOPROXY", "off")
	goTool, err := exec.LookPath("go")
	if err != nil {
		t.Fatal(err)
	}
	for name, path := range map[string]string{"no go": t.TempDir(), "no module": filepath.Dir(goTool)} {
		t.Setenv("PATH", path)
		var said []string
		_, err := (&broker{opening: split.Opening{Dir: t.TempDir(), Progress: func(s string) { said = append(said, s) }}}).Allocate(t.Context(), orders)
		usage, ok := errors.AsType[*component.UsageError](err)
		if !ok || !strings.Contains(usage.Reason, "isn't on PATH and can't be built: ") || usage.Hint == "" || len(said) != 1 {
			t.Errorf("%s: %v, after %q", name, err, said)
		}
	}
}

// TestBroken: a server that ends at once is an error with what it said.
func TestBroken(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, tool.Name), []byte("#!/bin/sh\necho no such luck >&2\nexit 3\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	_, err := (&broker{opening: split.Opening{Dir: t.TempDir()}}).Allocate(t.Context(), orders)
	if err == nil || !strings.Contains(err.Error(), "exit status 3") || !strings.Contains(err.Error(), "no such luck") {
		t.Error(err)
	}
}

// TestBuild builds the server where there is none, once.
func TestBuild(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a program")
	}
	cache := t.TempDir()
	goCache, err := exec.Command("go", "env", "GOCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	goTool, err := exec.LookPath("go")
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("GOCACHE", strings.TrimSpace(string(goCache)))
	t.Setenv("XDG_CACHE_HOME", cache)
	t.Setenv("PATH", filepath.Dir(goTool))
	t.Setenv("GOFLAGS", "-mod=vendor") // of the module that unweld is called in
	for want := 1; want >= 0; want-- {
		said := 0
		path, err := serverBinary(t.Context(), func(string) { said++ })
		if err != nil || said != want {
			t.Fatalf("%v, after %d messages", err, said)
		}
		if out, err := exec.Command(path, "--version").CombinedOutput(); err != nil || !strings.Contains(string(out), serverVersion) {
			t.Errorf("%v: %s", err, out)
		}
	}
	if left, _ := os.ReadDir(filepath.Join(cache, "unweld", "tools")); len(left) != 1 {
		t.Errorf("beside it there are %v", left)
	}
}

// TestVersion: the tests of the run-time run on the release that is built.
func TestVersion(t *testing.T) {
	mod, err := os.ReadFile("../../go.mod")
	if err != nil || !strings.Contains(string(mod), serverModule+" "+serverVersion+"\n") {
		t.Errorf("go.mod (%v) has another release than %s", err, serverVersion)
	}
}
