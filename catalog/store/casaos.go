package store

import (
	"slices"
	"strings"
)

// describeCasaOS reads x-casaos, the block that makes a compose file an app of a
// CasaOS store (https://github.com/IceWhaleTech/CasaOS-AppStore, CONTRIBUTING.md).
func (im *importer) describeCasaOS(taken map[string]bool) {
	x := im.top.get("x-casaos")
	if x == nil || x.kind != mapping {
		im.refuse(refusal("import it with --from compose", "it has no x-casaos block"))
		return
	}
	v, a := viewOf(x), im.app
	if id := v.text("store_app_id"); id != "" {
		im.named(id, taken)
	}
	a.title = localised(v.get("title"))
	a.tagline = localised(v.get("tagline"))
	a.description = paragraph(localised(v.get("description")))
	a.category = v.text("category")
	a.version = v.text("version")
	a.website = v.text("website")
	a.source = v.text("repo")
	a.screenshots = pictures(v.get("screenshot_link"))
	tips := viewOf(v.get("tips"))
	a.notes = localised(tips.get("before_install"))
	if custom := tips.text("custom"); custom != "" {
		a.notes = strings.TrimSpace(a.notes + "\n\n" + custom)
	}
	for _, item := range v.get("architectures").list() {
		if arch := archOf(item.text()); arch != "" && !slices.Contains(a.architectures, arch) {
			a.architectures = append(a.architectures, arch)
		}
	}
	a.front, a.scheme = v.text("main"), strings.ToLower(first(v.text("scheme"), "http"))
	a.published = number(strings.Trim(im.constant(v.text("port_map")), `"' `))
	if index := v.text("index"); index != "" && index != "/" {
		a.notes = strings.TrimSpace(a.notes + "\n\nIts page is at " + oneLine(index, 200) + ".")
		im.note(Info, "", "the page "+short(index), "the app's address leads to its root; the notes say where its page is")
	}
	v.ignore("id", "author", "developer", "icon", "thumbnail", "support", "docs", "update_at", "release_notes", "screenshot",
		"is_uncontrolled", "hostname", "label", "min_memory", "min_disk")
	im.leftovers(v, "", "x-casaos")
	im.vars["AppID"] = variableValue{text: literal(a.name), set: true}
	im.vars["default_user"] = variableValue{text: literal("admin"), set: true}
	for _, name := range []string{"PUID", "PGID"} {
		im.vars[name] = variableValue{text: literal("1000"), set: true}
	}
}
