package thread

import "testing"

func TestDeeds(t *testing.T) {
	for name, want := range map[string]string{
		"LoadSession":     "unable to load session",
		"Session":         "unable to get session",
		"IsValidUsername": "unable to check valid username",
		"HasInstance":     "unable to check instance",
		"Issue":           "unable to issue",
		"IsolatedRun":     "unable to get isolated run",
	} {
		if got := (message{words(name)}).like("unable to open"); got != want {
			t.Errorf("a failure of %s is said as %q, want %q", name, got, want)
		}
	}
}
