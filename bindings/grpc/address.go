package grpc

import "github.com/unweld/unweld/internal/split"

var scheme = split.Scheme{
	Name: "grpc", CrossesUnits: true, CrossesHosts: true, HostPort: true, TLS: true,
	Open: func(split.Opening) (split.Allocator, error) { return split.Ports("grpc"), nil },
}
