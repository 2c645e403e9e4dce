package a

import "iter"

type Page struct{ Items iter.Seq2[int, string] }

type Service interface {
	Plain() []string
	All() iter.Seq[string]               // want `All: Seq \(iter.Seq\[string\]\): in one process .*, across a process`
	Page(n int) Page                     // want `Page: Page.Items \(iter.Seq2\[int, string\]\)`
	Push(seq func(yield func(int) bool)) // want `Push\(seq\) \(func\(yield func\(int\) bool\)\)`
	Each(func(int) bool)
}
