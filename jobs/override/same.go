package override

import "reflect"

// same tells whether two values mean the same to Nomad: an empty list is none, and a
// number is one whatever its type. A pointer to zero is not nil: it was set.
func same(a, b any) bool { return sameValue(reflect.ValueOf(a), reflect.ValueOf(b)) }

func sameValue(a, b reflect.Value) bool {
	a, b = settle(a), settle(b)
	if !a.IsValid() || !b.IsValid() {
		return a.IsValid() == b.IsValid()
	}
	if x, ok := asNumber(a); ok {
		y, also := asNumber(b)
		return also && x == y
	}
	switch a.Kind() {
	case reflect.String:
		return b.Kind() == reflect.String && a.String() == b.String()
	case reflect.Bool:
		return b.Kind() == reflect.Bool && a.Bool() == b.Bool()
	case reflect.Slice, reflect.Array:
		return sameLists(a, b)
	case reflect.Map:
		return sameMaps(a, b)
	case reflect.Struct:
		if a.Type() != b.Type() {
			return false
		}
		for i := range a.NumField() {
			if a.Type().Field(i).IsExported() && !sameValue(a.Field(i), b.Field(i)) {
				return false
			}
		}
		return true
	}
	return false
}

// settle goes through pointers, and makes nothing of what is nil or empty.
func settle(v reflect.Value) reflect.Value {
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		if v.IsNil() {
			return reflect.Value{}
		}
		v = v.Elem()
	}
	if (v.Kind() == reflect.Slice || v.Kind() == reflect.Map) && v.Len() == 0 {
		return reflect.Value{}
	}
	return v
}

func asNumber(v reflect.Value) (float64, bool) {
	switch {
	case v.CanInt():
		return float64(v.Int()), true
	case v.CanUint():
		return float64(v.Uint()), true
	case v.CanFloat():
		return v.Float(), true
	}
	return 0, false
}

func sameLists(a, b reflect.Value) bool {
	if b.Kind() != reflect.Slice && b.Kind() != reflect.Array || a.Len() != b.Len() {
		return false
	}
	for i := range a.Len() {
		if !sameValue(a.Index(i), b.Index(i)) {
			return false
		}
	}
	return true
}

func sameMaps(a, b reflect.Value) bool {
	if b.Kind() != reflect.Map || a.Len() != b.Len() || a.Type().Key() != b.Type().Key() {
		return false
	}
	for it := a.MapRange(); it.Next(); {
		if v := b.MapIndex(it.Key()); !v.IsValid() || !sameValue(it.Value(), v) {
			return false
		}
	}
	return true
}
