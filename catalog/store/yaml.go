package store

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// Limits of a YAML document. The largest real manifest has 2,500 values.
const (
	maxValues = 100_000 // of a document, every use of an alias counted
	maxDepth  = 40      // maps and lists within each other
)

// node is a value of a YAML or JSON document, with aliases and merge keys
// resolved. Nodes that come of one anchor are shared: nobody may change them.
type node struct {
	kind  nodeKind
	value string // of a scalar, as it was written
	null  bool   // a scalar that is nothing: "", ~ or null
	keys  []string
	items []*node // of a list, or a map's values, by keys
	line  int
	size  int // values in it
	depth int
}

type nodeKind int

const (
	scalar nodeKind = iota
	list
	mapping
)

// readYAML reads the one document of a text, of which JSON is a case. Duplicate
// keys, aliases that multiply without end, tabs as indentation and whatever else
// is no YAML are a Refusal with its line.
func readYAML(text []byte) (*node, *Refusal) {
	if len(text) > maxFileSize {
		return nil, refusal("", "the file is larger than %d KiB", maxFileSize>>10)
	}
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(text) {
		return nil, refusal("save it as UTF-8", "the file is not UTF-8 text")
	}
	if r := tooDeep(text); r != nil {
		return nil, r
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var doc yaml.Node
	if err := decoder.Decode(&doc); errors.Is(err, io.EOF) {
		return nil, refusal("", "the file is empty")
	} else if err != nil {
		return nil, badYAML(err)
	}
	var more yaml.Node
	if err := decoder.Decode(&more); err == nil {
		return nil, &Refusal{Message: "the file has more than one document", Hint: "keep one app in a file, and take --- out", Line: more.Line}
	} else if !errors.Is(err, io.EOF) {
		return nil, badYAML(err)
	}
	c := yamlReader{done: map[*yaml.Node]*node{}, open: map[*yaml.Node]bool{}}
	return c.read(&doc)
}

// tooDeep refuses nesting that would make the parser recurse: by indentation or
// by brackets. It counts more than there is where brackets stand in texts.
func tooDeep(text []byte) *Refusal {
	line, depth := 1, 0
	dashes := 0 // "- - - -" nests without indentation
	for _, c := range text {
		switch c {
		case '\n':
			line++
			dashes = 0
		case '[', '{':
			depth++
		case ']', '}':
			depth = max(0, depth-1)
		case '-', '?':
			dashes++
		}
		if depth > 1000 || dashes > 5000 {
			return &Refusal{Message: "brackets are nested too deep", Line: line}
		}
	}
	return nil
}

// badYAML says what the parser says, which has the line in it.
func badYAML(err error) *Refusal {
	message := strings.TrimPrefix(strings.SplitN(err.Error(), "\n", 2)[0], "yaml: ")
	r := &Refusal{Message: "it is not YAML: " + message, Hint: "check it with: docker compose config"}
	if rest, ok := strings.CutPrefix(message, "line "); ok {
		if number, words, ok := strings.Cut(rest, ": "); ok {
			if n, err := strconv.Atoi(number); err == nil {
				r.Line, r.Message = n, "it is not YAML: "+words
			}
		}
	}
	return r
}

type yamlReader struct {
	values int
	done   map[*yaml.Node]*node
	open   map[*yaml.Node]bool // those that are being read: an alias to one is a circle
}

func at(n *yaml.Node, format string, args ...any) *Refusal {
	return &Refusal{Message: fmt.Sprintf(format, args...), Line: n.Line}
}

// spend counts values, so that an alias costs what it stands for.
func (c *yamlReader) spend(n *yaml.Node, values int) *Refusal {
	if c.values += values; c.values > maxValues {
		return at(n, "it comes to more than %d values once its aliases are followed", maxValues)
	}
	return nil
}

func (c *yamlReader) read(y *yaml.Node) (*node, *Refusal) {
	switch y.Kind {
	case yaml.DocumentNode:
		if len(y.Content) == 0 {
			return &node{null: true}, nil
		}
		return c.read(y.Content[0])
	case yaml.AliasNode:
		if c.open[y.Alias] {
			return nil, at(y, "the alias *%s stands within what it names", y.Value)
		}
		n, r := c.read(y.Alias)
		return n, r
	}
	if n, ok := c.done[y]; ok {
		return n, c.spend(y, n.size)
	}
	if r := c.spend(y, 1); r != nil {
		return nil, r
	}
	c.open[y] = true
	n := &node{line: y.Line, size: 1}
	r := c.fill(n, y)
	delete(c.open, y)
	if r != nil {
		return nil, r
	}
	if n.depth > maxDepth {
		return nil, at(y, "maps and lists are nested more than %d deep", maxDepth)
	}
	c.done[y] = n
	return n, nil
}

func (c *yamlReader) fill(n *node, y *yaml.Node) *Refusal {
	add := func(item *node) {
		n.items = append(n.items, item)
		n.size = min(n.size+item.size, math.MaxInt32)
		n.depth = max(n.depth, item.depth+1)
	}
	switch y.Kind {
	case yaml.SequenceNode:
		n.kind = list
		for _, item := range y.Content {
			child, r := c.read(item)
			if r != nil {
				return r
			}
			add(child)
		}
	case yaml.MappingNode:
		n.kind = mapping
		var merges []*node
		seen := map[string]bool{}
		for i := 0; i+1 < len(y.Content); i += 2 {
			key, value := y.Content[i], y.Content[i+1]
			if key.Kind == yaml.AliasNode {
				key = key.Alias
			}
			if key.Kind != yaml.ScalarNode {
				return at(key, "a key must be a word")
			}
			child, r := c.read(value)
			if r != nil {
				return r
			}
			if key.Tag == "!!merge" || key.Value == "<<" && key.Style == 0 {
				merges = append(merges, child)
				continue
			}
			if seen[key.Value] {
				return at(key, "the key %q stands twice", short(key.Value))
			}
			seen[key.Value] = true
			n.keys = append(n.keys, clean(key.Value))
			add(child)
		}
		return c.merge(n, y, merges, seen, add)
	default:
		n.value = clean(y.Value)
		n.null = y.Tag == "!!null"
	}
	return nil
}

// merge takes over what the merge keys name, where the map does not say it itself
// (https://yaml.org/type/merge.html).
func (c *yamlReader) merge(n *node, y *yaml.Node, merges []*node, seen map[string]bool, add func(*node)) *Refusal {
	for _, m := range merges {
		from := []*node{m}
		if m.kind == list {
			from = m.items
		}
		for _, part := range from {
			if part.kind != mapping {
				return at(y, "<< must name a map")
			}
			for i, key := range part.keys {
				if seen[key] {
					continue
				}
				if r := c.spend(y, part.items[i].size); r != nil {
					return r
				}
				seen[key] = true
				n.keys = append(n.keys, key)
				add(part.items[i])
			}
		}
	}
	return nil
}

// short is a text of which a message shows the beginning.
func short(s string) string {
	const most = 60
	if len(s) <= most {
		return clean(s)
	}
	cut := most
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return clean(s[:cut]) + "…"
}
