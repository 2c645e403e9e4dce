package other

import "example.com/codes"

func Report() codes.Problem { return codes.New("of-another-package") }

type Other struct{ Code string }

var unrelated = Other{Code: "not-a-code-of-a-problem"}
