package modules

import (
	"bytes"
	"os"
	"testing"
)

func TestArchiveIsCurrent(t *testing.T) {
	root := "../../.."
	want, err := Pack(root)
	if err != nil {
		t.Fatal(err)
	}
	have, err := os.ReadFile(root + "/" + Archive)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(have, want) {
		t.Errorf("%s is stale: go generate ./internal/catalogue", Archive)
	}
}
