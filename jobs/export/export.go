// Package export writes a job as Nomad's own HCL, for people who want to see what
// runs, or to leave: `nomad job run` takes the text, and reads the same job from it.
//
// It is pure, and depends on the Nomad API's types and on hclwrite, which lays the
// text out. Nomad's parser decodes HCL into these types by their hcl tags
// (nomad/jobspec2), so writing goes by the same tags. Start reading at Job.
package export

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/hashicorp/nomad/api"
)

// Job is the job as Nomad HCL, with a comment above it that says what the job needs
// beside itself. It holds no value of a secret, since a job holds none: a template
// reads them when the task starts. The error says which field HCL has no words for.
func Job(job *api.Job) (string, error) {
	if job == nil || job.ID == nil {
		return "", errors.New("export: a job without an ID")
	}
	text, err := Partial(job)
	if err != nil {
		return "", fmt.Errorf("export job %s: %w", *job.ID, err)
	}
	return header(job) + "\n" + text, nil
}

// Partial is a job, or part of one, without the comment: only what is set is written.
// A field that is no pointer is set unless it is zero.
func Partial(job *api.Job) (string, error) {
	p := &printer{}
	name := deref(job.ID)
	p.line("job %s {", quote(name))
	if err := p.structure(reflect.ValueOf(job).Elem(), func(field string) bool {
		return field == "ID" || field == "Name" && deref(job.Name) == name
	}); err != nil {
		return "", err
	}
	p.line("}")
	return string(hclwrite.Format(p.text.Bytes())), nil
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
