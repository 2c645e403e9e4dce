package codes

import "github.com/unweld/unweld/internal/component"

// shapes are what stands in the way of calls that get another shape.
var shapes = []Code{
	{Name: "calls-not-batched", Severity: component.Error, Doc: Doc{Family: Extract,
		Title: "the calls that a loop makes can't become one call",
		Why:   "All calls would come before the rest of the loop. That makes a difference: an argument or what the function reads depends on what the loop does, both deal with what is outside of the program, the loop goes on after an error, or it may end early. Or the loop has a shape that isn't known.",
		Run:   "refactor batch-call ./svc.Price", Since: "0.3",
		Before: `package svc

import "errors"

func Price(sku string) (int, error) {
	if sku == "" {
		return 0, errors.New("no sku")
	}
	return len(sku), nil
}

func Total(skus []string) (total int) {
	for _, sku := range skus {
		p, err := Price(sku)
		if err != nil {
			continue
		}
		total += p
	}
	return total
}
`,
		After: `package svc

import "errors"

func Price(sku string) (int, error) {
	if sku == "" {
		return 0, errors.New("no sku")
	}
	return len(sku), nil
}

func Total(skus []string) (total int, err error) {
	for _, sku := range skus {
		p, err := Price(sku)
		if err != nil {
			return 0, err
		}
		total += p
	}
	return total, nil
}
`}},
	{Name: "list-not-paged", Severity: component.Error, Doc: Doc{Family: Extract,
		Title: "a list can't be gone over page by page",
		Why:   "The function would be called for each page, between the bodies of the loop. It has an effect of its own, the loop changes what it reads, or no caller goes over its list alone.",
		Run:   "refactor page-result ./svc.Take", Since: "0.3",
		Before: `package svc

var waiting []string

func Take() []string {
	all := waiting
	waiting = nil
	return all
}

func Count() (n int) {
	for range Take() {
		n++
	}
	return n
}
`,
		After: `package svc

import "slices"

var waiting []string

func Take() []string { return slices.Clone(waiting) }

func Clear() { waiting = nil }

func Count() (n int) {
	for range Take() {
		n++
	}
	Clear()
	return n
}
`}},
	{Name: "list-not-streamed", Severity: component.Error, Doc: Doc{Family: Extract,
		Title: "the elements of a list can't be handed out one by one",
		Why:   "The loops of callers would run between the steps of the function. It uses the list while it makes it, holds a lock, or releases something that isn't deferred; or callers would see a difference, or need the whole list.",
		Run:   "refactor stream-result ./svc.Names", Since: "0.3",
		Before: `package svc

import "sort"

func Names(m map[string]int) []string {
	var names []string
	for name := range m {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

func Length(m map[string]int) (n int) {
	for _, name := range Names(m) {
		n += len(name)
	}
	return n
}
`,
		After: `package svc

func Names(m map[string]int) []string {
	var names []string
	for name := range m {
		names = append(names, name)
	}
	return names
}

func Length(m map[string]int) (n int) {
	for _, name := range Names(m) {
		n += len(name)
	}
	return n
}
`}},
}
