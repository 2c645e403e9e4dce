package preview

import (
	"reflect"
	"testing"

	"github.com/unweld/unweld/internal/split"
)

// TestPreparedOnce: previews from what was prepared once are those that are made
// from the start, in whatever order they are asked for.
func TestPreparedOnce(t *testing.T) {
	base, err := Prepare(t.Context(), shop(t))
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		for _, units := range [][][]string{{{"stock"}}, {{"web"}}, {{"stock", "web"}}, {{"stock"}, {"web"}}, {{"clock"}}, {{"app"}}, {{"stock"}}} {
			s := split.Split{Units: map[string]split.Unit{split.MainUnit: {Components: []string{"*"}}}}
			for _, u := range units {
				s.Units[u[0]] = split.Unit{Components: u}
			}
			want, wantErr := Of(t.Context(), shop(t), Options{Units: units})
			got, err := base.Of(previewName, s)
			if !reflect.DeepEqual(got, want) || (err == nil) != (wantErr == nil) {
				t.Errorf("%v: %+v, %v\nfrom the start: %+v, %v", units, got, err, want, wantErr)
			}
			if err != nil && err.Error() != wantErr.Error() {
				t.Errorf("%v is refused with %v, from the start with %v", units, err, wantErr)
			}
		}
	}
	if len(base.p.cfg.Splits) > 0 {
		t.Error("a split stays in the configuration")
	}
}
