package split

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/unweld/unweld/bindings/rt/link/linktest"
)

func openPrices(t *testing.T, name string) Service {
	t.Helper()
	t.TempDir() // which a process that stays behind this line never removes
	s, err := OpenPrices(t.Context(), func(context.Context) (Service, error) { return NewLedger(name, nil) })
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func openOrders(t *testing.T, name string, next Service) Service {
	t.Helper()
	s, err := OpenOrders(t.Context(), func(context.Context) (Service, error) { return NewLedger(name, next) })
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func add(t *testing.T, s Service, n, want int64) {
	t.Helper()
	if got, err := s.Add(t.Context(), n, 0); err != nil || got != want {
		t.Errorf("Add(%d) = %d, %v, want %d", n, got, err, want)
	}
}

// echo checks who answers, and returns in which processes.
func echo(t *testing.T, s Service, want string) []string {
	t.Helper()
	got, err := s.Echo(t.Context(), "hi")
	if err != nil {
		t.Fatal(err)
	}
	var pids, names []string
	for part := range strings.SplitSeq(got, " > ") {
		pid, name, _ := strings.Cut(part, " ")
		pids, names = append(pids, pid), append(names, name)
	}
	if names := strings.Join(names, " > "); names != want {
		t.Errorf("answered by %q, want %q", names, want)
	}
	for i, pid := range pids {
		// The outer test says which components are elsewhere.
		component := [...]string{"a", "o"}[0]
		if strings.HasPrefix(names[i], "o") {
			component = "o"
		}
		if away := strings.Contains(os.Getenv("SPLIT_AWAY"), component); away == (pid == strconv.Itoa(os.Getpid())) {
			t.Errorf("%s runs in process %s and the test in %d; elsewhere: %v", names[i], pid, os.Getpid(), away)
		}
	}
	return pids
}

func TestOne(t *testing.T) {
	fmt.Println("this is printed once")
	s := openPrices(t, "a")
	add(t, s, 3, 3)
	add(t, s, 4, 7)
	echo(t, s, "a hi")
}

// TestUses has calls before the second Open: they must not be made twice.
func TestUses(t *testing.T) {
	p := openPrices(t, "a")
	add(t, p, 5, 5)
	openOrders(t, "o0", nil)
	o := openOrders(t, "o", p)
	add(t, p, 1, 6)
	add(t, o, 10, 10)
	add(t, p, 0, 16)
	echo(t, o, "o hi > a hi")
}

func TestNested(t *testing.T) {
	o, err := OpenOrders(t.Context(), func(ctx context.Context) (Service, error) {
		p, err := OpenPrices(ctx, func(context.Context) (Service, error) { return NewLedger("a", nil) })
		if err != nil {
			return nil, err
		}
		return NewLedger("o", p)
	})
	if err != nil {
		t.Fatal(err)
	}
	add(t, o, 2, 2)
	echo(t, o, "o hi > a hi")
}

func TestSubtests(t *testing.T) {
	for _, name := range []string{"a1", "a2"} {
		t.Run(name, func(t *testing.T) {
			s := openPrices(t, name)
			add(t, s, 3, 3)
			echo(t, s, name+" hi")
		})
	}
	t.Run("helper", subtest)
}

func subtest(t *testing.T) {
	s := openPrices(t, "a3")
	add(t, s, 1, 1)
	echo(t, s, "a3 hi")
}

func TestParallel(t *testing.T) {
	t.Parallel()
	t.Run("x", func(t *testing.T) { t.Parallel(); subtest(t) })
	t.Run("y", func(t *testing.T) { t.Parallel(); subtest(t) })
}

func TestParallelTable(t *testing.T) {
	for range 3 {
		t.Run("", func(t *testing.T) { t.Parallel(); subtest(t) })
	}
}

func TestGoroutine(t *testing.T) {
	t.Parallel()
	opened := make(chan Service)
	go func() {
		s, err := OpenPrices(context.Background(), func(context.Context) (Service, error) { return NewLedger("a", nil) })
		if err != nil {
			t.Error(err)
		}
		opened <- s
	}()
	echo(t, <-opened, "a hi")
}

func TestConstructorFails(t *testing.T) {
	_, err := OpenPrices(t.Context(), func(context.Context) (Service, error) { return NewLedger("", nil) })
	if !errors.Is(err, linktest.ErrOdd) || err.Error() != "ledger: linktest: odd" {
		t.Errorf("Open = %v", err)
	}
}

// TestDies passes only under a split: it prints what the caller gets.
func TestDies(t *testing.T) {
	s := openPrices(t, "a")
	_, err := s.Echo(t.Context(), "die")
	fmt.Println("first:", err)
	_, err = s.Echo(t.Context(), "hi")
	fmt.Println("second:", err)
}

// TestDiffers opens something only in the process that go test started.
func TestDiffers(t *testing.T) {
	if flag := os.Getenv("SPLIT_DIFFERS"); flag == strconv.Itoa(os.Getppid()) {
		openPrices(t, "a")
	}
	fmt.Println("no Open here")
}

// TestStuck never comes to its Open in another process.
func TestStuck(t *testing.T) {
	if os.Getenv("SPLIT_DIFFERS") != strconv.Itoa(os.Getppid()) {
		fmt.Println("stuck")
		time.Sleep(time.Hour)
	}
	openPrices(t, "a")
}

// TestMany opens more than may be alive at a time, and drops them.
func TestMany(t *testing.T) {
	for i := range 30 {
		s := openPrices(t, "a")
		add(t, s, int64(i), int64(i))
		runtime.KeepAlive(s)
	}
	var config struct{ Stats, Temp string }
	if err := json.Unmarshal([]byte(os.Getenv("UNWELD_TEST_SPLIT")), &config); err != nil {
		t.Fatal(err)
	}
	live, err := filepath.Glob(filepath.Join(config.Stats, "*.live"))
	if err != nil || len(live) == 0 || len(live) > 25 {
		t.Errorf("%d processes are alive after 30 Opens, %v", len(live), err)
	}
	if temps, err := os.ReadDir(config.Temp); err != nil || len(temps) == 0 || len(temps) > 25 {
		t.Errorf("there are %d temporary folders after 30 Opens, %v", len(temps), err)
	}
}

// TestExits leaves without a word to anybody.
func TestExits(t *testing.T) {
	add(t, openPrices(t, "a"), 1, 1)
	os.Exit(3)
}
