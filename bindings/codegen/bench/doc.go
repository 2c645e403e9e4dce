// Package bench holds the generated codec of a small contract, so that its speed
// can be measured against protobuf-go. TestBench of package codegen keeps it what
// is generated today.
package bench
