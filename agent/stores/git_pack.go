package stores

import (
	"bytes"
	"compress/zlib"
	"context"
	"crypto/sha1" // as git names objects; what a commit holds is no more trusted for it
	"encoding/binary"
	"fmt"
	"io"
)

// Kinds of object in a pack: https://git-scm.com/docs/pack-format.
const (
	kindCommit   = 1
	kindTree     = 2
	kindBlob     = 3
	kindTag      = 4
	kindOfsDelta = 6
	kindRefDelta = 7
)

const (
	maxObject = 8 << 20  // bytes of an object that is looked at; a larger one is none of ours
	maxChain  = 256      // deltas on deltas; git makes 50 unless somebody asks for more
	maxCached = 16 << 20 // bytes of objects that others may be deltas of
)

// object is where one stands in a pack.
type object struct {
	kind int
	size int64 // as the pack says, of what its bytes unpack to
	data int   // where they begin
	base int   // of an OFS_DELTA: where what it changes stands
	ref  oid   // of a REF_DELTA: what it changes
}

// pack is a pack of objects in memory.
type pack struct {
	ctx    context.Context
	limits Limits
	data   []byte
	at     map[int]object
	ids    map[oid]int
	work   int64 // bytes that were unpacked
	cache  map[int]loose
	cached int
	order  []int // of the cache, the oldest first
}

// loose is an object's content.
type loose struct {
	kind int
	data []byte
}

// readPack checks a pack and finds what is in it.
func readPack(ctx context.Context, data []byte, l Limits) (*pack, error) {
	p := &pack{ctx: ctx, limits: l, data: data, at: map[int]object{}, ids: map[oid]int{}, cache: map[int]loose{}}
	if len(data) < 32 || !bytes.HasPrefix(data, []byte("PACK\x00\x00\x00\x02")) {
		return nil, damaged("what was sent is no pack of version 2")
	}
	end := len(data) - sha1.Size
	if sum := sha1.Sum(data[:end]); !bytes.Equal(sum[:], data[end:]) {
		return nil, damaged("a pack's checksum is wrong")
	}
	count := int(binary.BigEndian.Uint32(data[8:]))
	if count > 2*l.Entries {
		return nil, hostile("it holds more than %d files", l.Entries)
	}
	var deltas []int
	pos := 12
	for range count {
		o, err := p.header(pos, end)
		if err != nil {
			return nil, err
		}
		id, next, err := p.skim(o, end)
		if err != nil {
			return nil, err
		}
		p.at[pos] = o
		if o.kind >= kindOfsDelta {
			deltas = append(deltas, pos)
		} else {
			p.ids[id] = pos
		}
		pos = next
	}
	if pos != end {
		return nil, damaged("something follows the end of a pack")
	}
	return p, p.nameDeltas(deltas)
}

// header reads what stands before an object's bytes.
func (p *pack) header(pos, end int) (object, error) {
	in := bytes.NewReader(p.data[pos:end])
	b, err := in.ReadByte()
	if err != nil {
		return object{}, damaged("a pack ends too soon")
	}
	o := object{kind: int(b >> 4 & 7), size: int64(b & 15)}
	for shift := 4; b&0x80 != 0; shift += 7 {
		if b, err = in.ReadByte(); err != nil || shift > 32 {
			return o, damaged("an object's size is wrong")
		}
		o.size |= int64(b&0x7f) << shift
	}
	switch o.kind {
	case kindCommit, kindTree, kindBlob, kindTag:
	case kindOfsDelta:
		b, err = in.ReadByte()
		back := int(b & 0x7f)
		for n := 0; err == nil && b&0x80 != 0; n++ {
			if b, err = in.ReadByte(); n > 4 {
				return o, damaged("an object changes one that is nowhere")
			}
			back = (back+1)<<7 | int(b&0x7f)
		}
		o.base = pos - back
		if _, there := p.at[o.base]; err != nil || back <= 0 || !there {
			return o, damaged("an object changes one that is nowhere")
		}
	case kindRefDelta:
		if _, err := io.ReadFull(in, o.ref[:]); err != nil {
			return o, damaged("a pack ends too soon")
		}
	default:
		return o, damaged("a pack holds an object of a kind that there is not")
	}
	o.data = end - in.Len()
	return o, nil
}

// skim unpacks an object without keeping it, to name it and to find where it ends.
func (p *pack) skim(o object, end int) (id oid, next int, err error) {
	in := bytes.NewReader(p.data[o.data:end])
	sum := sha1.New()
	if o.kind < kindOfsDelta {
		fmt.Fprintf(sum, "%s %d\x00", [...]string{"", "commit", "tree", "blob", "tag"}[o.kind], o.size)
	}
	if err := p.inflate(sum, in, o.size); err != nil {
		return id, 0, err
	}
	copy(id[:], sum.Sum(nil))
	return id, end - in.Len(), nil
}

