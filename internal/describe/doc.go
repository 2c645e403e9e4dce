// Package describe says what was found about one place of the code: whose the
// declaration there is, who else uses it, and what would happen if it were to cross.
//
// It reads one parsed file and what find found out last, and analyses nothing, so that
// an editor can ask at each move of the cursor. What a name means is told by the
// couplings that were found: a name that no other component uses is of its own package.
//
// Its caller is engine, for hover. It reads no file and writes none.
package describe
