//go:build unweldtools

// Score runs find on a module and compares what it says with a truth:
//
//	go run -tags unweldtools ./internal/truth/score testdata/truth/shop.json testdata/modules/shop
package main

import (
	"context"
	"flag"
	"fmt"
	"os"

	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/internal/truth"
)

func main() {
	flag.Usage = func() { fmt.Fprintln(os.Stderr, "usage: score TRUTH DIR [PATTERN...]") }
	flag.Parse()
	if flag.NArg() < 2 {
		flag.Usage()
		os.Exit(2)
	}
	score, err := run(flag.Arg(0), flag.Arg(1), flag.Args()[2:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "score:", err)
		os.Exit(1)
	}
	fmt.Println(score)
}

func run(file, dir string, patterns []string) (truth.Score, error) {
	t, err := truth.Load(file)
	if err != nil {
		return truth.Score{}, err
	}
	s, err := engine.Open(context.Background(), engine.Options{Dir: dir})
	if err != nil {
		return truth.Score{}, err
	}
	r, err := s.Find(context.Background(), engine.FindOptions{Patterns: patterns, Unit: t.Unit})
	if err != nil {
		return truth.Score{}, err
	}
	return t.Score(r), nil
}
