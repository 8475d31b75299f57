package override

import "maps"

// class is what an override may do with a field.
type class int

const (
	allowed class = iota // anything
	asked                // only with allow-privileged, and then it is a risk
	refused              // nothing
)

// rule is what holds for one field of the job. Every field that HCL can set has one
// (TestEveryFieldIsClassified).
type rule struct {
	class class
	why   string // follows the address; "" where the class is allowed
	hint  string
	// check decides by the value where the class alone does not. It is asked for
	// changes of an allowed field only.
	check func(*checker, change)
}

func ok() rule                              { return rule{} }
func no(why, hint string) rule              { return rule{class: refused, why: why, hint: hint} }
func ask(why string) rule                   { return rule{class: asked, why: why} }
func checked(f func(*checker, change)) rule { return rule{check: f} }
func deprecated(instead string) rule        { return no("Nomad keeps it for old jobs only", instead) }

const (
	whyEnterprise = "only Nomad Enterprise has it"
	whyIdentity   = "it would hand the app a token of the cloud's own services"
	whyCloud      = "the cloud itself decides it"
)

// rules are by the types and fields of the Nomad API. What is within a refused block
// needs no rule.
var rules = allRules(jobRules, moreRules, dockerRules)

func allRules(parts ...map[string]rule) map[string]rule {
	all := map[string]rule{}
	for _, p := range parts {
		maps.Copy(all, p)
	}
	return all
}

