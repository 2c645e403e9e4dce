package http

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/unweld/unweld/bindings/rt/link/linktest"
	"github.com/unweld/unweld/bindings/rt/stream/streamtest"
)

var transport = linktest.Transport{
	Link: func(host string) string { return "http://" + host + "/below" }, Dial: dial, Listen: listen, Secure: "https", MaxMessage: MaxMessage, Hosts: "shop,cart,other",
}

func TestMain(m *testing.M) {
	CarryStreams()
	if streamtest.InUnit() {
		describeStreamtest("unit")
		streamtest.Serve()
	}
	describeStreamtest("caller")
	names := "caller"
	if linktest.InUnit() {
		names = "unit"
	}
	describeLinktest(names)
	transport.Run(m)
}

// describeLinktest describes linktest, whose messages are no protobuf: the two sides name
// fields differently, so that they use the binary form.
func describeLinktest(names string) {
	c := &Component{Name: "linktest", Names: names, Types: []Type{{Kind: Struct, Name: "nothing"}}, Document: fstest.MapFS{}}
	for _, e := range linktest.Contract.Endpoints {
		c.Endpoints = append(c.Endpoints, Endpoint{Name: e.Name, Routes: []Route{{"POST", "/linktest/" + strings.ToLower(e.Name)}}})
	}
	Describe(c)
}

// describeStreamtest does the same for streamtest.
func describeStreamtest(names string) {
	c := &Component{Name: "streamtest", Names: names, Types: []Type{{Kind: Struct, Name: "nothing"}}, Document: fstest.MapFS{}}
	for _, e := range streamtest.Contract.Endpoints {
		c.Endpoints = append(c.Endpoints, Endpoint{Name: e.Name, Routes: []Route{{"POST", "/streamtest/" + strings.ToLower(e.Name)}}})
	}
	Describe(c)
}
