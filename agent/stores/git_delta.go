package stores

// apply makes the changes of a delta: https://git-scm.com/docs/pack-format#_deltified_representation.
// It is false where what comes of it is too large to be looked at.
func (p *pack) apply(base, delta []byte) ([]byte, bool, error) {
	wrong := func() ([]byte, bool, error) { return nil, false, damaged("a change of an object cannot be made") }
	from, delta, ok := length(delta)
	if !ok || from != len(base) {
		return wrong()
	}
	to, delta, ok := length(delta)
	if !ok {
		return wrong()
	}
	if to > maxObject {
		return nil, false, nil
	}
	if p.work += int64(to); p.work > p.limits.Unpacked {
		return nil, false, hostile("it unpacks to more than %d MiB", p.limits.Unpacked>>20)
	}
	out := make([]byte, 0, to)
	for len(delta) > 0 {
		op := delta[0]
		delta = delta[1:]
		var piece []byte
		switch {
		case op == 0:
			return wrong()
		case op&0x80 == 0: // so many bytes of the delta itself
			if int(op) > len(delta) {
				return wrong()
			}
			piece, delta = delta[:op], delta[op:]
		default: // a part of the base
			var offset, size int
			for bit := range 7 {
				if op&(1<<bit) == 0 {
					continue
				}
				if len(delta) == 0 {
					return wrong()
				}
				if bit < 4 {
					offset |= int(delta[0]) << (8 * bit)
				} else {
					size |= int(delta[0]) << (8 * (bit - 4))
				}
				delta = delta[1:]
			}
			if size == 0 {
				size = 0x10000
			}
			if offset > len(base) || size > len(base)-offset {
				return wrong()
			}
			piece = base[offset : offset+size]
		}
		if len(piece) > to-len(out) {
			return wrong()
		}
		out = append(out, piece...)
	}
	if len(out) != to {
		return wrong()
	}
	return out, true, nil
}

// length reads a number at the beginning of a delta.
func length(b []byte) (int, []byte, bool) {
	n := 0
	for i, shift := 0, 0; i < len(b) && shift <= 28; i, shift = i+1, shift+7 {
		n |= int(b[i]&0x7f) << shift
		if b[i]&0x80 == 0 {
			return n, b[i+1:], true
		}
	}
	return 0, nil, false
}
