package link

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"sort"
	"strconv"
	"strings"
)

type metadataKey struct{}

// WithMetadata returns a context whose calls carry the given pairs of key and
// value beside those of ctx, across processes too. An odd key is ignored.
func WithMetadata(ctx context.Context, pairs ...string) context.Context {
	m := maps.Clone(Metadata(ctx))
	if m == nil {
		m = make(map[string]string, len(pairs)/2)
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	return context.WithValue(ctx, metadataKey{}, m)
}

// Metadata returns the metadata that calls with ctx carry. It must not be
// changed.
func Metadata(ctx context.Context) map[string]string {
	m, _ := ctx.Value(metadataKey{}).(map[string]string)
	return m
}

// AppendMetadata appends m to b, sorted by key, for transports that have no
// headers of their own.
func AppendMetadata(b []byte, m map[string]string) []byte {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	for _, k := range keys {
		b = appendStringField(b, 1, k)
		b = appendStringField(b, 2, m[k])
	}
	return b
}

// maxMetadata bounds the number of pairs that a peer may send.
const maxMetadata = 256

// MetadataHeaders writes m as one key=value each, escaped as in a query and sorted by
// key, for transports with headers that people write too.
func MetadataHeaders(m map[string]string) []string {
	var out []string
	for k, v := range m {
		out = append(out, url.QueryEscape(k)+"="+url.QueryEscape(v))
	}
	slices.Sort(out)
	return out
}

// ParseMetadataHeaders parses the output of MetadataHeaders. The error of what has
// another form is an ErrMalformed.
func ParseMetadataHeaders(headers []string) (map[string]string, error) {
	if len(headers) > maxMetadata {
		return nil, fmt.Errorf("%w: %d pairs of metadata", ErrTooLarge, len(headers))
	}
	var out map[string]string
	for _, h := range headers {
		k, v, _ := strings.Cut(h, "=")
		key, err := url.QueryUnescape(k)
		value, bad := url.QueryUnescape(v)
		if err != nil || bad != nil {
			return nil, Malformed(fmt.Errorf("metadata: %s isn't key=value, escaped as in a query", strconv.Quote(h)))
		}
		if out == nil {
			out = make(map[string]string)
		}
		out[key] = value
	}
	return out, nil
}

// ParseMetadata parses the output of AppendMetadata.
func ParseMetadata(src string) (map[string]string, error) {
	if src == "" {
		return nil, nil
	}
	m := make(map[string]string)
	key := ""
	for src != "" {
		field, _, s, rest, err := readField(src)
		if err != nil {
			return nil, err
		}
		src = rest
		switch field {
		case 1:
			key = s
		case 2:
			m[key] = s
		}
		if len(m) > maxMetadata {
			return nil, ErrTooLarge
		}
	}
	return m, nil
}
