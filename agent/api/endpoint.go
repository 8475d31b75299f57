package api

import (
	"context"
	"net/http"
	"reflect"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/labstack/echo/v4"
)

// endpoint is a handler and the types of what goes in and comes out.
type endpoint struct {
	handle  echo.HandlerFunc
	in, out reflect.Type // nil for none
	status  int
	media   string // of the answer
}

// plain is an endpoint that takes nothing.
func plain[T any](fn func(context.Context) (T, error)) endpoint {
	return answers(func(c echo.Context) (T, error) { return fn(c.Request().Context()) })
}

// named is an endpoint that takes a name: of an app, a machine.
func named[T any](fn func(context.Context, string) (T, error)) endpoint {
	return answers(func(c echo.Context) (T, error) { return fn(c.Request().Context(), c.Param("name")) })
}

// listed makes an empty list of none, which is null in JSON.
func listed[T any](fn func(context.Context) ([]T, error)) func(context.Context) ([]T, error) {
	return func(ctx context.Context) ([]T, error) {
		list, err := fn(ctx)
		if list == nil {
			list = []T{}
		}
		return list, err
	}
}

// answers is an endpoint that answers with a T as JSON: 202 if it is an operation
// that goes on, else 200.
func answers[T any](fn func(echo.Context) (T, error)) endpoint {
	out, status := reflect.TypeFor[T](), http.StatusOK
	if out == reflect.TypeFor[agent.Operation]() {
		status = http.StatusAccepted
	}
	return endpoint{out: out, status: status, media: echo.MIMEApplicationJSON, handle: func(c echo.Context) error {
		v, err := fn(c)
		if err != nil {
			return err
		}
		return writeJSON(c, status, v)
	}}
}

// takes is an endpoint with a body, which is a B.
func takes[B, T any](fn func(echo.Context, B) (T, error)) endpoint {
	return takesLarge(maxBody, bodyTimeout, fn)
}

// takesLarge is takes for a body that may have that many bytes, and take that long to
// arrive.
func takesLarge[B, T any](most int64, within time.Duration, fn func(echo.Context, B) (T, error)) endpoint {
	e := answers(func(c echo.Context) (T, error) {
		body, err := readBody[B](c, most, within)
		if err != nil {
			var none T
			return none, err
		}
		return fn(c, body)
	})
	e.in = reflect.TypeFor[B]()
	return e
}

// done is an endpoint that answers with nothing, 204. It takes the parameter of the
// path that is named, if one is.
func done(param string, fn func(context.Context, string) error) endpoint {
	return endpoint{status: http.StatusNoContent, handle: func(c echo.Context) error {
		if err := fn(c.Request().Context(), c.Param(param)); err != nil {
			return err
		}
		return c.NoContent(http.StatusNoContent)
	}}
}
