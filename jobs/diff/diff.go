// Package diff compares two jobs and names each difference by an address that an
// override could change: group.miniflux.task.web.env.POLLING_FREQUENCY. It is pure, and
// tells no secret: what it would have to show of one is shown as a note that it is one.
//
// It depends on the Nomad API's types alone. Start reading at Jobs, then at tree.go,
// which makes of a job the tree that is compared.
package diff

import (
	"strconv"

	"github.com/hashicorp/nomad/api"
)

// How a part of a job differs.
const (
	Added   = "added"
	Changed = "changed"
	Removed = "removed"
)

// Change is one difference.
type Change struct {
	Address string
	Op      string // Added, Changed, Removed
	// Old and New are values as Nomad's language writes them, text of several lines as
	// it is, cut where it is long; "" where there is none. Never a secret.
	Old, New string
}

// Jobs lists what differs between two jobs that were built, in the order of the job. A
// nil job has nothing in it. Of a job that Nomad gave back many defaults differ: build
// both.
//
// What a job carries for the cloud's own bookkeeping (hashes, revisions, a count of
// restarts) is not compared.
func Jobs(old, new *api.Job) []Change {
	var out []Change
	compare("", root(old), root(new), &out)
	return out
}

// compare adds what differs between two places of one address, of which either may be
// nil.
func compare(address string, old, new *place, out *[]Change) {
	if old.isList() || new.isList() {
		compareLists(address, old, new, out)
		return
	}
	if old.isLeaf() || new.isLeaf() {
		compareLeaves(address, old, new, out)
		// A value that became a block, or the other way round, goes on below.
	}
	for _, key := range merge(old.keys(), new.keys()) {
		compare(address+segment(address, key), old.child(key), new.child(key), out)
	}
}

func compareLeaves(address string, old, new *place, out *[]Change) {
	switch {
	case old.isLeaf() && new.isLeaf() && old.value == new.value:
	case old.isLeaf() && new.isLeaf():
		before, after := shownPair(old, new)
		*out = append(*out, Change{address, Changed, before, after})
	case old.isLeaf():
		*out = append(*out, Change{address, Removed, old.shown(), ""})
	default:
		*out = append(*out, Change{address, Added, "", new.shown()})
	}
}

// compareLists compares blocks that have no name, such as constraints: one that is in
// both jobs is no difference wherever it stands; of the others those that stand at the
// same place are taken for a change.
func compareLists(address string, old, new *place, out *[]Change) {
	gone, come := old.elements(), new.elements()
	for i, o := range gone {
		for k, n := range come {
			if o != nil && n != nil && o.value == n.value {
				gone[i], come[k] = nil, nil
				break
			}
		}
	}
	for k := range max(len(gone), len(come)) {
		var o, n *place
		if k < len(gone) {
			o = gone[k]
		}
		if k < len(come) {
			n = come[k]
		}
		if o != nil || n != nil {
			compareLeaves(address+"["+strconv.Itoa(k)+"]", o, n, out)
		}
	}
}

// merge puts two lists of keys into one in which both keep their order as far as they
// agree: what is new stands where it stands in the new list.
func merge(old, new []string) []string {
	inOld, inNew := set(old), set(new)
	var out []string
	done := map[string]bool{}
	add := func(key string) {
		if !done[key] {
			done[key] = true
			out = append(out, key)
		}
	}
	k := 0
	for _, key := range new {
		if inOld[key] {
			for ; k < len(old) && old[k] != key; k++ {
				if !inNew[old[k]] {
					add(old[k])
				}
			}
		}
		add(key)
	}
	for _, key := range old {
		add(key)
	}
	return out
}

func set(keys []string) map[string]bool {
	m := make(map[string]bool, len(keys))
	for _, k := range keys {
		m[k] = true
	}
	return m
}
