package contract

import (
	"go/types"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
)

// doc returns what the comment of a declaration says.
func (b *builder) doc(obj types.Object) string {
	if b.opts.Comments == nil {
		return ""
	}
	return b.opts.Comments.Of(obj)
}

// signatureDocs adds what is said of the parameters and results of fn. A context
// in front and an error at the end aren't among those of m.
func (b *builder) signatureDocs(m *component.Method, fn *types.Func) {
	if b.opts.Comments == nil {
		return
	}
	params, results := b.opts.Comments.Signature(fn)
	if m.Context && len(params) > 0 {
		params = params[1:]
	}
	for i, doc := range params[:min(len(params), len(m.Params))] {
		m.Params[i].Doc = doc
	}
	for i, doc := range results[:min(len(results), len(m.Results))] {
		m.Results[i].Doc = doc
	}
}

// constantsDoc returns what stands above the groups of the constants of a type.
func (b *builder) constantsDoc(constants []*types.Const) string {
	if b.opts.Comments == nil {
		return ""
	}
	constants = slices.Clone(constants)
	slices.SortFunc(constants, func(a, b *types.Const) int { return int(a.Pos() - b.Pos()) })
	var docs []string
	for _, c := range constants {
		if doc := b.opts.Comments.Group(c); doc != "" && !slices.Contains(docs, doc) {
			docs = append(docs, doc)
		}
	}
	return strings.Join(docs, "\n\n")
}
