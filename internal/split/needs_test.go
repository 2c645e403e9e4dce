package split

import "testing"

// What a unit needs is checked for its form, and each mistake has its place.
func TestNeeds(t *testing.T) {
	unit := func(text string) string {
		cfg, ps := Parse(FileName, []byte("version: 1\nsplits:\n  s:\n    units:\n      u:\n        components: ['*']\n"+text))
		_ = cfg
		return lines(ps)
	}
	for _, tt := range []struct{ text, want string }{
		{`        image: registry.example:5000/shop/web@sha256:0a
        ports: {http: 8080, m-1: 65535}
        resources: {requests: {cpu: 500m, memory: 64Mi}, limits: {cpu: 1.5, memory: 1G}}
        secrets: {DB_PASSWORD: {from: db.main/password}}
        env: {UNWELD_TLS_CERT: /x, _A1: ""}
`, ""},
		{"        image: a b\n", `unweld.yaml:7:16: error: "a b" isn't the name of an image (write it as registry/name:tag)`},
		{"        ports: {HTTP: 80, http: 0, \"12\": 1}\n", `unweld.yaml:7:23: error: port name "HTTP" must be up to 15 lower case letters, digits and -, with a letter among them (for example: ports: {http: 8080})
unweld.yaml:7:33: error: port http: 0 is no port number (1 to 65535)
unweld.yaml:7:42: error: port name "12" must be up to 15 lower case letters, digits and -, with a letter among them (for example: ports: {http: 8080})`},
		{"        resources: {requests: {cup: 1, memory: lots}}\n", `unweld.yaml:7:37: error: resource "cup" isn't known (did you mean "cpu"?)
unweld.yaml:7:48: error: memory "lots" is no amount (for example 500m (half a core) or 64Mi)`},
		{"        secrets: {A: {from: hunter2}}\n", `unweld.yaml:7:22: error: secret A doesn't say where its value is kept (name it, never write it out: A: {from: NAME/KEY})`},
		{"        secrets: {A: hunter2}\n", `unweld.yaml:7:22: error: splits.s.units.u.secrets.A must be a mapping of keys to values, not a string
unweld.yaml:7:22: error: secret A doesn't say where its value is kept (name it, never write it out: A: {from: NAME/KEY})`},
		{"        env: {A: b}\n        secrets: {A: {from: x/y}}\n", `unweld.yaml:8:22: error: A is in env and in secrets (leave it in one of the two)`},
		{"        env: {A-B: b, UNWELD_HOST: x, UNWELD_LINK_A: y}\n", `unweld.yaml:7:20: error: "A-B" isn't the name of an environment variable (letters, digits and _)
unweld.yaml:7:36: error: UNWELD_HOST is set by unweld itself (the split says what it is to be)
unweld.yaml:7:54: error: UNWELD_LINK_A is set by unweld itself (the split says what it is to be)`},
	} {
		if got := unit(tt.text); got != tt.want {
			t.Errorf("%s\ngot:\n%s\nwant:\n%s", tt.text, got, tt.want)
		}
	}
}
