package split

import (
	"reflect"
	"strings"
)

// keyDocs say what each key of unweld.yaml is for, by the type that it is in. The schema,
// and completion and hover in editors, show them.
var keyDocs = map[reflect.Type]map[string]string{
	reflect.TypeFor[Config](): {
		"version":    "The version of this format: 1.",
		"components": "The parts of the program that can run in processes of their own, by name. Packages that no component has are found by unweld find.",
		"rules":      "What unweld check holds the code to.",
		"splits":     "Which components run in one process, by the name of the split.",
		"editor":     "What editors say of the module without being asked.",
	},
	reflect.TypeFor[Component](): {
		"packages": "Patterns of its packages, as ./orders or ./orders/... with all below. The narrower pattern counts where two match.",
		"contract": "The interface by which others use it, as ./orders.Service.",
		"owner":    "Who looks after it. For readers only.",
		"options":  "Settings of its bindings, and under otel of what OpenTelemetry is told, by binding and name.",
	},
	reflect.TypeFor[Editor](): {
		"split": "The split whose hazards editors show.",
	},
	reflect.TypeFor[Rules](): {
		"allow":   "Which components a component may use. One that isn't listed may use all; \"*\" stands for all.",
		"layers":  "Components from top to bottom: each may use those below it only.",
		"private": "Folders that only the component which they belong to may use, with all below.",
		"tests":   "Whether tests are held to the rules, too. They are, unless this is false.",
	},
	reflect.TypeFor[Split](): {
		"units": "The processes of the split, by name, with their components.",
		"links": "How a component is reached from other units, by its name: a binding, or an address.",
	},
	reflect.TypeFor[Unit](): {
		"components": "The components that run here. \"*\" is all that no other unit claims.",
		"endpoints":  "Single endpoints that are served here beside the unit of their component, as pricing.Quote.",
		"packaging":  "In what form the program gets there.",
		"runtime":    "What runs it.",
		"isolation":  "What parts it from other units.",
		"state":      "Where the state of its components is kept.",
		"scale":      "How many processes of this unit there are.",
		"env":        "Environment variables.",
		"image":      "The image of its container.",
		"ports":      "Ports at which the program itself listens, by name.",
		"resources":  "What each of its processes gets, and no more.",
		"secrets":    "Environment variables whose values are kept elsewhere.",
	},
	reflect.TypeFor[Resources](): {
		"requests": "What is guaranteed: cpu in cores (0.5, 500m), memory in bytes (64Mi).",
		"limits":   "What is never exceeded: cpu in cores (0.5, 500m), memory in bytes (64Mi).",
	},
	reflect.TypeFor[Secret](): {
		"from": "Its name in the target's secret store: NAME/KEY.",
	},
	reflect.TypeFor[State](): {
		"store": "What keeps the state: memory, or a store that unweld state has generated.",
		"path":  "A file, a folder in which each component has one, or an address.",
	},
	reflect.TypeFor[Scale](): {
		"min":    "The least number of processes.",
		"max":    "The greatest number of processes.",
		"target": "By what their number is chosen, and the value to be held.",
	},
}

// typeAt returns the type of what stands at a path of keys and "-" for the items of lists,
// and what the last key is for; nil for a path that can't be.
func typeAt(path []string) (t reflect.Type, doc string) {
	t = reflect.TypeFor[Config]()
	for _, step := range path {
		for t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		switch t.Kind() {
		case reflect.Struct:
			next := reflect.Type(nil)
			for f := range t.Fields() {
				if name, _, _ := strings.Cut(f.Tag.Get("yaml"), ","); name == step {
					next, doc = f.Type, keyDocs[t][name]
				}
			}
			if t = next; t == nil {
				return nil, ""
			}
		case reflect.Map:
			if step == "-" {
				return nil, ""
			}
			t, doc = t.Elem(), ""
		case reflect.Slice:
			if step != "-" {
				return nil, ""
			}
			t = t.Elem()
		default:
			return nil, ""
		}
	}
	return t, doc
}
