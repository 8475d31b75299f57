package api

import (
	"reflect"
	"strings"
	"time"

	"github.com/dentropy/dcloud/agent"
)

// schemas collects the JSON Schemas of Go types, by the type's name.
type schemas struct{ all object }

func newSchemas() *schemas { return &schemas{all: object{}} }

// notes are what a field's Go type does not say: its values, or that it may be
// left out. Keys are TYPE.field, with the field as JSON has it.
var notes = map[string]object{
	"App.state":    {"enum": appStates},
	"Event.state":  {"enum": []string{agent.EventStarted, agent.EventProgress, agent.EventDone, agent.EventFailed}},
	"Engine.state": {"enum": []string{agent.EngineStarting, agent.EngineReady, agent.EngineFailing, agent.EngineBackoff, agent.EngineStopped}},
	"Error.code": {"enum": []string{agent.CodeInvalid, agent.CodeUnauthorized, agent.CodeNotFound, agent.CodeConflict,
		agent.CodeFailed, agent.CodeUnavailable, agent.CodeInternal}},
	"Event.percent":        {"description": "of the whole operation", "minimum": 0, "maximum": 100},
	"Event.id":             {"description": "grows with time on one agent"},
	"Event.final":          {"description": "nothing follows in this operation"},
	"ExecControl.type":     {"enum": []string{controlResize, controlStdinClose, controlHeartbeat, controlExit, controlError}},
	"App.url":              {"description": "empty where the app exposes nothing"},
	"Event.app":            {"description": "empty for an operation on a machine"},
	"Event.node":           {"description": "the machine, for an operation on one"},
	"Operation.name":       {"description": "the app; empty for an operation on a machine"},
	"Operation.node":       {"description": "the machine, for an operation on one"},
	"Node.state":           {"enum": []string{agent.NodeJoining, agent.NodeReady, agent.NodeDown, agent.NodeDraining, agent.NodeLeft}},
	"TokenRequest.ttl_ns":  {"description": "how long it can be used, in nanoseconds; an hour unless said, at most 30 days", "minimum": 0},
	"User.role":            {"enum": agent.Roles()},
	"Activity.outcome":     {"enum": []string{agent.OutcomeRunning, agent.OutcomeDone, agent.OutcomeFailed}},
	"Activity.actor":       {"description": "empty for the cloud itself"},
	"Settings.accent":      {"enum": agent.Accents()},
	"Notify.smtp_password": {"description": "goes in and never comes out", "writeOnly": true},
	"Usage.step_ns":        {"description": "between two points, in nanoseconds"},
	"Usage.times":          {"description": "in Unix seconds"},
	"Store.format":         {"enum": agent.StoreFormats()},
	"StoreNote.kind":       {"enum": []string{"risky", "dropped", "changed", "info"}},
	"Change.op":            {"enum": []string{agent.DiffAdded, agent.DiffChanged, agent.DiffRemoved}},
	"Verdict.do": {"enum": []string{agent.VerdictNothing, agent.VerdictInPlace, agent.VerdictRestart, agent.VerdictPlace,
		agent.VerdictStop, agent.VerdictBlocked}},
	"TokenRequest.uses": {"description": "how many machines may join with it; 1 unless said", "minimum": 0, "maximum": 100},
}

var appStates = []string{agent.StateInstalling, agent.StateRunning, agent.StateDegraded, agent.StateStopped, agent.StateFailed}

// optional are fields without omitempty that may be missing all the same: a log
// stream's last line may hold nothing but an error.
var optional = map[string]bool{
	"ExecStart.tty": true, "ExecStart.stdin": true,
	"LogMessage.service": true, "LogMessage.stream": true, "LogMessage.time": true, "LogMessage.text": true,
}

// ofRequest is the schema of a type that is sent to us: nothing else may be in it.
func (s *schemas) ofRequest(t reflect.Type) object {
	ref := s.of(t)
	s.all[schemaName(t)].(object)["additionalProperties"] = false
	return ref
}

// of returns the schema of t; a struct's is kept, and referred to.
func (s *schemas) of(t reflect.Type) object {
	switch {
	case t == reflect.TypeFor[time.Time]():
		return object{"type": "string", "format": "date-time"}
	case t == reflect.TypeFor[[]byte](): // as encoding/json writes it
		return object{"type": "string", "contentEncoding": "base64"}
	case t == reflect.TypeFor[[]*float64]():
		return object{"type": "array", "items": object{"type": []string{"number", "null"}}}
	case t.Kind() == reflect.Pointer:
		return s.of(t.Elem())
	case t.Kind() == reflect.Slice:
		return object{"type": "array", "items": s.of(t.Elem())}
	case t.Kind() == reflect.Map && t.Elem().Kind() == reflect.Interface:
		return object{"type": "object"}
	case t.Kind() == reflect.Map:
		return object{"type": "object", "additionalProperties": s.of(t.Elem())}
	case t.Kind() == reflect.Struct:
		return s.ofStruct(t)
	case t.Kind() == reflect.Bool:
		return object{"type": "boolean"}
	case t.Kind() == reflect.String:
		return object{"type": "string"}
	case t.Kind() == reflect.Int, t.Kind() == reflect.Int64: // time.Duration is in nanoseconds
		return object{"type": "integer"}
	case t.Kind() == reflect.Float64:
		return object{"type": "number"}
	case t.Kind() == reflect.Uint64:
		return object{"type": "integer", "minimum": 0}
	}
	panic("api: no JSON Schema for " + t.String())
}

func (s *schemas) ofStruct(t reflect.Type) object {
	name := schemaName(t)
	ref := object{"$ref": "#/components/schemas/" + name}
	if _, ok := s.all[name]; ok {
		return ref
	}
	schema := object{"type": "object"}
	s.all[name] = schema // before the fields, which may refer to it
	properties, required := object{}, []string{}
	for _, f := range jsonFields(t) {
		key := name + "." + f.name
		field := s.of(f.kind)
		// Go writes a list or map that nobody made as null.
		if kind, ok := field["type"].(string); ok && !f.omitempty && (kind == "array" || kind == "object") {
			field["type"] = []string{kind, "null"}
		}
		for k, v := range notes[f.owner+"."+f.name] {
			field[k] = v
		}
		properties[f.name] = field
		if !f.omitempty && !optional[key] {
			required = append(required, f.name)
		}
	}
	schema["properties"] = properties
	if len(required) > 0 {
		schema["required"] = required
	}
	return ref
}

// jsonField is a field as encoding/json sees it; owner is the schema name of the
// struct that declares it, which for an embedded field is not the outer one.
type jsonField struct {
	owner, name string
	kind        reflect.Type
	omitempty   bool
}

func jsonFields(t reflect.Type) []jsonField {
	var fields []jsonField
	for i := range t.NumField() {
		f := t.Field(i)
		tag, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous && tag == "":
			fields = append(fields, jsonFields(f.Type)...)
		case f.IsExported() && tag != "-" && tag != "":
			fields = append(fields, jsonField{owner: schemaName(t), name: tag, kind: f.Type,
				omitempty: strings.Contains(options, "omitempty") || strings.Contains(options, "omitzero")})
		}
	}
	return fields
}

// schemaName is the Go name with a capital.
func schemaName(t reflect.Type) string {
	return strings.ToUpper(t.Name()[:1]) + t.Name()[1:]
}
