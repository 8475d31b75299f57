package control

import (
	"context"
	"encoding/json"
	"errors"
	"io"
)

const (
	// mostLayers of an image are counted; Docker itself allows 127.
	mostLayers = 512
	// mostLayer is more bytes than a layer ever has: sums of them are numbers still.
	mostLayer = 1 << 50
)

// pulled is an image on its way to a machine.
type pulled struct {
	layers map[string]*layer
	over   bool
	stop   context.CancelFunc
}

// layer of an image. total is 0 while it is not known.
type layer struct {
	current, total int64
	state          layerState
}

type layerState int

const (
	layerWaits layerState = iota
	layerComes
	layerHere     // fetched, to be unpacked
	layerUnpacked //
	layerWas      // was there before
)

// pullMessage is a line of Docker's answer to a pull
// (https://docs.docker.com/reference/api/engine/, POST /images/create).
type pullMessage struct {
	ID       string `json:"id"` // of a layer, or the tag
	Status   string `json:"status"`
	Progress struct {
		Current int64  `json:"current"`
		Total   int64  `json:"total"`
		Units   string `json:"units"` // "s" where seconds are counted, "" for bytes
	} `json:"progressDetail"`
	Error string `json:"error"`
}

// readPull reads an answer to its end.
func readPull(r io.Reader, each func(pullMessage)) error {
	lines := json.NewDecoder(r)
	for {
		var m pullMessage
		switch err := lines.Decode(&m); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case m.Error != "":
			return errors.New(clip(m.Error, 300))
		}
		each(m)
	}
}

// note takes in a line of Docker's.
func (o *pulled) note(m pullMessage) {
	l := o.layers[m.ID]
	if l == nil {
		if m.ID == "" || len(o.layers) >= mostLayers {
			return
		}
		if m.Status != "Pulling fs layer" && m.Status != "Already exists" && m.Status != "Waiting" && m.Status != "Downloading" {
			return // "Pulling from library/alpine", whose ID is the tag
		}
		l = &layer{}
		o.layers[m.ID] = l
	}
	m.Progress.Current, m.Progress.Total = min(max(0, m.Progress.Current), mostLayer), min(max(0, m.Progress.Total), mostLayer)
	switch m.Status {
	case "Downloading":
		l.state = max(l.state, layerComes)
		if m.Progress.Units == "" && l.state == layerComes {
			l.current = max(l.current, m.Progress.Current)
			if m.Progress.Total > 0 {
				l.total = max(l.total, m.Progress.Total, l.current)
			}
		}
	case "Verifying Checksum", "Download complete", "Extracting":
		if m.Status == "Extracting" && l.total == 0 && m.Progress.Units == "" {
			l.total = m.Progress.Total // it came too fast to be told of
		}
		l.state, l.current = max(l.state, layerHere), l.total
	case "Pull complete":
		l.state, l.current = max(l.state, layerUnpacked), l.total
	case "Already exists":
		l.state = layerWas
	}
}
