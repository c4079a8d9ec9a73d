// Prints, as JSON, the fields of the API server's internal types in the order of their declaration: messages about immutable
// fields show these types instead of those that clients send.
package main

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/kubernetes/pkg/apis/core"
)

var marshaler = reflect.TypeOf((*json.Marshaler)(nil)).Elem()

// By type: "Name json kind type" for each field. The json name is that of the field in the versioned type; with ^ it is a field
// of the object around. Kinds:
//
//	s string    n number    b boolean    p pointer    l list    m map    o struct    e struct whose fields stand here    j JSON as it is
var types = map[string][]string{}

// The versioned types that hold the same data.
var versioned = map[string]reflect.Type{}

func collect(t reflect.Type, seen map[reflect.Type]bool) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || seen[t] {
		return
	}
	seen[t] = true
	versioned[t.Name()] = t
	for i := 0; i < t.NumField(); i++ {
		collect(t.Field(i).Type, seen)
	}
}

func element(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
		t = t.Elem()
	}
	return t
}

func isInternal(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && strings.HasSuffix(t.PkgPath(), "/pkg/apis/core")
}

func kindOf(f reflect.StructField) string {
	t := f.Type
	switch t.Kind() {
	case reflect.String:
		return "s"
	case reflect.Bool:
		return "b"
	case reflect.Pointer:
		return "p"
	case reflect.Slice:
		return "l"
	case reflect.Map:
		return "m"
	case reflect.Struct:
		if f.Anonymous {
			return "e"
		}
		if isInternal(t) {
			return "o"
		}
		return "j"
	}
	return "n"
}

func jsonName(owner reflect.Type, f reflect.StructField) string {
	lower := strings.ToLower(f.Name[:1]) + f.Name[1:]
	t, ok := versioned[owner.Name()]
	if !ok {
		return lower
	}
	found, ok := t.FieldByName(f.Name)
	if !ok {
		return "^" + lower
	}
	return strings.Split(found.Tag.Get("json"), ",")[0]
}

func visit(t reflect.Type) {
	if !isInternal(t) || types[t.Name()] != nil {
		return
	}
	fields := []string{}
	types[t.Name()] = fields
	for i := 0; i < t.NumField(); i++ {
		f := t.Field(i)
		e := element(f.Type)
		parts := []string{f.Name, jsonName(t, f), kindOf(f)}
		if isInternal(e) {
			parts = append(parts, e.Name())
		}
		fields = append(fields, strings.Join(parts, " "))
	}
	types[t.Name()] = fields
	for i := 0; i < t.NumField(); i++ {
		visit(element(t.Field(i).Type))
	}
}

func main() {
	seen := map[reflect.Type]bool{}
	for _, example := range []any{v1.PodTemplateSpec{}, v1.PersistentVolumeSpec{}, v1.PersistentVolumeClaimSpec{}, metav1.ObjectMeta{}} {
		collect(reflect.TypeOf(example), seen)
	}
	for _, example := range []any{core.PodTemplateSpec{}, core.PersistentVolumeSource{}, core.PersistentVolumeClaimSpec{}} {
		visit(reflect.TypeOf(example))
	}
	out, _ := json.Marshal(types)
	os.Stdout.Write(append(out, '\n'))
}
