package split

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// What a unit needs from its target, as far as its form can be checked here.
var (
	variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	portName     = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,13}[a-z0-9])?$`)
	secretRef    = regexp.MustCompile(`^[a-z0-9]([a-z0-9.-]*[a-z0-9])?/[A-Za-z0-9._-]+$`)
	quantity     = regexp.MustCompile(`^([0-9]+(\.[0-9]*)?|\.[0-9]+)(m|k|M|G|T|Ki|Mi|Gi|Ti)?$`)
	imageRef     = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._:/@-]*$`)
)

var resourceNames = []string{"cpu", "memory"}

// reserved begin the environment variables by which a unit is told what it is.
var reserved = []string{"UNWELD_SPLIT", "UNWELD_UNIT", "UNWELD_HOST", "UNWELD_STANDBY", "UNWELD_ENTRY", "UNWELD_CONTROL", "UNWELD_LINK_", "UNWELD_STATE_"}

// validateNeeds checks what a unit at the path wants to be given.
func (d *decoder) validateNeeds(u Unit, at string) {
	problem := func(where, message, hint string) { d.problem(d.spans[at+where], "config-value", message, hint) }
	if u.Image != "" && !imageRef.MatchString(u.Image) {
		problem(".image", fmt.Sprintf("%q isn't the name of an image", u.Image), "write it as registry/name:tag")
	}
	for _, name := range sortedKeys(u.Ports) {
		where := ".ports." + name
		if !portName.MatchString(name) || !strings.ContainsAny(name, "abcdefghijklmnopqrstuvwxyz") {
			problem(where, fmt.Sprintf("port name %q must be up to 15 lower case letters, digits and -, with a letter among them", name), "for example: ports: {http: 8080}")
		}
		if n := u.Ports[name]; n < 1 || n > 65535 {
			problem(where, fmt.Sprintf("port %s: %d is no port number", name, n), "1 to 65535")
		}
	}
	for _, name := range sortedKeys(u.Env) {
		d.validateVariable(at+".env."+name, name)
	}
	for _, name := range sortedKeys(u.Secrets) {
		where := ".secrets." + name
		d.validateVariable(at+where, name)
		if !secretRef.MatchString(u.Secrets[name].From) { // which isn't repeated here: it may be the value
			problem(where, fmt.Sprintf("secret %s doesn't say where its value is kept", name), "name it, never write it out: "+name+": {from: NAME/KEY}")
		}
		if _, twice := u.Env[name]; twice {
			problem(where, name+" is in env and in secrets", "leave it in one of the two")
		}
	}
	d.validateResources(u.Resources.Requests, at+".resources.requests")
	d.validateResources(u.Resources.Limits, at+".resources.limits")
}

func (d *decoder) validateVariable(at, name string) {
	if !variableName.MatchString(name) {
		d.problem(d.spans[at], "config-value", fmt.Sprintf("%q isn't the name of an environment variable", name), "letters, digits and _")
	}
	if slices.ContainsFunc(reserved, func(r string) bool { return name == r || strings.HasSuffix(r, "_") && strings.HasPrefix(name, r) }) {
		d.problem(d.spans[at], "config-value", name+" is set by unweld itself", "the split says what it is to be")
	}
}

func (d *decoder) validateResources(amounts map[string]string, at string) {
	for _, name := range sortedKeys(amounts) {
		if !slices.Contains(resourceNames, name) {
			d.problem(d.spans[at+"."+name], "config-value", fmt.Sprintf("resource %q isn't known", name), near(name, resourceNames, "one of "+strings.Join(resourceNames, ", ")))
		} else if !quantity.MatchString(amounts[name]) {
			d.problem(d.spans[at+"."+name], "config-value", fmt.Sprintf("%s %q is no amount", name, amounts[name]), "for example 500m (half a core) or 64Mi")
		}
	}
}
