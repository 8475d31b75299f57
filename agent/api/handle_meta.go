package api

import (
	"context"
	"net/http"
	"reflect"

	"github.com/labstack/echo/v4"
)

// ping answers whoever asks, and so says nothing but that.
func ping(context.Context) (pong, error) { return pong{Pong: true}, nil }

func (s *Server) document() endpoint {
	return endpoint{
		out: reflect.TypeFor[map[string]any](), status: http.StatusOK, media: echo.MIMEApplicationJSON,
		handle: func(c echo.Context) error {
			doc, err := s.openapi()
			if err != nil {
				return err
			}
			return c.Blob(http.StatusOK, echo.MIMEApplicationJSON, doc)
		},
	}
}