var jobRules = map[string]rule{
	"Job.Region":           no(whyCloud, ""),
	"Job.Namespace":        no(whyCloud, ""),
	"Job.ID":               no("an app keeps its name", "to run the app under another name, install it again with --name"),
	"Job.Name":             no("an app keeps its name", "to run the app under another name, install it again with --name"),
	"Job.Type":             no("an app is a service, which runs until it is stopped", "put other work into a task with a lifecycle"),
	"Job.Priority":         ok(),
	"Job.AllAtOnce":        ok(),
	"Job.Datacenters":      ok(),
	"Job.NodePool":         ok(),
	"Job.Constraints":      checked(checkConstraint),
	"Job.Affinities":       ok(),
	"Job.TaskGroups":       checked(checkGroup),
	"Job.Update":           ok(),
	"Job.Multiregion":      no(whyEnterprise, ""),
	"Job.Spreads":          ok(),
	"Job.Periodic":         no("an app is a service, which runs until it is stopped", ""),
	"Job.ParameterizedJob": no("an app is a service, which runs until it is stopped", ""),
	"Job.Reschedule":       ok(),
	"Job.Migrate":          ok(),
	"Job.Meta":             checked(checkMeta),
	"Job.UI":               ok(),

	"Constraint.LTarget": ok(),
	"Constraint.RTarget": ok(),
	"Constraint.Operand": ok(),
	"Affinity.LTarget":   ok(),
	"Affinity.RTarget":   ok(),
	"Affinity.Operand":   ok(),
	"Affinity.Weight":    ok(),

	"TaskGroup.Count":                     ok(), // checkCopies
	"TaskGroup.Constraints":               checked(checkConstraint),
	"TaskGroup.Affinities":                ok(),
	"TaskGroup.Tasks":                     ok(),
	"TaskGroup.Spreads":                   ok(),
	"TaskGroup.Volumes":                   ok(),
	"TaskGroup.RestartPolicy":             ok(),
	"TaskGroup.Disconnect":                ok(),
	"TaskGroup.ReschedulePolicy":          ok(),
	"TaskGroup.EphemeralDisk":             ok(),
	"TaskGroup.Update":                    ok(),
	"TaskGroup.Migrate":                   ok(),
	"TaskGroup.Networks":                  ok(),
	"TaskGroup.Meta":                      checked(checkMeta),
	"TaskGroup.Services":                  ok(),
	"TaskGroup.ShutdownDelay":             ok(),
	"TaskGroup.MaxRunDuration":            no("an app is a service, which runs until it is stopped", ""),
	"TaskGroup.StopAfterClientDisconnect": deprecated("write disconnect { stop_on_client_after = … }"),
	"TaskGroup.MaxClientDisconnect":       deprecated("write disconnect { lost_after = … }"),
	"TaskGroup.Scaling":                   no("the cloud has no autoscaler", "change count, or the app's setting replicas"),
	"TaskGroup.Consul":                    no(whyCloud, ""),
	"TaskGroup.PreventRescheduleOnLost":   deprecated("write disconnect { replace = … }"),

	"Task.Driver":          checked(checkDriver),
	"Task.User":            ok(),
	"Task.Lifecycle":       ok(),
	"Task.Config":          ok(), // of another driver, which is asked for; Docker's has rules of its own
	"Task.Constraints":     checked(checkConstraint),
	"Task.Affinities":      ok(),
	"Task.Env":             ok(),
	"Task.Services":        ok(),
	"Task.Resources":       ok(),
	"Task.RestartPolicy":   ok(),
	"Task.Meta":            checked(checkMeta),
	"Task.KillTimeout":     ok(),
	"Task.LogConfig":       ok(),
	"Task.Artifacts":       checked(checkArtifact),
	"Task.Vault":           no("there is no Vault in the cloud", "the app's secrets are in its Nomad Variable, which a template reads by nomadVar"),
	"Task.Consul":          no(whyCloud, ""),
	"Task.Templates":       ok(),
	"Task.DispatchPayload": no("an app is not dispatched", ""),
	"Task.VolumeMounts":    ok(),
	"Task.CSIPluginConfig": no("a plugin for volumes serves the whole cloud", ""),
	"Task.Leader":          ok(),
	"Task.ShutdownDelay":   ok(),
	"Task.KillSignal":      ok(),
	"Task.Kind":            no("it is for Consul's service mesh, which the cloud does not use", ""),
	"Task.ScalingPolicies": no("the cloud has no autoscaler", "change resources"),
	"Task.Secrets":         no("the cloud has no such secret stores", "the app's secrets are in its Nomad Variable, which a template reads by nomadVar"),
	"Task.Identities":      no(whyIdentity, ""),
	"Task.Actions":         ok(),
	"Task.Schedule":        no(whyEnterprise, ""),

	"TaskLifecycle.Hook":    ok(),
	"TaskLifecycle.Sidecar": ok(),
	"Action.Command":        ok(),
	"Action.Args":           ok(),

	"Service.Name":              ok(), // the key: checked with the service
	"Service.Tags":              ok(), // checkService
	"Service.CanaryTags":        ok(), // checkService
	"Service.EnableTagOverride": no("whoever reaches Consul could then change the app's routes", ""),
	"Service.PortLabel":         ok(), // checkService
	"Service.AddressMode":       ok(), // checkService
	"Service.Address":           no("the app's name would lead to another machine", "leave it out: the service is where its task runs"),
	"Service.Checks":            ok(),
	"Service.CheckRestart":      ok(),
	"Service.Connect":           no("the cloud does not use Consul's service mesh", ""),
	"Service.Meta":              checked(checkMeta),
	"Service.CanaryMeta":        checked(checkMeta),
	"Service.TaggedAddresses":   no("the app's name would lead to another machine", "leave it out: the service is where its task runs"),
	"Service.TaskName":          ok(), // Nomad refuses a task that is not of the group
	"Service.OnUpdate":          ok(),
	"Service.Identity":          no(whyIdentity, ""),
	"Service.Weights":           ok(),
	"Service.Provider":          ok(), // checkService
	"Service.Cluster":           no(whyEnterprise, ""),
	"Service.Kind":              no("it is for Consul's service mesh, which the cloud does not use", ""),

	"ServiceCheck.Name":                   ok(),
	"ServiceCheck.Type":                   ok(),
	"ServiceCheck.Command":                ok(), // a script runs in the container of its task
	"ServiceCheck.Args":                   ok(),
	"ServiceCheck.Path":                   ok(), // checkService
	"ServiceCheck.Protocol":               ok(),
	"ServiceCheck.PortLabel":              ok(), // checkService
	"ServiceCheck.Expose":                 no("it is for Consul's service mesh, which the cloud does not use", ""),
	"ServiceCheck.AddressMode":            ok(), // checkService
	"ServiceCheck.Advertise":              no("the check would go to another machine", ""),
	"ServiceCheck.Interval":               ok(),
	"ServiceCheck.Timeout":                ok(),
	"ServiceCheck.InitialStatus":          ok(),
	"ServiceCheck.Notes":                  ok(),
	"ServiceCheck.TLSServerName":          ok(),
	"ServiceCheck.TLSSkipVerify":          ok(),
	"ServiceCheck.Header":                 ok(),
	"ServiceCheck.Method":                 ok(),
	"ServiceCheck.CheckRestart":           ok(),
	"ServiceCheck.GRPCService":            ok(),
	"ServiceCheck.GRPCUseTLS":             ok(),
	"ServiceCheck.TaskName":               ok(),
	"ServiceCheck.SuccessBeforePassing":   ok(),
	"ServiceCheck.FailuresBeforeCritical": ok(),
	"ServiceCheck.FailuresBeforeWarning":  ok(),
	"ServiceCheck.Body":                   ok(),
	"ServiceCheck.OnUpdate":               ok(),
	"CheckRestart.Limit":                  ok(),
	"CheckRestart.Grace":                  ok(),
	"CheckRestart.IgnoreWarnings":         ok(),
	"ServiceWeights.Passing":              ok(),
	"ServiceWeights.Warning":              ok(),
}
