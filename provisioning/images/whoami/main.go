// Command whoami answers every request with the request itself. It stands in for
// traefik/whoami (https://github.com/traefik/whoami), whose flags, paths and
// output it follows as far as the catalog entry uses them, where neither its image
// nor its module can be had.
//
// It depends on the standard library only. Start reading at main.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"
)

func main() {
	port := flag.String("port", "80", "port to listen on")
	name := flag.String("name", os.Getenv("WHOAMI_NAME"), "name to answer with")
	flag.Parse()

	server := &http.Server{Addr: ":" + *port, Handler: routes(*name), ReadHeaderTimeout: 10 * time.Second}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	go func() {
		<-ctx.Done()
		grace, cancel := context.WithTimeout(context.Background(), 3*time.Second)
		defer cancel()
		server.Shutdown(grace)
	}()
	log.Printf("listening on port %s", *port)
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		log.Fatal(err)
	}
}

func routes(name string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/health", func(w http.ResponseWriter, r *http.Request) {})
	mux.HandleFunc("/bench", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "1") })
	mux.HandleFunc("/api", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		host, _ := os.Hostname()
		json.NewEncoder(w).Encode(map[string]any{
			"hostname": host, "ip": addresses(), "headers": r.Header, "url": r.URL.RequestURI(),
			"host": r.Host, "method": r.Method, "name": name, "remoteAddr": r.RemoteAddr,
		})
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if name != "" {
			fmt.Fprintln(w, "Name:", name)
		}
		host, _ := os.Hostname()
		fmt.Fprintln(w, "Hostname:", host)
		for _, ip := range addresses() {
			fmt.Fprintln(w, "IP:", ip)
		}
		fmt.Fprintln(w, "RemoteAddr:", r.RemoteAddr)
		fmt.Fprintf(w, "%s %s %s\nHost: %s\n", r.Method, r.URL.RequestURI(), r.Proto, r.Host)
		var keys []string
		for key := range r.Header {
			keys = append(keys, key)
		}
		slices.Sort(keys)
		for _, key := range keys {
			for _, value := range r.Header[key] {
				fmt.Fprintf(w, "%s: %s\n", key, value)
			}
		}
	})
	return mux
}

// addresses are this container's own, loopback included.
func addresses() []string {
	var found []string
	list, err := net.InterfaceAddrs()
	if err != nil {
		return nil
	}
	for _, a := range list {
		if n, ok := a.(*net.IPNet); ok {
			found = append(found, n.IP.String())
		}
	}
	return found
}
