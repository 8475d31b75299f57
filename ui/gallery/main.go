// Command gallery serves the whole panel over a cloud that is not there (ui/sample),
// for those who work on its looks: `go run ./ui/gallery`, then /gallery, which shows
// every part in every state and leads to every page in every state.
//
// It depends on ui, on ui/sample and on nothing of the agent's but its words. It lets
// everybody in, so it listens on loopback unless told otherwise. Start reading at
// newStage (stage.go), then at shelf (shelf.go).
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"github.com/dentropy/dcloud/agent"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:7090", "address to serve on")
	apps := flag.Int("apps", 0, "fill the home screen up to this many apps")
	entries := flag.Int("entries", 0, "fill the store up to this many entries")
	as := flag.String("as", agent.RoleOwner, "role of who looks: guest, member, admin or owner")
	pace := flag.Duration("pace", time.Second, "time between two steps of what is under way")
	folder := flag.String("pictures", "", "take pictures of the main pages into this folder, and end")
	flag.Parse()
	act := func() error { return run(*listen, *as, *apps, *entries, *pace) }
	if *folder != "" {
		act = func() error { return takePictures(*folder) }
	}
	if err := act(); err != nil {
		fmt.Fprintln(os.Stderr, "gallery:", err)
		os.Exit(1)
	}
}

func run(listen, as string, apps, entries int, pace time.Duration) error {
	if !slices.Contains(agent.Roles(), as) {
		return fmt.Errorf("%q is no role: there are %v", as, agent.Roles())
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	s := newStage(ctx, as, slog.New(slog.NewTextHandler(os.Stderr, nil)))
	s.apps, s.entries, s.pace = apps, entries, pace
	server := &http.Server{Addr: listen, Handler: s, ReadHeaderTimeout: 5 * time.Second}
	context.AfterFunc(ctx, func() { server.Close() })
	fmt.Printf("http://%s/gallery\n", listen)
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve the gallery: %w", err)
	}
	return nil
}