// inflate unpacks exactly that many bytes.
func (p *pack) inflate(w io.Writer, in *bytes.Reader, size int64) error {
	if p.ctx.Err() != nil {
		return unreadable(context.Cause(p.ctx))
	}
	if p.work += size + 64; p.work > p.limits.Unpacked {
		return hostile("it unpacks to more than %d MiB", p.limits.Unpacked>>20)
	}
	zr, err := zlib.NewReader(in)
	if err != nil {
		return damaged("an object cannot be unpacked")
	}
	// One byte more than there may be reads the checksum too, where all is well.
	n, err := io.Copy(w, io.LimitReader(zr, size+1))
	if err != nil || n != size {
		return damaged("an object is not as long as the pack says")
	}
	return nil
}

// nameDeltas finds the names of objects that are given as changes of others. Each time
// that it goes through them, those that hang on a named one by one more change are named.
func (p *pack) nameDeltas(left []int) error {
	for turn := 0; len(left) > 0; turn++ {
		if turn > maxChain {
			return hostile("its objects hang on each other more than %d deep", maxChain)
		}
		var later []int
		for _, pos := range left {
			if o := p.at[pos]; o.kind == kindRefDelta {
				base, known := p.ids[o.ref]
				if !known {
					later = append(later, pos)
					continue
				}
				o.base = base
				p.at[pos] = o
			}
			full, ok, err := p.content(pos)
			if err != nil {
				return err
			}
			if !ok {
				continue // too large to be one of ours
			}
			sum := sha1.New()
			fmt.Fprintf(sum, "%s %d\x00", [...]string{"", "commit", "tree", "blob", "tag"}[full.kind], len(full.data))
			sum.Write(full.data)
			p.ids[oid(sum.Sum(nil))] = pos
		}
		if len(later) == len(left) {
			return nil // they change what is not in the pack: if one is needed, it is missing
		}
		left = later
	}
	return nil
}

// content is an object with all changes made, false for one that is too large.
func (p *pack) content(pos int) (loose, bool, error) {
	var chain []int
	var full loose
	for at := pos; ; {
		if c, there := p.cache[at]; there {
			full = c
			break
		}
		o := p.at[at]
		if o.size > maxObject {
			return loose{}, false, nil
		}
		if o.kind < kindOfsDelta {
			data, err := p.bytes(o)
			if err != nil {
				return loose{}, false, err
			}
			full = loose{o.kind, data}
			p.remember(at, full)
			break
		}
		if chain = append(chain, at); len(chain) > maxChain {
			return loose{}, false, hostile("its objects hang on each other more than %d deep", maxChain)
		}
		if o.kind == kindRefDelta {
			base, known := p.ids[o.ref]
			if !known {
				return loose{}, false, nil
			}
			o.base = base
		}
		at = o.base
	}
	for i := len(chain) - 1; i >= 0; i-- {
		delta, err := p.bytes(p.at[chain[i]])
		if err != nil {
			return loose{}, false, err
		}
		data, ok, err := p.apply(full.data, delta)
		if err != nil || !ok {
			return loose{}, false, err
		}
		full.data = data
		p.remember(chain[i], full)
	}
	return full, true, nil
}

func (p *pack) bytes(o object) ([]byte, error) {
	var b bytes.Buffer
	err := p.inflate(&b, bytes.NewReader(p.data[o.data:len(p.data)-sha1.Size]), o.size)
	return b.Bytes(), err
}

// remember keeps an object for those that are changes of it.
func (p *pack) remember(pos int, full loose) {
	if _, there := p.cache[pos]; there {
		return
	}
	p.cache[pos] = full
	p.order = append(p.order, pos)
	p.cached += len(full.data)
	for p.cached > maxCached && len(p.order) > 1 {
		p.cached -= len(p.cache[p.order[0]].data)
		delete(p.cache, p.order[0])
		p.order = p.order[1:]
	}
}

// has tells whether an object is in the pack.
func (p *pack) has(id oid) bool {
	_, there := p.ids[id]
	return there
}

// get is an object of a kind, false where it is missing or too large.
func (p *pack) get(id oid, kind int) ([]byte, bool, error) {
	pos, there := p.ids[id]
	if !there {
		return nil, false, nil
	}
	full, ok, err := p.content(pos)
	if err != nil || !ok {
		return nil, false, err
	}
	if full.kind != kind {
		return nil, false, damaged("an object is not what its folder says")
	}
	return full.data, true, nil
}
