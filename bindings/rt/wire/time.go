package wire

import (
	"sync"
	"time"
)

// AppendTime appends t as the body of a message: seconds since 1970 (1),
// nanoseconds (2), and, unless t is in UTC, the offset from UTC in seconds (3,
// zigzag) and the zone's abbreviation (4). The first two form a
// google.protobuf.Timestamp. The monotonic reading is dropped.
func AppendTime(b []byte, t time.Time) []byte {
	b = AppendUvarint(append(b, 1<<3), uint64(t.Unix()))
	if n := t.Nanosecond(); n != 0 {
		b = AppendUvarint(append(b, 2<<3), uint64(n))
	}
	if t.Location() == time.UTC {
		return b
	}
	name, offset := t.Zone()
	b = AppendSint(append(b, 3<<3), int64(offset))
	return AppendField(b, 4<<3|TypeBytes, name)
}

// DecodeTime reads what AppendTime wrote. A time whose offset and zone are the
// local ones is in time.Local, another one in a fixed zone.
func DecodeTime(s string, v *time.Time) int {
	var sec, nano uint64
	var offset int64
	var zone string
	utc := true
	i := 0
	for uint(i) < uint(len(s)) {
		var tag uint64
		tag, i = Uvarint(s, i)
		switch tag {
		case 1 << 3:
			sec, i = Uvarint(s, i)
		case 2 << 3:
			nano, i = Uvarint(s, i)
		case 3 << 3:
			offset, i = Sint(s, i)
			utc = false
		case 4<<3 | TypeBytes:
			zone, i = Message(s, i)
		default:
			i = Skip(s, i, tag)
		}
	}
	if i < 0 {
		return i
	}
	const day = 24 * 60 * 60
	if nano >= 1e9 || offset <= -2*day || offset >= 2*day || len(zone) > 64 {
		return faultValue
	}
	*v = time.Unix(int64(sec), int64(nano)).UTC()
	if !utc {
		*v = inZone(*v, zone, int(offset))
	}
	return i
}

func inZone(t time.Time, name string, offset int) time.Time {
	local := t.Local()
	if n, o := local.Zone(); n == name && o == offset {
		return local
	}
	return t.In(fixedZone(name, offset))
}

type zoneKey struct {
	name   string
	offset int
}

var zones struct {
	sync.RWMutex
	known map[zoneKey]*time.Location
}

const maxZones = 256 // a hostile peer can't make the table grow

func fixedZone(name string, offset int) *time.Location {
	key := zoneKey{name, offset}
	zones.RLock()
	loc := zones.known[key]
	zones.RUnlock()
	if loc != nil {
		return loc
	}
	key.name = string(append([]byte(nil), name...)) // not a part of the frame
	loc = time.FixedZone(key.name, offset)
	zones.Lock()
	defer zones.Unlock()
	if zones.known == nil {
		zones.known = make(map[zoneKey]*time.Location)
	}
	if len(zones.known) < maxZones {
		zones.known[key] = loc
	}
	return loc
}
