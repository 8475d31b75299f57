package control

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"

	nomad "github.com/hashicorp/nomad/api"

	"github.com/dentropy/dcloud/jobs/override"
)

// parseOverride reads an override: our own rules first, then Nomad's parser. (Nomad's
// parser as a library would replace hcl for all of us; the one that runs is always that
// of the Nomad that will take the job. See docs/decisions/override-parser.md.)
func (s *Service) parseOverride(ctx context.Context, file, text string) (*override.Override, override.Problems, error) {
	if file == "" {
		file = overrideFile
	}
	written, problems := override.Parse(file, []byte(text))
	if written == nil {
		return nil, problems, nil
	}
	said, err := s.parser.parse(ctx, s.Nomad, written.ForNomad())
	if err != nil {
		return nil, nil, err
	}
	if said.complaint != "" {
		return nil, append(problems, nomadProblems(file, said.complaint)...), nil
	}
	var job nomad.Job
	if err := json.Unmarshal(said.job, &job); err != nil {
		return nil, nil, fmt.Errorf("read what Nomad made of an override: %w", err)
	}
	return override.New(written, &job), problems, nil
}

// parser asks Nomad to parse texts, and remembers what it said: an override is read each
// time that somebody looks at its app.
type parser struct {
	mu    sync.Mutex
	known map[[sha256.Size]byte]readText
	bytes int
}

// readText is what Nomad said of a text.
type readText struct {
	job       json.RawMessage
	complaint string // what is wrong with the text, "" if nothing is
}

// keepsParsed bounds what a parser remembers, in bytes. One that is full begins anew.
const keepsParsed = 8 << 20

func (p *parser) parse(ctx context.Context, c *nomad.Client, text string) (readText, error) {
	key := sha256.Sum256([]byte(text))
	p.mu.Lock()
	said, there := p.known[key]
	p.mu.Unlock()
	if there {
		return said, nil
	}
	// Raw, since ParseHCL takes no context: the request ends with who asked.
	_, err := c.Raw().Write("/v1/jobs/parse", &nomad.JobsParseRequest{JobHCL: text}, &said.job, (&nomad.WriteOptions{}).WithContext(ctx))
	var refused nomad.UnexpectedResponseError
	switch {
	case errors.As(err, &refused) && refused.StatusCode() == http.StatusBadRequest:
		said = readText{complaint: refused.Body()}
	case err != nil:
		return readText{}, fmt.Errorf("parse an override: %w", err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	size := len(said.job) + len(said.complaint) + 200
	if p.known == nil || p.bytes+size > keepsParsed {
		p.known, p.bytes = map[[sha256.Size]byte]readText{}, 0
	}
	p.known[key] = said
	p.bytes += size
	return said, nil
}

// complaintLine is a line of what Nomad's parser says: "input.hcl:4,7-10: Unsupported
// argument; An argument named "enf" is not expected here."
var complaintLine = regexp.MustCompile(`^(?:[^\s:]+):(\d+),(\d+)(?:-(?:\d+,)?\d+)?: (.+)$`)

// moreComplaints ends a list that the parser cut.
var moreComplaints = regexp.MustCompile(`, and \d+ other diagnostic\(s\)$`)

// nomadProblems reads what Nomad's parser said of a text.
func nomadProblems(file, complaint string) override.Problems {
	complaint = strings.TrimPrefix(strings.TrimSpace(complaint), "Failed to parse job: ")
	var out override.Problems
	for line := range strings.Lines(complaint) {
		line = strings.TrimSpace(moreComplaints.ReplaceAllString(strings.TrimSpace(line), ""))
		if line == "" {
			continue
		}
		m := complaintLine.FindStringSubmatch(line)
		if m == nil {
			out = append(out, override.Problem{File: file, Message: clip(line, 300)})
			continue
		}
		at, err1 := strconv.Atoi(m[1])
		column, err2 := strconv.Atoi(m[2])
		if err1 != nil || err2 != nil {
			at, column = 0, 0
		}
		message, hint := m[3], ""
		// The general words before ";" say less than those after it.
		if _, detail, found := strings.Cut(message, "; "); found && detail != "" {
			message = detail
		}
		if before, guess, found := strings.Cut(message, " Did you mean "); found {
			message, hint = before, "did you mean "+strings.TrimSuffix(guess, "?")+"?"
		}
		out = append(out, override.Problem{File: file, Line: at, Column: column, Message: clip(strings.TrimSuffix(message, "."), 300), Hint: hint})
	}
	if len(out) == 0 {
		out = override.Problems{{File: file, Message: "Nomad cannot read it, and does not say why"}}
	}
	return out
}
