package control

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	nomad "github.com/hashicorp/nomad/api"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/catalog"
	"github.com/dentropy/dcloud/jobs"
)

// patience is how long an app may show nothing new (no pull progress, no task
// event) before an operation on it is given up.
const patience = 5 * time.Minute

// finishing is how long a write that was begun may take to come to an end although
// nobody wants its result any more.
const finishing = 10 * time.Second

// deploy makes an app run as its intent says, and returns its URL ("" if it has
// none) once a request through the front door is answered. since is when the
// operation began, zero for one that nobody asked for. Each step looks first
// whether it has been done, so that it can be repeated after a crash anywhere.
func (s *Service) deploy(ctx context.Context, i *Intent, since time.Time, p *progress) (url string, err error) {
	entry, problems := catalog.Parse(i.Entry+"/app.hcl", []byte(i.Manifest))
	if entry == nil {
		return "", failed(agent.Errorf(agent.CodeFailed, "the entry of %s cannot be read: %w", i.Name, problems))
	}
	in, err := s.input(i, entry)
	if err != nil {
		return "", failed(agent.AsError(err))
	}
	if in, err = s.overridden(ctx, i, in, overrideFile); err != nil {
		return "", err
	}
	if _, err := s.buildOverridden(in, i.Name); err != nil { // before anything is made for it
		return "", err
	}
	where, err := s.place(ctx, in)
	if err != nil {
		return "", err
	}
	if jobs.Tied(entry) {
		in.Intent.Home = where.node.ID
	}

	p.start(agent.StageSecrets, "making passwords")
	made, revision, err := s.ensureSecrets(ctx, i.Name, entry, in.Intent.Passwords)
	if err != nil {
		return "", err
	}
	in.Intent.SecretsRevision = revision
	p.done(agent.StageSecrets, count(made, "password", "made"))

	p.start(agent.StageVolumes, "making room for data")
	volumes, err := jobs.Volumes(entry, i.Name)
	if err != nil {
		return "", failed(agent.Errorf(agent.CodeFailed, "cannot lay out the data of %s: %w", i.Name, err))
	}
	made, err = s.ensureVolumes(ctx, i.Name, volumes, where.node.ID)
	if err != nil {
		return "", err
	}
	p.done(agent.StageVolumes, count(made, "folder", "made"))

	job, err := s.buildOverridden(in, i.Name)
	if err != nil {
		return "", err
	}
	job.SetMeta(metaIntent, i.hash(s.door()))
	version, evalID, err := s.register(ctx, i, job, p)
	if err != nil {
		return "", err
	}
	if since.IsZero() {
		since = s.Now()
	}
	seen := newWatcher(job, since, p)
	seen.pulls = newPulls(s, job, p)
	defer seen.pulls.end()
	copies, err := s.awaitRunning(ctx, job, seen, version, evalID)
	if err != nil {
		return "", err
	}
	// A container that runs may still end: while its answer is waited for, its
	// allocation is watched on.
	probing, stop := context.WithCancelCause(ctx)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		stop(s.awaitFailure(probing, *job.ID, seen, version))
	}()
	defer func() {
		stop(nil)
		<-watched // it tells no progress of an operation that is over
	}()
	if jobs.AppURL(in) == "" {
		return "", s.awaitChecks(probing, job, copies)
	}
	if err := s.probe(probing, in, copies, p); err != nil {
		return "", err
	}
	return jobs.AppURL(in), nil
}

func count(n int, what, done string) string {
	switch n {
	case 0:
		return "nothing to be " + done
	case 1:
		return "1 " + what + " " + done
	}
	return fmt.Sprintf("%d %ss %s", n, what, done)
}

