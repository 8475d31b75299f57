package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/gallery/pictures"
)

// morning is when the pictures are taken: each time the same.
var morning = time.Date(2026, time.November, 23, 9, 41, 0, 0, time.UTC)

// takePictures serves the gallery at a port of its own, with a clock that stands still
// and nothing that moves, while a browser looks at it.
func takePictures(folder string) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	s := newStage(ctx, agent.RoleOwner, log)
	s.now, s.pace = func() time.Time { return morning }, 0
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("serve the gallery: %w", err)
	}
	server := &http.Server{Handler: s, ReadHeaderTimeout: 5 * time.Second}
	go func() {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			log.Error("serve the gallery", "error", err)
		}
	}()
	defer server.Close()
	return pictures.Take(ctx, "http://"+l.Addr().String(), folder, morning, log)
}
