//go:build unweldtest

package link

import (
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestTestArgs(t *testing.T) {
	for _, test := range []struct {
		args, test, want string
	}{
		{"", "", "-test.run=^$ -test.count=1 -test.v=false"},
		{"-test.v=true -test.timeout=10m -test.paniconexit0 -test.testlogfile=/x -update", "TestA", "-test.run=^TestA$ -test.count=1 -test.v=false -test.timeout=10m -update"},
		{"-test.run TestA/b --test.count 3 -test.short -n 5", "TestA", "-test.run=^TestA$/b -test.count=1 -test.v=false -test.short -n 5"},
		{"-test.run=Test(A|B)/x[/|]y|Other/z|A/w -test.skip=TestA/w/q", "TestA", "-test.run=^TestA$/x[/|]y|^TestA$/w -test.count=1 -test.v=false -test.skip=TestA/w/q"},
		{"-test.run=A/x|A", "TestA", "-test.run=^TestA$ -test.count=1 -test.v=false"},
		{"-test.run=A/x", "", "-test.run=^$ -test.count=1 -test.v=false"},
		{"-test.coverprofile=/c -test.gocoverdir=/d -test.bench", "TestA", "-test.run=^TestA$ -test.count=1 -test.v=false"},
	} {
		if got := strings.Join(testArgs(strings.Fields(test.args), test.test), " "); got != test.want {
			t.Errorf("%s of %s:\n got %s\nwant %s", test.args, test.test, got, test.want)
		}
	}
}

func TestTopLevel(t *testing.T) {
	for symbol, want := range map[string]string{
		"example.com/a%2eb/c.TestX.func1.2":                            "TestX",
		"example.com/a.b/c_test.TestX-range1":                          "TestX",
		"example.com/c.(*Suite).TestX":                                 "(*Suite)",
		"main.main":                                                    "main",
		"github.com/unweld/unweld/bindings/rt/link.Open[...]":          "Open",
		"github.com/unweld/unweld/bindings/rt/link.openInTest[...]":    "openInTest",
		"github.com/unweld/unweld/bindings/rt/link_test.TestOne.func1": "TestOne",
	} {
		if got := topLevel(symbol); got != want {
			t.Errorf("topLevel(%s) = %s, want %s", symbol, got, want)
		}
	}
}

// TestStacks reads the stack of a goroutine that a subtest started.
func TestStacks(t *testing.T) {
	got := make(chan []stackEntry)
	t.Run("sub", func(*testing.T) {
		go func() { got <- allStacks() }()
		stacks := <-got
		own := stacks[0]
		i := slices.IndexFunc(stacks, func(s stackEntry) bool { return s.id == own.parent })
		if len(own.frames) == 0 || i < 0 || !strings.HasPrefix(stacks[i].creator, "testing.(*T).Run") {
			t.Fatalf("stacks: %+v", stacks)
		}
		at := stackFrame{}
		for _, f := range own.frames {
			if strings.Contains(f.function, "TestStacks") {
				at = f
			}
		}
		if !strings.Contains(at.line, "testsplit_args_test.go:") || strings.Contains(at.line, "+0x") {
			t.Errorf("frame of the goroutine: %+v", at)
		}
	})
}

func TestInCleanup(t *testing.T) {
	got := make(chan bool, 1)
	held := new([64]byte)
	runtime.AddCleanup(held, func(c chan bool) { c <- inCleanup() }, got)
	held = nil
	runtime.GC()
	select {
	case in := <-got:
		if !in {
			t.Error("a cleanup isn't recognized")
		}
	case <-time.After(time.Minute):
		t.Fatal("no cleanup was run")
	}
	if inCleanup() {
		t.Errorf("a test is taken for a cleanup (%v)", held)
	}
}
