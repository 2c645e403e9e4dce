// Package quotespb is what protoc-gen-go makes of quotes.proto.
package quotespb
