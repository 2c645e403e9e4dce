package effects

// modelTable says what functions of the standard library do. Each line is a
// package, names of it ("F", "T.M", "T.*", "*" for the rest, "**" for packages
// below too), a colon and attributes (see model.parse). What isn't listed is
// unknown. Locks are no state.
const modelTable = `
 error.Error: clean
bytes *: pure
bytes Clone Repeat Join Split Fields ToUpper ToLower Map: fresh
bytes Buffer.*: recv
bytes Buffer.Len Buffer.Cap Buffer.String Buffer.Bytes Buffer.Available: pure
bytes Reader.*: recv
bytes Reader.Len Reader.Size: pure
bufio *: pure
bufio Reader.* Writer.* Scanner.* ReadWriter.*: recv deep
cmp *: pure
container/heap *: write0 deep
container/list *: pure
container/list List.* Element.*: recv deep
container/list List.Front List.Back List.Len Element.Next Element.Prev: pure
context *: pure
context Context.Value: context
context Context.Done Context.Err Context.Deadline Cause: cancel
context AfterFunc: go
context WithTimeout WithDeadline WithTimeoutCause WithDeadlineCause: clock
crypto/rand *: random write0 write1
crypto/sha1 *: fresh
crypto/sha256 *: fresh
crypto/sha512 *: fresh
crypto/md5 *: fresh
crypto/hmac *: fresh
crypto/subtle *: pure
database/sql *: io apart
encoding/base32 *: pure
encoding/base64 *: pure
encoding/base64 Encoding.Encode Encoding.Decode: write1
encoding/hex *: pure
encoding/hex Encode Decode: write0
encoding/binary *: pure
encoding/binary PutUvarint PutVarint: write0
encoding/binary littleEndian.PutUint16 littleEndian.PutUint32 littleEndian.PutUint64 bigEndian.PutUint16 bigEndian.PutUint32 bigEndian.PutUint64: write1
encoding/binary Write: write0 deep buffer
encoding/binary Read: write0 deep
encoding/json *: fresh
encoding/json Unmarshal: write1 deep
encoding/json Encoder.* Decoder.*: recv deep
encoding/json Compact Indent HTMLEscape: write0
errors *: pure
errors As: write1
fmt Sprint Sprintf Sprintln Errorf Append Appendf Appendln: fresh
fmt Print Printf Println: output
fmt Fprint Fprintf Fprintln: write0 deep buffer
fmt Sscan Sscanf Sscanln: write0 write1 deep
fmt Scan Scanf Scanln Fscan Fscanf Fscanln: io
go/ast *: pure
go/ast SortImports: write0 write1 deep
go/ast Walk Inspect: pure
go/format *: fresh
go/parser *: fresh
go/printer *: write1 deep
go/printer Fprint: write0 deep
go/scanner *: pure
go/scanner Scanner.*: recv deep
go/token *: pure
go/token NewFileSet: clean
hash *: recv
hash/crc32 *: pure
hash/crc64 *: pure
hash/adler32 *: pure
hash/fnv *: clean
hash/maphash *: random
html *: pure
io/fs *: io
io/ioutil *: io
io ReadAll: write0 deep fresh
io WriteString Copy CopyN: write0 write1 deep buffer
io LimitReader MultiReader TeeReader NopCloser NewSectionReader MultiWriter: pure
iter *: pure
log *: output
log Fatal Fatalf Fatalln Logger.Fatal Logger.Fatalf Logger.Fatalln: io
log/slog *: output
maps Keys Values All: pure order
maps Clone Collect: fresh
maps Equal EqualFunc: pure
maps Copy Insert DeleteFunc: write0
math *: pure
math/bits *: pure
math/cmplx *: pure
math/big *: pure
math/big Int.* Rat.* Float.*: recv self
math/big Int.SetBits: recv
math/big Int.DivMod Int.QuoRem: recv write3
math/big Int.GCD: recv write1 write2
math/big Float.Int Float.Rat Float.MantExp Int.FillBytes: write1
math/big Int.Cmp Int.CmpAbs Int.Sign Int.Int64 Int.Uint64 Int.IsInt64 Int.IsUint64 Int.String Int.Text Int.Bytes Int.Bits Int.BitLen Int.Bit Int.ProbablyPrime Int.Append Int.Format Int.MarshalJSON Int.MarshalText Int.TrailingZeroBits: pure
math/big Rat.Cmp Rat.Sign Rat.String Rat.FloatString Rat.Num Rat.Denom Rat.IsInt Rat.Float64 Rat.RatString: pure
math/big Float.Cmp Float.Sign Float.String Float.Text Float.Float64 Float.Int64 Float.IsInt: pure
math/rand *: random
math/rand Rand.*: recv random
math/rand New NewSource NewZipf: pure
math/rand/v2 *: random
math/rand/v2 Rand.* PCG.* ChaCha8.*: recv random
math/rand/v2 New NewPCG NewChaCha8: pure
mime *: pure
net *: io
net ParseIP ParseCIDR ParseMAC IPv4 IPv4Mask CIDRMask JoinHostPort SplitHostPort IP.* IPMask.* IPNet.* HardwareAddr.*: pure
net/http *: io
net/http StatusText Header.Get Header.Values CanonicalHeaderKey DetectContentType: pure
net/http Header.Set Header.Add Header.Del: write0
net/mail *: pure
net/netip *: pure
net/rpc **: io
net/smtp *: io
net/textproto *: pure
net/textproto Reader.*: recv deep
net/textproto MIMEHeader.Add MIMEHeader.Set MIMEHeader.Del: write0
net/url *: pure
net/url Values.Set Values.Add Values.Del: write0
os **: io apart
path *: pure
path/filepath *: pure
path/filepath Abs EvalSymlinks Glob Walk WalkDir: io
reflect DeepEqual TypeOf: pure
regexp *: pure
regexp Regexp.Longest: recv
regexp/syntax *: pure
runtime GC KeepAlive Gosched: clean
runtime Caller Callers: clean
runtime Stack: write0 other-process
runtime/debug Stack: fresh other-process
slices *: pure
slices Sort SortFunc SortStableFunc Reverse Insert Delete DeleteFunc Replace Compact CompactFunc Grow: write0
slices Clone Collect Sorted SortedFunc SortedStableFunc Concat Repeat: fresh
slices AppendSeq: write0
sort *: write0
sort Search SearchInts SearchStrings SearchFloat64s Find IsSorted SliceIsSorted IntsAreSorted StringsAreSorted: pure
sort Reverse: pure
strconv *: pure
strings *: pure
strings Builder.*: recv
strings Builder.Len Builder.Cap Builder.String: pure
strings Reader.*: recv
strings Reader.Len Reader.Size: pure
sync Mutex.* RWMutex.* Cond.* Locker.* WaitGroup.*: clean
sync WaitGroup.Go: clean go
sync Once.* OnceFunc OnceValue OnceValues: fresh
sync Pool.*: clean
sync Map.*: recv
sync Map.Load: pure
sync Map.Range: pure order
sync/atomic *: write0
sync/atomic LoadInt32 LoadInt64 LoadUint32 LoadUint64 LoadUintptr LoadPointer: pure
sync/atomic Int32.Load Int64.Load Uint32.Load Uint64.Load Uintptr.Load Bool.Load Value.Load Pointer.Load: pure
syscall **: io
text/tabwriter *: write0 deep
time *: pure
time Now Since Until After AfterFunc Tick NewTimer NewTicker Sleep: clock
time Time.Local LoadLocation Timer.* Ticker.*: clock
unicode *: pure
unicode/utf8 *: pure
unicode/utf8 EncodeRune: write0
unicode/utf16 *: pure
github.com/google/uuid *: pure
github.com/google/uuid New NewString NewRandom NewUUID NewV6 NewV7 Must: random
`
