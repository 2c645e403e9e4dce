package kubernetes

// An object is one of a cluster, or a part of one, by the names of its fields in
// the Kubernetes API reference. The Go types of that API would make the command
// three megabytes larger for the few fields that are written here; the tests hold
// the objects to them.
type object map[string]any

// with adds a field, unless it is empty.
func (o object) with(field string, value object) object {
	if len(value) > 0 {
		o[field] = value
	}
	return o
}

// list adds a field that is a list, unless it is empty.
func (o object) list(field string, values []object) object {
	if len(values) > 0 {
		o[field] = values
	}
	return o
}
