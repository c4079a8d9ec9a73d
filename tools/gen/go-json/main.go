// Prints, as JSON, how Go's encoding/json writes each field of the Kubernetes API types: the facts that the
// OpenAPI document of the API server leaves out (which zero values vanish, which are always written).
package main

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/scheme"
	aggregator "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
)

type named interface{ OpenAPIModelName() string }

var marshaler = reflect.TypeOf((*json.Marshaler)(nil)).Elem()
var namedType = reflect.TypeOf((*named)(nil)).Elem()

// One letter a field: how its zero value is written.
//
//	a always written    z zero dropped (plain value with omitempty)    p nil dropped, zero kept (pointer)
//	s struct, always written, recursively    o struct dropped when zero (omitzero)
//	e empty list or map dropped    n nil list or map written as null    q pointer without omitempty: null
//	b bytes with omitempty    B bytes without
var types = map[string]map[string]string{}
var seen = map[reflect.Type]bool{}

func modelName(t reflect.Type) string {
	if t.Implements(namedType) {
		return reflect.New(t).Elem().Interface().(named).OpenAPIModelName()
	}
	if reflect.PointerTo(t).Implements(namedType) {
		return reflect.New(t).Interface().(named).OpenAPIModelName()
	}
	return ""
}

func visit(t reflect.Type) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map || t.Kind() == reflect.Array {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || seen[t] || reflect.PointerTo(t).Implements(marshaler) {
		return
	}
	seen[t] = true
	fields := map[string]string{}
	collect(t, fields)
	if name := modelName(t); name != "" && len(fields) > 0 {
		types[name] = fields
	}
}

func collect(t reflect.Type, fields map[string]string) {
	for i := 0; i < t.NumField(); i++ {
		f := t.Field(i)
		tag, ok := f.Tag.Lookup("json")
		if tag == "-" || (!ok && !f.Anonymous) {
			continue
		}
		parts := strings.Split(tag, ",")
		if f.Anonymous && parts[0] == "" {
			inner := f.Type
			if inner.Kind() == reflect.Pointer {
				inner = inner.Elem()
			}
			visit(inner)
			collect(inner, fields)
			continue
		}
		if parts[0] == "" {
			continue
		}
		fields[parts[0]] = letter(f.Type, parts[1:])
		visit(f.Type)
	}
}

func letter(t reflect.Type, options []string) string {
	empty, zero := false, false
	for _, o := range options {
		empty = empty || o == "omitempty"
		zero = zero || o == "omitzero"
	}
	switch t.Kind() {
	case reflect.Pointer, reflect.Interface:
		if empty || zero {
			return "p"
		}
		return "q"
	case reflect.Slice, reflect.Map:
		if t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8 {
			if empty || zero {
				return "b"
			}
			return "B"
		}
		if empty || zero {
			return "e"
		}
		return "n"
	case reflect.Struct:
		if zero {
			return "o"
		}
		return "s"
	}
	if empty || zero {
		return "z"
	}
	return "a"
}

func main() {
	s := runtime.NewScheme()
	_ = scheme.AddToScheme(s)
	_ = apiextensions.AddToScheme(s)
	_ = aggregator.AddToScheme(s)
	for gvk, t := range s.AllKnownTypes() {
		if !strings.Contains(gvk.Version, "alpha") {
			visit(t)
		}
	}
	visit(reflect.TypeOf(metav1.Status{}))
	out := json.NewEncoder(os.Stdout)
	_ = out.Encode(types)
}
