package api

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestTheDocumentDescribesEachRouteAndNothingElse(t *testing.T) {
	s := New(&fake{}, Options{Version: "1.2.3"})
	b, err := s.openapi()
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		OpenAPI string
		Paths   map[string]map[string]struct{ OperationID string }
	}
	if err := json.Unmarshal(b, &doc); err != nil {
		t.Fatal(err)
	}
	var described, routed, ids []string
	for path, item := range doc.Paths {
		for method, op := range item {
			described = append(described, strings.ToUpper(method)+" "+path)
			ids = append(ids, op.OperationID)
		}
	}
	for _, r := range s.echo.Routes() {
		routed = append(routed, r.Method+" "+pathParam.ReplaceAllString(r.Path, "{$1}"))
	}
	slices.Sort(described)
	slices.Sort(routed)
	if doc.OpenAPI != "3.1.0" || len(routed) < 20 || !slices.Equal(described, routed) {
		t.Errorf("described:\n%q\nrouted:\n%q", described, routed)
	}
	slices.Sort(ids)
	if len(slices.Compact(ids)) != len(described) {
		t.Errorf("an operationId is there twice: %q", ids)
	}
}

func TestEachReferenceOfTheDocumentResolves(t *testing.T) {
	s := New(&fake{}, Options{})
	b, err := s.openapi()
	if err != nil {
		t.Fatal(err)
	}
	var doc any
	if err := json.Unmarshal(b, &doc); err != nil {
		t.Fatal(err)
	}
	found := 0
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, e := range v {
				walk(e)
			}
		case map[string]any:
			if ref, ok := v["$ref"].(string); ok {
				found++
				at := doc
				for _, step := range strings.Split(strings.TrimPrefix(ref, "#/"), "/") {
					m, _ := at.(map[string]any)
					at = m[step]
				}
				if at == nil {
					t.Errorf("%s leads nowhere", ref)
				}
			}
			for _, e := range v {
				walk(e)
			}
		}
	}
	walk(doc)
	if found < 20 {
		t.Errorf("only %d references", found)
	}
}

func TestEachNoteOnAFieldIsAboutAFieldThatExists(t *testing.T) {
	schemas := newSchemas()
	known := map[string]bool{}
	var visit func(reflect.Type)
	visit = func(typ reflect.Type) {
		for typ.Kind() == reflect.Slice || typ.Kind() == reflect.Pointer || typ.Kind() == reflect.Map {
			typ = typ.Elem()
		}
		if typ.Kind() != reflect.Struct || typ.Name() == "Time" {
			return
		}
		for _, f := range jsonFields(typ) {
			known[f.owner+"."+f.name] = true
			known[schemaName(typ)+"."+f.name] = true
			visit(f.kind)
		}
	}
	visit(reflect.TypeFor[errorBody]())
	for _, r := range New(&fake{}, Options{}).table {
		for _, typ := range []reflect.Type{r.in, r.out} {
			if typ != nil {
				schemas.of(typ)
				visit(typ)
			}
		}
	}
	for key := range notes {
		if !known[key] {
			t.Errorf("a note is about %s, which does not exist", key)
		}
	}
	for key := range optional {
		if !known[key] {
			t.Errorf("optional names %s, which does not exist", key)
		}
	}
}
