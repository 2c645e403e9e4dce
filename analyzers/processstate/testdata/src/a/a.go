package a

import (
	"os/exec"
	"reflect"
	"time"
)

type Task struct{ After *time.Timer }

type Service interface {
	Plain(d time.Duration) error
	Start() (*exec.Cmd, error) // want `Start: Cmd \(exec.Cmd\): in one process .*, across a process`
	Put(t Task) error          // want `Put: Task.After \(time.Timer\)`
	Value(v []reflect.Value)   // want `Value\(v\)\[\] \(reflect.Value\)`
}
