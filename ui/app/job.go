package app

import (
	"net/http"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/web"
)

// jobFile sends an app's job as a file: in Nomad's own language, or as JSON.
func jobFile(kind string, text func(agent.JobText) string) func(*web.Ctx) error {
	return func(c *web.Ctx) error {
		job, err := c.Cloud.Job(c.Context(), c.Param("name"))
		if err != nil {
			return err
		}
		content := text(job)
		if content == "" {
			return agent.Errorf(agent.CodeNotFound, "%s", c.T("the job cannot be had in this form"))
		}
		// The name is an app's: letters, digits and hyphens.
		c.Echo.Response().Header().Set("Content-Disposition", `attachment; filename="`+job.Name+".nomad."+kind+`"`)
		return c.Echo.Blob(http.StatusOK, "text/plain; charset=utf-8", []byte(content))
	}
}

func inHCL(j agent.JobText) string  { return j.HCL }
func inJSON(j agent.JobText) string { return j.JSON }
