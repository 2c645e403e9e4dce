// Package modules holds the sample applications as archives, so that the
// command line can take them along. The folders beside this file are modules
// of their own, which the go command doesn't embed; `go generate ./...` packs
// them.
package modules

import _ "embed"

// Shop is the application in the folder shop, as a txtar archive.
//
//go:embed shop.txtar
var Shop []byte