// register gives the job to Nomad unless it has it already, and returns the job's
// version and the evaluation that places it ("" where nothing was registered).
func (s *Service) register(ctx context.Context, i *Intent, job *nomad.Job, p *progress) (version uint64, evalID string, err error) {
	p.start(agent.StagePlan, "planning")
	before, err := s.job(ctx, i.Name)
	if err != nil {
		return 0, "", err
	}
	if before != nil && !*before.Stop && before.Meta[metaIntent] == job.Meta[metaIntent] {
		p.done(agent.StagePlan, "nothing to change")
		return *before.Version, "", nil
	}
	var index uint64
	if before != nil {
		index = *before.JobModifyIndex
	}
	plan, err := s.planRoom(ctx, job)
	if err != nil {
		return 0, "", rejected(err, "Nomad does not accept the job")
	}
	if len(plan.FailedTGAllocs) > 0 {
		return 0, "", failed(agent.Errorf(agent.CodeFailed, "%s cannot be placed: %s", i.Name, misplaced(plan.FailedTGAllocs)).
			WithHint("see what there is with: dcloud node list"))
	}
	opts := &nomad.RegisterOptions{EnforceIndex: true, ModifyIndex: index}
	// Nomad would finish what it was sent whether or not we hear of it, and a removal
	// that came in between would not find the job.
	sure, cancel := context.WithTimeout(context.WithoutCancel(ctx), finishing)
	defer cancel()
	res, _, err := s.Nomad.Jobs().RegisterOpts(job, opts, (&nomad.WriteOptions{}).WithContext(sure))
	if err != nil {
		return 0, "", rejected(err, "Nomad did not take the job")
	}
	now, _, err := s.Nomad.Jobs().Info(i.Name, (&nomad.QueryOptions{WaitIndex: res.JobModifyIndex - 1}).WithContext(ctx))
	if err != nil {
		return 0, "", fmt.Errorf("read back the job of %s: %w", i.Name, err)
	}
	p.done(agent.StagePlan, "placed")
	return *now.Version, res.EvalID, nil
}

func (s *Service) plan(ctx context.Context, job *nomad.Job) (*nomad.JobPlanResponse, error) {
	plan, _, err := s.Nomad.Jobs().PlanOpts(job, &nomad.PlanOptions{}, (&nomad.WriteOptions{}).WithContext(ctx))
	return plan, err
}

// planRoom asks Nomad what it would do. Where there is no room for a copy more, the job
// is changed so that each makes room for its own successor.
func (s *Service) planRoom(ctx context.Context, job *nomad.Job) (*nomad.JobPlanResponse, error) {
	plan, err := s.plan(ctx, job)
	if err == nil && len(plan.FailedTGAllocs) > 0 && jobs.InPlace(job) {
		plan, err = s.plan(ctx, job)
	}
	return plan, err
}

// rejected tells a refusal by Nomad, which trying again would not mend, from an
// engine that is away.
func rejected(err error, what string) error {
	var r nomad.UnexpectedResponseError
	if !errors.As(err, &r) {
		return fmt.Errorf("%s: %w", what, err)
	}
	text := strings.TrimSpace(r.Body())
	switch {
	case strings.Contains(text, "job modify index") || strings.Contains(text, nomad.RegisterEnforceIndexErrPrefix):
		// Not the app's fault: read the job again and decide anew.
		return fmt.Errorf("%s: somebody else changed the job at the same time", what)
	case r.StatusCode() == http.StatusBadRequest || strings.Contains(text, "validation") || strings.Contains(text, "invalid"):
		return failed(agent.Errorf(agent.CodeFailed, "%s: %s", what, clip(text, 400)))
	}
	return fmt.Errorf("%s: %w", what, err)
}

// misplaced says in words why no machine takes a job.
func misplaced(failures map[string]*nomad.AllocationMetric) string {
	var reasons []string
	add := func(format string, args ...any) { reasons = append(reasons, fmt.Sprintf(format, args...)) }
	for _, group := range slices.Sorted(maps.Keys(failures)) {
		m := failures[group]
		for _, dimension := range slices.Sorted(maps.Keys(m.DimensionExhausted)) {
			add("not enough %s", dimension)
		}
		for _, constraint := range slices.Sorted(maps.Keys(m.ConstraintFiltered)) {
			switch {
			case strings.Contains(constraint, "cpu.arch"):
				add("no machine of the right kind of processor")
			case strings.Contains(constraint, "volume") || strings.Contains(constraint, "node.unique.id"):
				add("its data is on a machine that is away")
			case strings.Contains(constraint, "node.unique.name"):
				add("the machine that was asked for is away")
			default:
				add("no machine with %s", constraint)
			}
		}
		if len(reasons) == 0 && m.NodesEvaluated == 0 {
			add("no machine is ready")
		}
	}
	if len(reasons) == 0 {
		return "no machine takes it"
	}
	return strings.Join(reasons, ", ")
}
