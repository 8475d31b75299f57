package api

import (
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/labstack/echo/v4"
)

const (
	// maxStoreBody bounds a request that brings the files of a store: an archive of
	// agent.MaxStoreArchive is a third longer in JSON.
	maxStoreBody = 32 << 20
	// storeBodyTimeout is what such a request may take to arrive, over a slow line.
	storeBodyTimeout = 5 * time.Minute
)

func (s *Server) addStore() endpoint {
	return takesLarge(maxStoreBody, storeBodyTimeout, func(c echo.Context, req agent.StoreAdd) (agent.StoreDetail, error) {
		if req.Name != "" {
			if err := checkStore(req.Name); err != nil {
				return agent.StoreDetail{}, err
			}
		}
		if (req.URL == "") == (len(req.Archive) == 0) {
			return agent.StoreDetail{}, agent.Errorf(agent.CodeInvalid, "a store comes either from a URL or from an archive: give one of them").
				WithHint("dcloud catalog store add URL-or-PATH")
		}
		return s.svc.AddStore(c.Request().Context(), req)
	})
}

func (s *Server) syncStore() endpoint {
	return takesLarge(maxStoreBody, storeBodyTimeout, func(c echo.Context, req agent.StoreSync) (agent.StoreDetail, error) {
		return s.svc.SyncStore(c.Request().Context(), c.Param("name"), req)
	})
}
