// Package stamp is another one, used by mail and by the tests.
package stamp

import (
	"context"
	"os"
	"strconv"
	"sync/atomic"

	_ "github.com/unweld/unweld/bindings/grpc/rt" // a transport
	"github.com/unweld/unweld/bindings/rt/link"
	"github.com/unweld/unweld/bindings/rt/link/linktest"
	_ "github.com/unweld/unweld/bindings/unix/rt" // another one
)

var total atomic.Int64

var service = link.OpenVar(contract(), linktest.Service(local{}))

func init() { link.Start("stamp") }

func contract() *link.Contract[linktest.Service] {
	c := *linktest.Contract
	c.Component = "stamp"
	return &c
}

type local struct{ linktest.Unimplemented }

func (local) Add(_ context.Context, a, b int64) (int64, error) {
	return total.Add(a + b), nil
}

func (local) Echo(context.Context, string) (string, error) {
	return strconv.Itoa(os.Getpid()), nil
}

// Add adds to the total of the component and returns it.
func Add(ctx context.Context, n int64) (int64, error) { return service.Add(ctx, n, 0) }

// Process is the id of the process that the component is in.
func Process(ctx context.Context) (string, error) { return service.Echo(ctx, "") }
