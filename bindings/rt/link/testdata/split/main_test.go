package split

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"sync"
	"testing"
)

// inMain is opened by TestMain, atStart by a package variable, if the outer
// test says so; shared by whichever test comes first.
var (
	inMain  Service
	atStart = openOutside("variable")
	shared  = sync.OnceValue(func() Service { return open("a-shared") })
)

func openOutside(where string) Service {
	if os.Getenv("SPLIT_OUTSIDE") == "" {
		return nil
	}
	return open("a-" + where)
}

func open(name string) Service {
	s, err := OpenPrices(context.Background(), func(context.Context) (Service, error) { return NewLedger(name, nil) })
	if err != nil {
		panic(err)
	}
	return s
}

func TestMain(m *testing.M) {
	inMain = openOutside("main")
	os.Exit(m.Run())
}

func TestOutside(t *testing.T) {
	for name, s := range map[string]Service{"a-main hi": inMain, "a-variable hi": atStart} {
		add(t, s, 1, 1)
		echo(t, s, name)
	}
	// What is opened now reaches those instances, not some of its own.
	add(t, openOrders(t, "o", inMain), 10, 10)
	add(t, inMain, 0, 11)
}

// TestSharedFirst and TestSharedAgain use one instance, whichever is first.
func TestSharedFirst(t *testing.T) {
	echo(t, shared(), "a-shared hi")
	add(t, shared(), 1, 1)
}

func TestSharedAgain(t *testing.T) {
	o := openOrders(t, "o", shared())
	add(t, o, 10, 10)
	add(t, shared(), 0, 11)
}

func ExampleOpenPrices() {
	s := open("a-example")
	sum, err := s.Add(context.Background(), 1, 2)
	fmt.Println(sum, err)
	got, err := s.Echo(context.Background(), "hi")
	fmt.Println(got != strconv.Itoa(os.Getpid())+" a-example hi", err)
	// Output:
	// 3 <nil>
	// true <nil>
}
