package argument

import (
	"go/types"
	"strings"

	"github.com/unweld/unweld/internal/effects"
)

// filledArguments lists functions of the standard library that fill arguments which the
// table of package effects, made for the state of components, says less of. The
// number is that of the argument, a receiver being 0; with a + it and all that
// follow.
var filledArguments = map[string]string{
	"io.ReadFull": "1", "io.ReadAtLeast": "1", "io.CopyBuffer": "2",
	"crypto/rand.Read": "0", "math/rand.Read": "0",
	"encoding/binary.Read": "2", "encoding/binary.Decode": "1",
	"encoding/json.Decoder.Decode": "1", "encoding/xml.Decoder.Decode": "1", "encoding/xml.Unmarshal": "1", "encoding/gob.Decoder.Decode": "1", "encoding/asn1.Unmarshal": "1",
	"encoding/hex.Decoder.Decode": "1", "encoding/base64.Encoding.Decode": "1", "encoding/base64.Encoding.Encode": "1",
	"encoding/base32.Encoding.Decode": "1", "encoding/base32.Encoding.Encode": "1",
	"database/sql.Rows.Scan": "1+", "database/sql.Row.Scan": "1+",
	"fmt.Sscan": "1+", "fmt.Sscanln": "1+", "fmt.Sscanf": "2+", "fmt.Fscan": "1+", "fmt.Fscanln": "1+", "fmt.Fscanf": "2+", "fmt.Scan": "0+", "fmt.Scanln": "0+", "fmt.Scanf": "1+",
	"crypto/cipher.Block.Encrypt": "1", "crypto/cipher.Block.Decrypt": "1", "crypto/cipher.Stream.XORKeyStream": "1", "crypto/cipher.BlockMode.CryptBlocks": "1",
	"crypto/subtle.XORBytes": "0", "crypto/subtle.ConstantTimeCopy": "1",
	"math/rand.Shuffle": "", "time.Time.AppendFormat": "", "io.WriteString": "", "io.Copy": "", "io.CopyN": "",
}

// library returns what is known of a function of the standard library, or of a
// method that everybody understands in the same way: Read fills its argument.
func library(fn *types.Func) (effects.Known, bool) {
	known, ok := effects.KnownOf(fn)
	if reads(fn) {
		return effects.Known{Writes: append(known.Writes[:len(known.Writes):len(known.Writes)], 1), Fresh: true}, true
	}
	name := qualified(fn)
	spec, filled := filledArguments[name]
	if !filled {
		return known, ok
	}
	known.Writes = nil
	number, rest := strings.CutSuffix(spec, "+")
	if number != "" {
		i := int(number[0] - '0')
		if rest {
			known.Rest = i + 1 // one more, so that none is 0
		} else {
			known.Writes = []int{i}
		}
	}
	return known, true
}

func qualified(fn *types.Func) string {
	s := Subject(fn)
	if s.Member == "" {
		return s.Decl.Pkg + "." + s.Decl.Name
	}
	return s.Decl.Pkg + "." + s.Decl.Name + "." + s.Member
}

// reads reports whether fn has the form of io.Reader's Read or io.ReaderAt's
// ReadAt, and no body that says otherwise: it is of an interface, or of the
// standard library.
func reads(fn *types.Func) bool {
	sig := fn.Signature()
	if sig.Recv() == nil || sig.Params().Len() == 0 || !strings.HasPrefix(fn.Name(), "Read") {
		return false
	}
	if !types.Identical(sig.Params().At(0).Type(), types.NewSlice(types.Typ[types.Byte])) || sig.Results().Len() < 2 {
		return false
	}
	if types.IsInterface(sig.Recv().Type()) {
		return true
	}
	_, known := effects.KnownOf(fn)
	return known
}
