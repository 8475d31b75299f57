package control

import (
	"sync"

	"github.com/dentropy/dcloud/agent"
)

// progress reports the stages of one operation. Nothing is told after its end.
type progress struct {
	s    *Service
	op   string
	app  string // "" for an operation on a machine
	node string // the machine, for an operation on one
	echo bool   // another server carries it out, and writes the history

	mu   sync.Mutex
	last string
	over bool
}

// percentAt is how far an install is when a stage begins. Pulling an image takes
// by far the longest where it is not on the machine yet.
var percentAt = map[string]int{
	agent.StageResolve: 0, agent.StageCheck: 2, agent.StageSecrets: 4, agent.StageVolumes: 6,
	agent.StagePlan: 8, agent.StagePull: 10, agent.StageStart: 75, agent.StageHealthy: 85,
	agent.StageRouted: 95, agent.StageStop: 20, agent.StageRemove: 60,
	agent.StageDrain: 5, agent.StageRotate: 80,
}

func (p *progress) start(stage, message string) {
	if p.enter(stage) {
		p.send(agent.Event{Stage: stage, State: agent.EventStarted, Message: message, Percent: percentAt[stage]})
	}
}

// enter notes the stage that the operation is in, and tells whether it is a new one.
func (p *progress) enter(stage string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	before := p.last
	p.last = stage
	return before != stage
}

func (p *progress) stage() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.last
}

func (p *progress) update(stage, message string, percent int) {
	p.send(agent.Event{Stage: stage, State: agent.EventProgress, Message: message, Percent: percent})
}

func (p *progress) done(stage, message string) {
	p.enter(stage)
	p.send(agent.Event{Stage: stage, State: agent.EventDone, Message: message, Percent: percentAt[stage]})
}

// retry tells why the operation stands still: an engine is away, not the app.
func (p *progress) retry(why *agent.Error) {
	stage := p.stage()
	if stage == "" {
		stage = agent.StageCheck
	}
	p.update(stage, why.Message+"; trying again", percentAt[stage])
}

func (p *progress) finish(stage, message, url string) {
	p.send(agent.Event{Stage: stage, State: agent.EventDone, Message: message, Percent: 100, Final: true, URL: url})
}

func (p *progress) fail(stage string, err *agent.Error, logs []string) {
	p.send(agent.Event{Stage: stage, State: agent.EventFailed, Message: err.Message, Percent: percentAt[stage], Final: true, Error: err, Logs: logs})
}

func (p *progress) send(e agent.Event) {
	p.mu.Lock()
	over := p.over
	p.over = over || e.Final
	p.mu.Unlock()
	if over {
		return
	}
	e.Op, e.App, e.Node = p.op, p.app, p.node
	if e.Final && !p.echo {
		p.s.noteEnd(e)
	}
	p.s.events.publish(e)
}
