//go:build unweldplain

package link

import (
	"context"
	"fmt"
	"time"
)

// This file is the part of a program whose routes stay as its environment says:
// one that `go build` makes. live.go is the other one.

type routeState struct{}

type swapping struct{}

type control struct{}

func (*instance) prepare() {}

func (*instance) timed(call carrier) carrier { return call }

func (*instance) addTiming(int, *EndpointStats) {}

func (in *instance) install(endpoint int, to any, _ *Remote) { in.route(endpoint, to) }

// leftFrom is never closed: calls go where they went.
func (*instance) leftFrom(int, *Remote) <-chan struct{} { return nil }

// unhost closes the component. Its calls from outside have ended.
func (in *instance) unhost(context.Context) error { return in.discard() }

// arrival is the context of a call that arrives.
func (*instance) arrival(ctx context.Context, _ int) context.Context { return ctx }

// reroute repeats a call to a peer that doesn't host the component yet, or that
// another process is about to replace.
func (*instance) reroute(ctx context.Context, late Answer, endpoint int, request []byte) Answer {
	limit := time.Now().Add(rerouteLimit)
	for pause := reroutePauseMin; time.Now().Before(limit); pause = min(2*pause, reroutePauseMax) {
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return late
		}
		again := late.By.once(ctx, endpoint, request)
		if again.Failed == nil || !late.By.late(endpoint, again.Failed) {
			return again
		}
		late = again
	}
	return late
}

// attach refuses what this program has no code for.
func (u *unit) attach() error {
	for _, name := range []string{envControl, envStandby, envCount} {
		if u.getenv(name) != "" {
			return fmt.Errorf("%s is set, but this program can't be controlled while it runs: only programs built by unweld split run can", name)
		}
	}
	return nil
}

func (*unit) opened(string, bool) {}

func (*unit) ready(string, string) {}
