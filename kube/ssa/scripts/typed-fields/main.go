// Prints how the Go types of Kubernetes' client scheme read and write JSON: field names, kinds and omit rules.
// Server-side apply by kustomize-controller passes built-in objects through these types first, so what they drop and add
// is visible in managedFields. Run: go run . > ../../src/normalize/typed-fields.generated.json
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"sort"
	"strings"

	"k8s.io/client-go/kubernetes/scheme"
)

var unmarshaler = reflect.TypeOf((*json.Unmarshaler)(nil)).Elem()

// Letters of scalars; a struct is "#<index>", "[" a list, "{" a map with string keys, "*" a pointer.
var special = map[string]string{
	"v1.Time":              "t",
	"v1.MicroTime":         "u",
	"v1.Duration":          "d",
	"v1.FieldsV1":          "a",
	"resource.Quantity":    "q",
	"intstr.IntOrString":   "o",
	"runtime.RawExtension": "a",
	"runtime.Unknown":      "a",
	"v1.Verbs":             "[s",
}

var index = map[reflect.Type]int{}
var types [][]string

func expression(t reflect.Type) string {
	if s, ok := special[t.String()]; ok {
		return s
	}
	if reflect.PointerTo(t).Implements(unmarshaler) && t.Kind() != reflect.Pointer {
		fmt.Fprintln(os.Stderr, "custom JSON:", t.String())
		return "a"
	}
	switch t.Kind() {
	case reflect.String:
		return "s"
	case reflect.Bool:
		return "b"
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return "i"
	case reflect.Float32, reflect.Float64:
		return "f"
	case reflect.Interface:
		return "a"
	case reflect.Pointer:
		return "*" + expression(t.Elem())
	case reflect.Map:
		return "{" + expression(t.Elem())
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return "y"
		}
		return "[" + expression(t.Elem())
	case reflect.Struct:
		return fmt.Sprintf("#%d", structIndex(t))
	}
	panic(t.String())
}

func structIndex(t reflect.Type) int {
	if i, ok := index[t]; ok {
		return i
	}
	i := len(types)
	index[t] = i
	types = append(types, nil)
	types[i] = fields(t)
	return i
}

func fields(t reflect.Type) []string {
	var out []string
	for i := 0; i < t.NumField(); i++ {
		f := t.Field(i)
		parts := strings.Split(f.Tag.Get("json"), ",")
		name := parts[0]
		if name == "-" {
			continue
		}
		if name == "" && f.Anonymous {
			out = append(out, fields(f.Type)...)
			continue
		}
		if name == "" {
			name = f.Name
		}
		flag := ""
		for _, p := range parts[1:] {
			if p == "omitempty" && flag == "" {
				flag = "?"
			}
			if p == "omitzero" {
				flag = "~"
			}
		}
		out = append(out, name+" "+flag+expression(f.Type))
	}
	return out
}

func main() {
	kinds := map[string]int{}
	known := scheme.Scheme.AllKnownTypes()
	gvks := []string{}
	byName := map[string]reflect.Type{}
	for gvk, t := range known {
		if gvk.Version == "__internal" || gvk.Version == "" || strings.HasSuffix(gvk.Kind, "Options") || gvk.Kind == "WatchEvent" {
			continue
		}
		if f, ok := t.FieldByName("ObjectMeta"); !ok || !f.Anonymous {
			if _, ok := t.FieldByName("ObjectMeta"); !ok {
				continue
			}
		}
		name := gvk.GroupVersion().String() + "/" + gvk.Kind
		gvks = append(gvks, name)
		byName[name] = t
	}
	sort.Strings(gvks)
	for _, name := range gvks {
		kinds[name] = structIndex(byName[name])
	}
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	if err := out.Encode(map[string]any{"kinds": kinds, "types": types}); err != nil {
		panic(err)
	}
}
