package main

import (
	"context"
	"fmt"

	"github.com/dentropy/dcloud/provisioning"
	"github.com/dentropy/dcloud/provisioning/node"
	"github.com/dentropy/dcloud/provisioning/selfimage"
)

// ownImages builds the images that the cloud itself needs from the installed
// program: nothing is pulled for them.
func (e *env) ownImages(l node.Layout) provisioning.Action {
	return provisioning.Action{
		Name: "Own images",
		Check: func(ctx context.Context) (bool, string, error) {
			docker, err := selfimage.Dial(e.getenv("DOCKER_HOST"))
			if err != nil {
				return false, "", err
			}
			defer docker.Close()
			current, err := selfimage.Current(ctx, docker, agentBinary(l))
			if err != nil || !current {
				return false, "to be built", err
			}
			return true, "built", nil
		},
		Apply: func(ctx context.Context, progress func(provisioning.Progress)) error {
			docker, err := selfimage.Dial(e.getenv("DOCKER_HOST"))
			if err != nil {
				return err
			}
			defer docker.Close()
			_, err = selfimage.Ensure(ctx, docker, agentBinary(l), func(line string) {
				progress(provisioning.Progress{Message: line, Percent: -1})
			})
			return err
		},
	}
}

// note tells something beside the answer.
func (e *env) note(format string, args ...any) {
	if !e.json {
		fmt.Fprintf(e.stderr, format+"\n", args...)
	}
}
