package extract

import "go/token"

// handles refuses a type whose signatures are to be kept.
func (j *job) handles() error {
	return j.refuse(problem("keep-signatures", j.world.SpanAt(j.target.typ.Obj().Pos(), token.NoPos), "the signatures of a type can't be kept", "extract it without --keep-signatures"))
}
