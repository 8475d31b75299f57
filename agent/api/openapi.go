package api

import (
	"encoding/json"
	"net/http"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"github.com/dentropy/dcloud/agent"
)

// object is a JSON object. encoding/json sorts its keys, so that the document is
// the same each time.
type object = map[string]any

var pathParam = regexp.MustCompile(`:([a-z]+)`)

// openAPI returns the OpenAPI 3.1 document of the routes,
// https://spec.openapis.org/oas/v3.1.0.
func openAPI(table []route, version string) ([]byte, error) {
	schemas := newSchemas()
	paths := object{}
	for _, r := range table {
		path := pathParam.ReplaceAllString(r.path, "{$1}")
		item, ok := paths[path].(object)
		if !ok {
			item = object{}
			paths[path] = item
		}
		item[strings.ToLower(r.method)] = r.operation(schemas)
	}
	if version == "" {
		version = "0"
	}
	return json.MarshalIndent(object{
		"openapi": "3.1.0",
		"info": object{
			"title":       "Dentropy Cloud",
			"version":     version,
			"description": "The control service of a cloud. On a server it is also served on the agent's Unix socket, where no token is needed.",
			"license":     object{"name": "Apache-2.0", "identifier": "Apache-2.0"},
		},
		"servers":  []object{{"url": "/"}},
		"security": []object{{"token": []string{}}},
		"paths":    paths,
		"components": object{
			"schemas": schemas.all,
			"responses": object{"Error": object{
				"description": "What went wrong, and what to do next",
				"content":     jsonContent(schemas.of(reflect.TypeFor[errorBody]())),
			}},
			"securitySchemes": object{"token": object{"type": "http", "scheme": "bearer"}},
		},
	}, "", " ")
}

// operation is one route's part of the document.
func (r route) operation(schemas *schemas) object {
	op := object{"operationId": r.id, "summary": r.summary, "responses": r.responses(schemas)}
	if r.details != "" {
		op["description"] = r.details
	}
	if r.action == open {
		op["security"] = []object{}
	}
	if params := r.parameters(); len(params) > 0 {
		op["parameters"] = params
	}
	if r.in != nil {
		schema := schemas.ofRequest(r.in)
		// What goes over the WebSocket is described, but is not the request's body.
		if r.method != "GET" {
			op["requestBody"] = object{"required": true, "content": jsonContent(schema)}
		}
	}
	return op
}

func (r route) parameters() []object {
	var params []object
	for _, match := range pathParam.FindAllStringSubmatch(r.path, -1) {
		params = append(params, object{"name": match[1], "in": "path", "required": true,
			"schema": object{"type": "string", "pattern": r.paramPattern(match[1]).String()}})
	}
	for _, p := range r.query {
		schema := object{"type": p.kind}
		if p.kind == "integer" {
			schema["minimum"] = 0
		}
		params = append(params, object{"name": p.name, "in": "query", "description": p.about, "schema": schema})
	}
	return params
}

// responses are the success and the errors that this route can come to.
func (r route) responses(schemas *schemas) object {
	success := object{"description": r.summary}
	switch {
	case r.out != nil && r.media != "":
		success["content"] = object{r.media: object{"schema": schemas.of(r.out)}}
	case r.out != nil:
		schemas.of(r.out)
	}
	all := object{strconv.Itoa(r.status): success}
	if r.action == open && r.in == nil {
		return all
	}
	if r.action != open {
		all[strconv.Itoa(http.StatusForbidden)] = object{"$ref": "#/components/responses/Error"}
	}
	codes := []string{agent.CodeInvalid, agent.CodeUnauthorized, agent.CodeInternal, agent.CodeUnavailable}
	if strings.Contains(r.path, ":") {
		codes = append(codes, agent.CodeNotFound)
	}
	if r.method != "GET" {
		codes = append(codes, agent.CodeNotFound, agent.CodeConflict, agent.CodeFailed)
	}
	for _, code := range codes {
		status := (&agent.Error{Code: code}).HTTPStatus()
		all[strconv.Itoa(status)] = object{"$ref": "#/components/responses/Error"}
	}
	return all
}

func jsonContent(schema object) object {
	return object{"application/json": object{"schema": schema}}
}
