package web

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/dentropy/dcloud/agent"
)

const (
	// uploadTime is what a form with a file may take to arrive, over a slow line.
	uploadTime = 5 * time.Minute
	// maxFile bounds a file, in bytes.
	maxFile = agent.MaxStoreArchive
)

// File is a file that came with a form, nil where none did. Only routes that are Upload
// have any.
func (c *Ctx) File(name string) []byte { return c.files[name] }

// readUpload reads a form with a file: the fields as those of any other form, and the
// file into memory. Nothing is written to the disk of a server.
func (c *Ctx) readUpload() error {
	r := c.Echo.Request()
	r.Body = http.MaxBytesReader(c.Echo.Response(), r.Body, maxFile+maxForm)
	control := http.NewResponseController(c.Echo.Response())
	// Not every writer has deadlines: a test's recorder has none.
	if control.SetReadDeadline(time.Now().Add(uploadTime)) == nil {
		defer control.SetReadDeadline(time.Time{})
	}
	parts, err := r.MultipartReader()
	if err != nil {
		return errUnread()
	}
	values, files := url.Values{}, map[string][]byte{}
	left, count := maxForm, 0
	for {
		part, err := parts.NextPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			return unreadPart(err)
		}
		if count++; count > maxFields {
			return errTooBig()
		}
		most := left
		if part.FileName() != "" {
			most = maxFile
		}
		content, err := io.ReadAll(io.LimitReader(part, int64(most)+1))
		if err != nil {
			return unreadPart(err)
		}
		if len(content) > most || part.FileName() != "" && len(files) > 0 {
			return errTooBig()
		}
		if part.FileName() != "" {
			files[part.FormName()] = content
			continue
		}
		left -= len(content)
		values.Add(part.FormName(), string(content))
	}
	if err := checkValues(values); err != nil {
		return err
	}
	r.PostForm, r.Form, c.files = values, values, files
	return nil
}

func unreadPart(err error) error {
	var tooBig *http.MaxBytesError
	if errors.As(err, &tooBig) {
		return errTooBig()
	}
	return errUnread()
}
