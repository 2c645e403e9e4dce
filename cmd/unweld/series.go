package main

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/unweld/unweld/engine"
)

// series writes the patches of a refactoring.
func (c *cli) series(ctx context.Context, s *engine.Session, name string, req engine.RefactorRequest, o offering) error {
	if o.write {
		return usage("--series", "writes patches, and --write changes the module", "leave one of the two out")
	}
	made, err := s.Series(ctx, name, req, engine.SeriesOptions{Unverified: o.noVerify, Verify: engine.VerifyOptions{Time: o.verifyTime}})
	if err != nil {
		return err
	}
	if err := engine.SaveSeries(o.series, made); err != nil {
		return err
	}
	c.progress("")
	if o.asJSON {
		return c.json(struct {
			Dir     string                `json:"dir"`
			Patches []*engine.SeriesPatch `json:"patches"`
		}{o.series, made})
	}
	for _, p := range made {
		fmt.Fprintf(c.out, "%s  %s\n", filepath.Join(o.series, p.File), count(len(p.Files), "file"))
	}
	for _, p := range made {
		for _, n := range p.Notes {
			c.note("note: %s: %s: %s", p.File[:4], n.Span, n.Message)
		}
		if p.Report != nil {
			c.note("%s:", p.File[:4])
			c.verified(p.Report)
		}
	}
	c.note("apply them with: git am %s", filepath.Join(o.series, "*.patch"))
	return nil
}
