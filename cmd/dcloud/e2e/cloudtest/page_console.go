package cloudtest

import (
	"errors"
	"fmt"
	"iter"
	"regexp"
	"strings"
	"time"

	"github.com/chromedp/chromedp"
)

// abandoned is what is said of what was given up for something newer: by htmx of a
// request that another one, or another page, took the place of (one that failed says
// htmx:sendError besides), by Chromium of a move between pages, before any script runs.
var abandoned = regexp.MustCompile(`^htmx:(sendAbort|afterRequest), |ViewTransition opt-in disabled`)

// hear keeps what the browser complains of, until the window closes.
func (p *Page) hear(messages iter.Seq2[chromedp.ConsoleMessage, error]) {
	for message, err := range messages {
		if err != nil {
			return
		}
		p.mu.Lock()
		if mark, ok := p.heard[message.Text]; ok {
			close(mark)
			delete(p.heard, message.Text)
		} else if complaint := message.Type == chromedp.ConsoleError || message.Type == chromedp.ConsoleException; complaint && !abandoned.MatchString(message.Text) {
			p.problems = append(p.problems, strings.TrimSpace(message.Text+" "+message.URL))
		}
		p.mu.Unlock()
	}
}

// hearAll waits until all that the browser has complained of so far has been heard: it
// comes by another way than what the page shows.
func (p *Page) hearAll() error {
	mark, text := make(chan struct{}), fmt.Sprintf("heard until %d", time.Now().UnixNano())
	p.mu.Lock()
	p.heard[text] = mark
	p.mu.Unlock()
	if _, err := p.eval("console.debug(" + quote(text) + ")"); err != nil {
		return err
	}
	select {
	case <-mark:
		return nil
	case <-p.ctx.Done():
		return p.ctx.Err()
	case <-time.After(answerTime):
		return errors.New("the browser's console is silent")
	}
}

// tell ends a test: with what the browser complained of, and where the test has failed
// with what the window shows.
func (p *Page) tell() {
	p.t.Helper()
	err := p.hearAll()
	p.mu.Lock()
	problems := strings.Join(p.problems, "\n")
	p.mu.Unlock()
	if problems != "" {
		p.t.Errorf("the browser complained: %s", problems)
	}
	if !p.t.Failed() {
		return
	}
	at, atErr := p.eval("location.href + ' (' + document.readyState + ')'")
	text, textErr := p.text()
	p.t.Logf("the window is at %v and shows: %s (%v)", at, clipPage(text), errors.Join(err, atErr, textErr))
}

// Forgive drops complaints that hold the words: what the browser says of an answer
// that the test asked for.
func (p *Page) Forgive(words string) {
	p.t.Helper()
	Await(p.t, "the browser's complaints are heard", PageTime, p.hearAll)
	p.mu.Lock()
	defer p.mu.Unlock()
	var left []string
	for _, problem := range p.problems {
		if !strings.Contains(problem, words) {
			left = append(left, problem)
		}
	}
	p.problems = left
}
