//go:build unix

// Package pgtest starts a PostgreSQL server for tests: the one that is installed,
// with data of its own, on a socket in a folder of its own.
package pgtest

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"

	"github.com/jackc/pgx/v5"
)

// A Server is a running server.
type Server struct{ dir, bin string }

// Start starts a server, or says why there is none. Later calls return the same
// one.
var Start = sync.OnceValues(func() (*Server, error) {
	bin, err := programs()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("/tmp", "unweld-pg-") // short: a socket lies in it
	if err != nil {
		return nil, err
	}
	s := &Server{dir, bin}
	if err := s.give(dir); err != nil {
		return nil, err
	}
	if err := s.run("initdb", "-D", s.data(), "-U", "unweld", "--auth=trust", "-E", "UTF8", "--no-sync"); err != nil {
		return nil, err
	}
	return s, s.Up()
})

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

// Up starts a server that was stopped.
func (s *Server) Up() error {
	return s.run("pg_ctl", "-D", s.data(), "-w", "-t", "60", "-l", filepath.Join(s.dir, "log"),
		"-o", fmt.Sprintf("-k %s -c listen_addresses='' -c max_connections=50", s.dir), "start")
}

// Stop stops the server in one of pg_ctl's modes: fast, or immediate, a crash.
func (s *Server) Stop(mode string) error {
	return s.run("pg_ctl", "-D", s.data(), "-w", "-t", "60", "-m", mode, "stop")
}

// End stops the server and removes its data.
func (s *Server) End() error { return errors.Join(s.Stop("fast"), os.RemoveAll(s.dir)) }

// programs finds the programs of the server: Debian keeps them by version.
func programs() (string, error) {
	if path, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(path), nil
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(found) == 0 {
		return "", fmt.Errorf("no PostgreSQL server is installed: apt-get install postgresql")
	}
	return filepath.Dir(found[len(found)-1]), nil
}

// nobody is the account that the server runs under where these tests run as
// root, which PostgreSQL refuses.
func nobody() (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		if u, err := user.Lookup(name); err == nil {
			uid, _ := strconv.Atoi(u.Uid)
			gid, _ := strconv.Atoi(u.Gid)
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
		}
	}
	return nil, fmt.Errorf("no account for the server: it doesn't run as root")
}

// give gives the folder to the server's account.
func (s *Server) give(dir string) error {
	c, err := nobody()
	if err != nil || c == nil {
		return err
	}
	return os.Chown(dir, int(c.Uid), int(c.Gid))
}

func (s *Server) run(program string, args ...string) error {
	cmd := exec.Command(filepath.Join(s.bin, program), args...)
	cmd.Dir = s.dir
	c, err := nobody()
	if err != nil {
		return err
	}
	if c != nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: c}
	}
	cmd.Env = append(os.Environ(), "LC_ALL=C", "HOME="+s.dir)
	// Not a pipe: the server would hold it open.
	out, err := os.Create(filepath.Join(os.TempDir(), filepath.Base(s.dir)+"-"+program))
	if err != nil {
		return err
	}
	defer os.Remove(out.Name())
	defer out.Close()
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Run(); err != nil {
		said, _ := os.ReadFile(out.Name())
		return fmt.Errorf("%s: %w\n%s", program, err, strings.TrimSpace(string(said)))
	}
	return nil
}

// Address is that of a database.
func (s *Server) Address(database string) string {
	return "postgres://unweld@/" + database + "?host=" + url.QueryEscape(s.dir)
}

var databases atomic.Int64

// Fresh returns the address of a new database.
func (s *Server) Fresh(ctx context.Context) (string, error) {
	name := fmt.Sprintf("test%d_%d", os.Getpid(), databases.Add(1))
	return s.Address(name), Execute(ctx, s.Address("postgres"), "CREATE DATABASE "+name)
}

// Execute runs SQL in the database at an address.
func Execute(ctx context.Context, address, query string) error {
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, query)
	return errors.Join(err, conn.Close(ctx))
}
