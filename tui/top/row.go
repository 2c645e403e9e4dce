package top

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/tui/draw"
	"github.com/unweld/unweld/tui/grid"
	"github.com/unweld/unweld/tui/screen"
)

// A row is what one unit calls of another: one endpoint, or all of a component.
type row struct {
	component, endpoint string // without an endpoint it is a link
	from, to            string // units

	calls, errors, inFlight int64
	recent                  int64   // calls of the window
	seconds                 float64 // that it has
	durations               engine.SplitDurations
}

// rowsOf are the rows of a moment, with rates and durations since an earlier one. What
// no other unit calls has a row, too, so that it can be moved.
func rowsOf(before, now sample) []row {
	var all []row
	crossing := map[string]bool{}
	for i := range now.status.Units {
		u := &now.status.Units[i]
		for j := range u.Stats {
			e := &u.Stats[j]
			r := row{component: e.Component, endpoint: e.Endpoint, from: u.Name, to: now.status.UnitOfEndpoint(e.Component, e.Endpoint)}
			if r.from == r.to && e.Called == 0 && e.InFlight == 0 {
				continue
			}
			was := statsOf(before.status, u.Name, u.PID, e.Component, e.Endpoint)
			r.calls, r.errors, r.inFlight = e.Called, e.Errors, e.InFlight
			r.recent, r.seconds, r.durations = max(e.Called-was.Called, 0), now.at.Sub(before.at).Seconds(), e.Durations.Since(was.Durations)
			all = append(all, r)
			crossing[r.name()] = true
		}
	}
	for i := range now.status.Units {
		u := &now.status.Units[i]
		for _, e := range u.Stats {
			r := row{component: e.Component, endpoint: e.Endpoint, from: u.Name, to: u.Name}
			if now.status.UnitOfEndpoint(e.Component, e.Endpoint) == u.Name && !crossing[r.name()] {
				all = append(all, r)
			}
		}
	}
	return all
}

// statsOf are the counts of an endpoint in one process; none if it is another process now.
func statsOf(status *engine.SplitStatus, unit string, pid int, component, endpoint string) engine.SplitEndpointStats {
	for i := range status.Units {
		u := &status.Units[i]
		if u.Name != unit || u.PID != pid {
			continue
		}
		for _, e := range u.Stats {
			if e.Component == component && e.Endpoint == endpoint {
				return e
			}
		}
	}
	return engine.SplitEndpointStats{}
}

// linksOf adds the endpoints up that a unit calls of the same component in the same unit.
func linksOf(endpoints []row) []row {
	at := map[string]int{}
	var links []row
	for i := range endpoints {
		e := &endpoints[i]
		link := row{component: e.component, from: e.from, to: e.to}
		n, ok := at[link.id()]
		if !ok {
			n = len(links)
			at[link.id()] = n
			links = append(links, link)
		}
		l := &links[n]
		l.calls, l.errors, l.inFlight, l.recent = l.calls+e.calls, l.errors+e.errors, l.inFlight+e.inFlight, l.recent+e.recent
		l.seconds, l.durations = e.seconds, l.durations.Plus(e.durations)
	}
	slices.SortFunc(links, func(a, b row) int { return cmp.Compare(a.id(), b.id()) })
	return links
}

func (r *row) name() string {
	if r.endpoint == "" {
		return r.component
	}
	return r.component + "." + r.endpoint
}

func (r *row) id() string { return r.name() + "\x00" + r.from + "\x00" + r.to }

func (r *row) cells() grid.Row {
	rate := 0.0
	if r.seconds > 0 {
		rate = float64(r.recent) / r.seconds
	}
	p50, p99 := r.durations.Quantile(0.5), r.durations.Quantile(0.99)
	cells := []string{draw.Clean(r.name()), draw.Clean(r.from), draw.Clean(r.to)}
	if r.from == r.to && r.calls == 0 {
		cells = append(cells, "in process", "", "", "", "", "")
	} else {
		cells = append(cells, strconv.FormatInt(r.calls, 10), fmt.Sprintf("%.1f", rate), strconv.FormatInt(r.errors, 10), duration(p50), duration(p99), strconv.FormatInt(r.inFlight, 10))
	}
	return grid.Row{ID: r.id(), Cells: cells, Numbers: []float64{0, 0, 0, float64(r.calls), rate, float64(r.errors), float64(p50), float64(p99), float64(r.inFlight)},
		Text: strings.ToLower(r.name()), Fields: map[string]string{"from": strings.ToLower(r.from), "to": strings.ToLower(r.to)}}
}

// duration writes a duration of which one knows two digits.
func duration(d time.Duration) string {
	switch {
	case d == 0:
		return "-"
	case d < time.Millisecond:
		return fmt.Sprintf("%d µs", d.Microseconds())
	case d < 10*time.Millisecond:
		return fmt.Sprintf("%.2f ms", float64(d)/float64(time.Millisecond))
	case d < time.Second:
		return fmt.Sprintf("%.0f ms", float64(d)/float64(time.Millisecond))
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}

// unitLine says of a unit what one looks for when something is wrong.
func unitLine(status *engine.SplitStatus, u *engine.SplitUnit) string {
	state := "ready"
	switch {
	case u.PID == 0:
		state = "not running"
	case !u.Ready:
		state = "not ready"
	}
	line := fmt.Sprintf("%s: %s", u.Name, state)
	if u.PID != 0 {
		line += fmt.Sprintf(", pid %d", u.PID)
	}
	if u.Restarts > 0 {
		line += ", " + screen.Count(u.Restarts, "restart")
	}
	hosted := slices.DeleteFunc(slices.Clone(u.Components), func(c string) bool { return status.UnitOf(c) != u.Name })
	for _, l := range status.Links {
		if l.Endpoint != "" && l.Unit == u.Name && !slices.Contains(hosted, l.Component) {
			hosted = append(hosted, l.Component+"."+l.Endpoint)
		}
	}
	if len(hosted) > 0 {
		line += ", hosts " + strings.Join(hosted, ", ")
	}
	if u.Problem != "" {
		line += ": " + u.Problem
	}
	return line
}
