package storetest

import (
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/stretchr/testify/require"
)

// same requires two values to be equal. Empty slices and maps equal nil ones.
func same(t require.TestingT, want, got any, note ...any) {
	require.Equal(t, tidy(reflect.ValueOf(want)).Interface(), tidy(reflect.ValueOf(got)).Interface(), note...)
}

// tidy returns a copy of v in which every empty slice or map is nil.
func tidy(v reflect.Value) reflect.Value {
	out := reflect.New(v.Type()).Elem()
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return v
		}
		out.Set(reflect.New(v.Type().Elem()))
		out.Elem().Set(tidy(v.Elem()))
	case reflect.Interface:
		if v.IsNil() {
			return v
		}
		out.Set(tidy(v.Elem()))
	case reflect.Slice:
		if v.Len() == 0 {
			return out
		}
		out.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
		for i := range v.Len() {
			out.Index(i).Set(tidy(v.Index(i)))
		}
	case reflect.Map:
		if v.Len() == 0 {
			return out
		}
		out.Set(reflect.MakeMap(v.Type()))
		for it := v.MapRange(); it.Next(); {
			out.SetMapIndex(it.Key(), tidy(it.Value()))
		}
	case reflect.Struct:
		out.Set(v)
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				out.Field(i).Set(tidy(v.Field(i)))
			}
		}
	default:
		return v
	}
	return out
}

// filled requires every field of a sample to hold a value, down to the first element of each slice. So no store can
// forget a field that is added later. Fields named in but ("Restraints.Torn") may be empty.
func filled(t require.TestingT, v any, but ...string) {
	require.Empty(t, hollow(reflect.ValueOf(v), "", but), "the sample leaves fields empty")
}

func hollow(v reflect.Value, path string, but []string) []string {
	if slices.Contains(but, path) {
		return nil
	}
	if v.IsZero() || v.Kind() == reflect.Slice && v.Len() == 0 {
		return []string{path}
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.Elem().Kind() != reflect.Struct {
			return nil // a pointer tells false from absent
		}
		return hollow(v.Elem(), path, but)
	case reflect.Slice:
		return hollow(v.Index(0), path, but)
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return nil
		}
		var all []string
		for i := range v.NumField() {
			name := v.Type().Field(i).Name
			if path != "" {
				name = fmt.Sprintf("%s.%s", path, name)
			}
			all = append(all, hollow(v.Field(i), name, but)...)
		}
		return all
	}
	return nil
}
