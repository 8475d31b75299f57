package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/dentropy/dcloud/agent"
	"github.com/labstack/echo/v4"
)

// maxBody bounds a request's body, and what is read of an error.
const maxBody = 1 << 20

// maxTail bounds ?tail=: more lines than that are asked for with tail=0, all.
const maxTail = 1_000_000

var (
	namePattern = regexp.MustCompile(`^[a-z][a-z0-9-]{0,39}$`)
	// nodePattern is that of machines, whose names come from their host names: a label
	// of RFC 1123.
	nodePattern = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)
)

// checkNode is checkName for a machine.
func checkNode(name string) error {
	if nodePattern.MatchString(name) {
		return nil
	}
	return agent.Errorf(agent.CodeInvalid, "%q cannot be the name of a machine: lower-case letters, digits and dashes, at most 63", shown(name)).
		WithHint("see the names with: dcloud node list")
}

// userPattern is that of people's names.
var userPattern = regexp.MustCompile(`^[a-z][a-z0-9-]{0,31}$`)

// checkUser is checkName for a person.
func checkUser(name string) error {
	if userPattern.MatchString(name) {
		return nil
	}
	return agent.Errorf(agent.CodeInvalid, "%q cannot be somebody's name to sign in with: lower-case letters, digits and dashes, a letter first, at most 32", shown(name)).
		WithHint("see the names with: dcloud user list")
}

// checkEntry is checkName for an entry of the catalog, or STORE/ENTRY of a store's.
func checkEntry(name string) error {
	store, entry, isIn := strings.Cut(name, "/")
	if isIn && namePattern.MatchString(store) {
		return checkName("a store's entry", entry)
	}
	return checkName("a catalog entry", name)
}

// checkStore is checkName for a store.
func checkStore(name string) error {
	if namePattern.MatchString(name) {
		return nil
	}
	return agent.Errorf(agent.CodeInvalid, "%q cannot be the name of a store: lower-case letters, digits and dashes, a letter first, at most 40", shown(name)).
		WithHint("see the names with: dcloud catalog store list")
}

// paramPattern is what a parameter of the route's path may be.
func (r route) paramPattern(param string) *regexp.Regexp {
	switch {
	case param == "id":
		return idPattern
	case strings.HasPrefix(r.path, "/v1/nodes/:name"):
		return nodePattern
	case strings.HasPrefix(r.path, "/v1/users/:name"):
		return userPattern
	}
	return namePattern
}

// checkParam refuses what cannot be the value of a parameter of the route's path.
func (r route) checkParam(param, value string) error {
	switch r.paramPattern(param) {
	case idPattern:
		if !idPattern.MatchString(value) {
			return agent.Errorf(agent.CodeInvalid, "%q cannot be an ID", shown(value))
		}
		return nil
	case nodePattern:
		return checkNode(value)
	case userPattern:
		return checkUser(value)
	}
	switch {
	case param == "entry":
		return checkName("a catalog entry", value)
	case param == "store", strings.HasPrefix(r.path, "/v1/stores/"):
		return checkStore(value)
	}
	return checkName("an app", value)
}

// checkName refuses what cannot be the name of an app, an entry or a service, before
// it gets anywhere. what says in words what it should name.
func checkName(what, name string) error {
	if namePattern.MatchString(name) {
		return nil
	}
	return agent.Errorf(agent.CodeInvalid, "%q cannot be the name of %s: lower-case letters, digits and dashes, a letter first, at most 40", shown(name), what).
		WithHint("see the names with: dcloud app list")
}

// readBody decodes a request's body of up to that many bytes into a T. It has that long
// to arrive.
func readBody[T any](c echo.Context, most int64, within time.Duration) (T, error) {
	var v T
	control := http.NewResponseController(c.Response())
	// Not every writer has deadlines: a test's recorder has none.
	if control.SetReadDeadline(time.Now().Add(within)) == nil {
		defer control.SetReadDeadline(time.Time{})
	}
	body, err := io.ReadAll(http.MaxBytesReader(c.Response(), c.Request().Body, most))
	var tooBig *http.MaxBytesError
	if errors.As(err, &tooBig) {
		return v, withStatus(http.StatusRequestEntityTooLarge,
			agent.Errorf(agent.CodeInvalid, "the request is larger than %d bytes", most))
	}
	if err != nil {
		return v, agent.Errorf(agent.CodeInvalid, "the request's body did not arrive whole")
	}
	return v, decodeStrict(body, &v)
}

// decodeStrict decodes exactly one JSON value with no fields that v does not know.
// What it says of an error names the field, never a value: that may be a secret.
func decodeStrict(body []byte, v any) error {
	const hint = "GET /v1/openapi.json describes what is expected"
	if !utf8.Valid(body) {
		return agent.Errorf(agent.CodeInvalid, "the request is not UTF-8 text").WithHint(hint)
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return agent.Errorf(agent.CodeInvalid, "the request has no body").WithHint(hint)
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return agent.Errorf(agent.CodeInvalid, "the request is wrong: %s", jsonComplaint(err, dec.InputOffset())).WithHint(hint)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return agent.Errorf(agent.CodeInvalid, "something follows the end of the request, at byte %d", dec.InputOffset()).WithHint(hint)
	}
	if string(bytes.TrimSpace(body)) == "null" {
		return agent.Errorf(agent.CodeInvalid, "the request is null").WithHint(hint)
	}
	return nil
}

// jsonComplaint says in words what encoding/json did not like.
func jsonComplaint(err error, offset int64) string {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return fmt.Sprintf("no JSON at byte %d", syntax.Offset)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "the JSON ends too soon"
	case errors.As(err, &kind) && kind.Field != "":
		return fmt.Sprintf("%q cannot be a %s", shown(kind.Field), jsonKind(kind.Value))
	case errors.As(err, &kind):
		return fmt.Sprintf("an object is expected, not a %s", jsonKind(kind.Value))
	}
	// encoding/json has no type for this one.
	if field, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		if name, err := strconv.Unquote(field); err == nil {
			return fmt.Sprintf("there is no field %q", shown(name))
		}
	}
	return fmt.Sprintf("no JSON at byte %d", offset)
}

// jsonKind drops the value from "number 12".
func jsonKind(value string) string {
	kind, _, _ := strings.Cut(value, " ")
	return kind
}

// queryBool reads a true or false from the query; missing is false.
func queryBool(c echo.Context, name string) (bool, error) {
	switch c.QueryParam(name) {
	case "", "false":
		return false, nil
	case "true":
		return true, nil
	}
	return false, agent.Errorf(agent.CodeInvalid, "%s= is either true or false", name)
}

// queryUint reads a number from the query; missing is 0.
func queryUint(c echo.Context, name string, most uint64) (uint64, error) {
	text := c.QueryParam(name)
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil || n > most {
		return 0, agent.Errorf(agent.CodeInvalid, "%s= is a whole number from 0 to %d", name, most)
	}
	return n, nil
}
