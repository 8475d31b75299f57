package control

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/catalog"
)

// item is what a store's record keeps of one app: either an entry, or why there is none.
type item struct {
	Name     string            `json:"name"` // the entry's own, without the store's
	Card     *card             `json:"card,omitempty"`
	Manifest string            `json:"manifest,omitempty"`
	Refused  string            `json:"refused,omitempty"`
	Notes    []agent.StoreNote `json:"notes,omitempty"`
}

// card is what lists and searches need of an entry. To read thousands of manifests at
// each start of the agent would take a small machine minutes.
type card struct {
	Title         string        `json:"t"`
	Tagline       string        `json:"g,omitempty"`
	Description   string        `json:"d,omitempty"`
	Category      string        `json:"c,omitempty"`
	Version       string        `json:"v,omitempty"`
	Website       string        `json:"w,omitempty"`
	License       string        `json:"l,omitempty"`
	Architectures []string      `json:"a,omitempty"`
	MinMemory     int           `json:"m,omitempty"`
	MinDisk       int           `json:"k,omitempty"`
	Services      []cardService `json:"s"`
}

// cardService is what a service needs of a machine.
type cardService struct {
	CPU     int      `json:"c,omitempty"`
	Memory  int      `json:"m,omitempty"`
	Most    int      `json:"x,omitempty"`
	Once    bool     `json:"o,omitempty"`
	Devices []string `json:"d,omitempty"`
	Ports   []int    `json:"p,omitempty"` // of the machine
}

func cardOf(a *catalog.App) *card {
	c := &card{Title: a.Title, Tagline: a.Tagline, Description: clip(a.Description, 500), Category: a.Category, Version: a.Version, Website: a.Website,
		License: a.License, Architectures: a.Architectures, MinMemory: a.MinMemory, MinDisk: a.MinDisk}
	for _, s := range a.Services {
		k := cardService{CPU: s.Resources.CPU, Memory: s.Resources.Memory, Most: s.Resources.MemoryMax, Once: s.Once, Devices: s.Devices}
		for _, p := range s.Ports {
			port := p.Host
			if port == 0 {
				port = p.Port
			}
			k.Ports = append(k.Ports, port)
		}
		c.Services = append(c.Services, k)
	}
	return c
}

// app is an entry that knows no more than its card, called STORE/ENTRY.
func (c *card) app(store, name string) *catalog.App {
	a := &catalog.App{Name: store + "/" + name, Title: c.Title, Tagline: c.Tagline, Description: c.Description, Category: c.Category, Version: c.Version,
		Website: c.Website, License: c.License, Architectures: c.Architectures, MinMemory: c.MinMemory, MinDisk: c.MinDisk,
		Services: make([]catalog.Service, len(c.Services))}
	for i, k := range c.Services {
		s := &a.Services[i]
		s.Resources = catalog.Resources{CPU: k.CPU, Memory: k.Memory, MemoryMax: k.Most}
		s.Once, s.Devices = k.Once, k.Devices
		for _, p := range k.Ports {
			s.Ports = append(s.Ports, catalog.Port{Port: p, Host: p})
		}
	}
	return a
}

// blockSize is how many bytes of items are compressed together: large enough that what
// manifests have in common is written once, small enough that one of them is read in a
// millisecond.
const blockSize = 64 << 10

// maxBlock bounds what a block unpacks to: a record may have been written by anybody who
// has the cloud's keys.
const maxBlock = 8 << 20

// packItems writes items as blocks, each with its length before it.
func packItems(items []item) ([]byte, error) {
	var out, block bytes.Buffer
	flush := func() error {
		if block.Len() == 0 {
			return nil
		}
		var packed bytes.Buffer
		gz, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
		if err != nil {
			return err
		}
		if _, err := gz.Write(block.Bytes()); err != nil {
			return err
		}
		if err := gz.Close(); err != nil {
			return err
		}
		block.Reset()
		out.Write(binary.BigEndian.AppendUint32(nil, uint32(packed.Len())))
		out.Write(packed.Bytes())
		return nil
	}
	for _, it := range items {
		text, err := json.Marshal(it)
		if err != nil {
			return nil, err
		}
		if len(text) > maxBlock/2 {
			return nil, fmt.Errorf("%s is too large to be kept", it.Name)
		}
		block.Write(text)
		block.WriteByte('\n')
		if block.Len() >= blockSize {
			if err := flush(); err != nil {
				return nil, err
			}
		}
	}
	if err := flush(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

var errContent = errors.New("the content of a store is damaged")

// splitBlocks finds the blocks.
func splitBlocks(packed []byte) ([][]byte, error) {
	var blocks [][]byte
	for len(packed) > 0 {
		if len(packed) < 4 {
			return nil, errContent
		}
		n := int(binary.BigEndian.Uint32(packed))
		if packed = packed[4:]; n == 0 || n > len(packed) {
			return nil, errContent
		}
		blocks = append(blocks, packed[:n])
		packed = packed[n:]
	}
	return blocks, nil
}

// readBlock is the items of a block.
func readBlock(block []byte) ([]item, error) {
	gz, err := gzip.NewReader(bytes.NewReader(block))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errContent, err)
	}
	dec := json.NewDecoder(io.LimitReader(gz, maxBlock))
	var items []item
	for {
		var it item
		switch err := dec.Decode(&it); {
		case errors.Is(err, io.EOF):
			return items, nil
		case err != nil:
			return nil, fmt.Errorf("%w: %w", errContent, err)
		}
		items = append(items, it)
	}
}
