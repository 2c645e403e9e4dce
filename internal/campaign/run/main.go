//go:build unweldtools

// Command run applies the refactorings to code that nobody here wrote, and
// writes what came of it:
//
//	go run ./internal/campaign/run [-limit N] [-only NAME,NAME] [-dir CHECKOUT]... [-write FILE]
//
// What it found out is kept, so that a run that was stopped goes on. It exits
// with status 1 where something failed or broke, or where nothing was applied.
package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"time"

	"github.com/unweld/unweld/internal/campaign"
)

// standard are the packages of the standard library that a campaign works on. They are copied
// into a module of their own: they import nothing internal, and what they import has none of
// their types.
var standard = []string{
	"container/list", "encoding/ascii85", "encoding/csv", "encoding/xml", "go/constant", "html", "image/png", "index/suffixarray",
	"net/mail", "net/rpc", "net/textproto", "regexp/syntax", "text/scanner", "text/tabwriter", "text/template/parse",
}

// modules are the modules that it works on, beside what has no more than a few
// packages: those of the build's module graph in its version, others in the one
// that is given here.
var modules = []string{
	"charm.land/bubbletea/v2", "github.com/spf13/cobra", "github.com/nats-io/nats-server/v2", "google.golang.org/grpc",
	"github.com/tetratelabs/wazero@v1.12.0", "gonum.org/v1/gonum", "github.com/dustin/go-humanize", "github.com/google/uuid", "github.com/jackc/pgx/v5",
	"github.com/nsqio/nsq@v1.3.0", "go.etcd.io/bbolt@v1.5.0", "github.com/dgraph-io/badger/v4@v4.9.6", "github.com/junegunn/fzf@v0.65.2",
	"miniflux.app/v2@v2.3.5", "github.com/go-task/task/v3@v3.54.0",
}

type flags struct {
	dirs    []string
	only    string
	corpora string
	write   string
	options campaign.Options
}

func main() {
	var f flags
	flag.Func("dir", "a checkout to work on instead; may be given more than once", func(s string) error {
		f.dirs = append(f.dirs, s)
		return nil
	})
	flag.StringVar(&f.only, "only", "", "the refactorings to try, separated by commas; all if empty")
	flag.StringVar(&f.corpora, "code", "", "the packages and modules to work on, separated by commas, PATH@VERSION for a module that isn't part of the build; all if empty, `self` is this module")
	flag.StringVar(&f.write, "write", "", "the page to write; standard output if empty")
	flag.IntVar(&f.options.Limit, "limit", 10, "how many places of each refactoring are tried in each corpus; 0 is all")
	flag.IntVar(&f.options.VerifyEach, "verify-each", 5, "each so-manieth change is vetted, tested and taken back in a copy; 0 is none, 1 is all")
	flag.DurationVar(&f.options.Time, "time", 2*time.Minute, "how long one refactoring may take")
	flag.StringVar(&f.options.Results, "results", "", "the folder that keeps what was found out; one of this build in the user's cache folder if empty")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, f); err != nil {
		fmt.Fprintln(os.Stderr, "campaign:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, f flags) error {
	corpora, err := choose(f)
	if err != nil {
		return err
	}
	if f.only != "" {
		f.options.Only = strings.Split(f.only, ",")
	}
	if f.options.Results == "" {
		if f.options.Results, err = resultsFolder(); err != nil {
			return err
		}
	}
	f.options.Progress = func(corpus string, done, all int, t campaign.Trial) {
		fmt.Fprintf(os.Stderr, "%s %d/%d %s %s: %s (%.1f s)\n", corpus, done, all, t.Refactoring, t.Request.Target, t.Result, t.Seconds)
	}
	var outcomes []*campaign.Outcome
	var failed []error
	for _, c := range corpora {
		out, err := campaign.Run(ctx, c, f.options)
		if ctx.Err() != nil {
			return fmt.Errorf("stopped; the same command goes on: %w", ctx.Err())
		}
		if err != nil {
			failed = append(failed, err)
			continue
		}
		outcomes = append(outcomes, out)
	}
	if err := write(f.write, campaign.Report(outcomes)); err != nil {
		return err
	}
	return errors.Join(append(failed, campaign.Wrong(outcomes))...)
}

func write(file string, page []byte) error {
	if file == "" {
		_, err := os.Stdout.Write(page)
		return err
	}
	return os.WriteFile(file, page, 0o644)
}

// choose returns the code that the flags name.
func choose(f flags) ([]campaign.Corpus, error) {
	if len(f.dirs) > 0 {
		var out []campaign.Corpus
		for _, dir := range f.dirs {
			root, err := campaign.ModuleRoot(dir)
			if err != nil {
				return nil, err
			}
			out = append(out, campaign.Checkout(filepath.Base(root), root))
		}
		return out, nil
	}
	versions, err := versions()
	if err != nil {
		return nil, err
	}
	names := append(append([]string{"self"}, standard...), modules...)
	if f.corpora != "" {
		names = strings.Split(f.corpora, ",")
	}
	var out []campaign.Corpus
	for _, name := range names {
		switch version := versions[name]; {
		case name == "self":
			root, err := campaign.ModuleRoot(".")
			if err != nil {
				return nil, err
			}
			out = append(out, campaign.Checkout("unweld", root))
		case version != "":
			out = append(out, campaign.Module(name+"@"+version))
		case strings.Contains(name, "@"):
			out = append(out, campaign.Module(name))
		case strings.Contains(strings.Split(name, "/")[0], "."):
			return nil, fmt.Errorf("module %s isn't part of the build: say which version, as in %s@v1.2.3", name, name)
		default:
			out = append(out, campaign.Std(name))
		}
	}
	return out, nil
}

// versions returns the modules of the build.
func versions() (map[string]string, error) {
	out, err := exec.Command("go", "list", "-m", "-json", "all").Output()
	if err != nil {
		return nil, fmt.Errorf("go list -m all: %w", err)
	}
	found := map[string]string{}
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var m struct{ Path, Version string }
		if err := dec.Decode(&m); err == io.EOF {
			return found, nil
		} else if err != nil {
			return nil, err
		}
		found[m.Path] = m.Version
	}
}

// resultsFolder is one for each build of this program: another build may do
// something else.
func resultsFolder() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	name, err := os.Executable()
	if err != nil {
		return "", err
	}
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return filepath.Join(cache, "unweld", "campaign", hex.EncodeToString(h.Sum(nil)[:8])), nil
}
