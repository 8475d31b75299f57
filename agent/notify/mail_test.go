package notify

import (
	"io"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"strings"
	"testing"
	"time"

	"github.com/dentropy/dcloud/agent"
)

var quick = []time.Duration{time.Millisecond, time.Millisecond}

func TestMailGoesThroughSTARTTLSWithThePassword(t *testing.T) {
	s, roots := newMailServer(t, &mailServer{starttls: true, password: "pa ss"})
	to := agent.Notify{Email: "ada@example.org", SMTP: "smtp://robot%40example.org@" + s.address(), SMTPPassword: "pa ss"}
	if err := (Sender{Roots: roots}).Send(t.Context(), to, crash()); err != nil {
		t.Fatal(err)
	}
	got, _ := s.got()
	if len(got) != 1 || !got[0].encrypted || got[0].user != "robot@example.org" || !strings.Contains(got[0].from, "<robot@example.org>") || !strings.Contains(got[0].to, "<ada@example.org>") {
		t.Fatalf("%+v", got)
	}
	m, err := mail.ReadMessage(strings.NewReader(got[0].data))
	if err != nil {
		t.Fatal(err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil || subject != "Ada’s cloud: miniflux could not be installed" || m.Header.Get("Auto-Submitted") != "auto-generated" {
		t.Errorf("%q, %v", subject, err)
	}
	body, err := io.ReadAll(quotedprintable.NewReader(m.Body))
	if err != nil || !strings.Contains(string(body), "Miniflux did not become healthy.") || !strings.Contains(string(body), "https://panel.ada.example") {
		t.Errorf("%q, %v", body, err)
	}
	if strings.Contains(string(body), "what somebody wrote") || strings.Contains(got[0].data, "pa ss") {
		t.Errorf("the mail says too much: %q", got[0].data)
	}
}

func TestMailGoesThroughTLSFromTheBeginning(t *testing.T) {
	s, roots := newMailServer(t, &mailServer{within: true, password: "p"})
	to := agent.Notify{Email: "ada@example.org", SMTP: "smtps://ada@" + s.address(), SMTPPassword: "p"}
	if err := (Sender{Roots: roots}).Send(t.Context(), to, crash()); err != nil {
		t.Fatal(err)
	}
	if got, _ := s.got(); len(got) != 1 || !got[0].encrypted || got[0].user != "ada" || !strings.Contains(got[0].from, "<ada@example.org>") {
		t.Errorf("%+v", got)
	}
}

func TestAPasswordIsNeverSentInTheOpen(t *testing.T) {
	s, roots := newMailServer(t, &mailServer{password: "p"})
	to := agent.Notify{Email: "ada@example.org", SMTP: "smtp://ada@" + s.address(), SMTPPassword: "p"}
	if err := (Sender{Roots: roots}).Send(t.Context(), to, crash()); err == nil {
		t.Error("it was sent")
	}
	s2, _ := newMailServer(t, &mailServer{starttls: true, password: "p"})
	to.SMTP = "smtp://ada@" + s2.address()
	if err := (Sender{}).Send(t.Context(), to, crash()); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("to a server that anybody could be: %v", err)
	}
	for _, s := range []*mailServer{s, s2} {
		if got, _ := s.got(); len(got) != 0 {
			t.Errorf("%+v", got)
		}
	}
}

func TestARelayOfTheHomeNeedsNeitherTLSNorAPassword(t *testing.T) {
	s, roots := newMailServer(t, &mailServer{})
	if err := (Sender{Roots: roots}).Send(t.Context(), agent.Notify{Email: "ada@example.org", SMTP: "smtp://" + s.address()}, crash()); err != nil {
		t.Fatal(err)
	}
	if got, _ := s.got(); len(got) != 1 || got[0].user != "" {
		t.Errorf("%+v", got)
	}
}

func TestAWrongPasswordIsTriedOnceAndABusyServerAgain(t *testing.T) {
	s, roots := newMailServer(t, &mailServer{starttls: true, password: "right"})
	to := agent.Notify{Email: "ada@example.org", SMTP: "smtp://ada@" + s.address(), SMTPPassword: "wrong-pass"}
	err := Sender{Roots: roots, Pause: quick}.Send(t.Context(), to, crash())
	if _, tries := s.got(); err == nil || tries != 1 || !strings.Contains(err.Error(), "the password is wrong") || strings.Contains(err.Error(), "wrong-pass") {
		t.Errorf("%v after %d tries", err, tries)
	}
	s, roots = newMailServer(t, &mailServer{refuse: "450 4.2.1 come back later"})
	to = agent.Notify{Email: "ada@example.org", SMTP: "smtp://" + s.address()}
	err = Sender{Roots: roots, Pause: quick}.Send(t.Context(), to, crash())
	if _, tries := s.got(); err == nil || tries != 3 || !strings.Contains(err.Error(), "come back later") {
		t.Errorf("%v after %d tries", err, tries)
	}
	s, roots = newMailServer(t, &mailServer{refuse: "550 5.1.1 nobody of that name"})
	to.SMTP = "smtp://" + s.address()
	err = Sender{Roots: roots, Pause: quick}.Send(t.Context(), to, crash())
	if _, tries := s.got(); err == nil || tries != 1 {
		t.Errorf("%v after %d tries", err, tries)
	}
}

func TestWhatAnAppIsCalledCannotAddAHeader(t *testing.T) {
	s, roots := newMailServer(t, &mailServer{})
	m := crash()
	m.Cloud = "x\r\nBcc: eve@example.org"
	m.Activity.App = "y\r\nX-Evil: 1"
	err := Sender{Roots: roots}.Send(t.Context(), agent.Notify{Email: "ada@example.org", SMTP: "smtp://" + s.address()}, m)
	if err != nil {
		return // refused is well too
	}
	got, _ := s.got()
	r, err := mail.ReadMessage(strings.NewReader(got[0].data))
	if err != nil || r.Header.Get("Bcc") != "" || r.Header.Get("X-Evil") != "" {
		t.Errorf("%v, %v", r, err)
	}
}

func TestAMailServerThatSaysNothingHoldsNothingUp(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	begun := time.Now()
	// As often as this it would be minutes at the limit that there is unless one is said.
	again := Sender{Timeout: 20 * time.Millisecond, Pause: make([]time.Duration, 20)}
	err = again.Send(t.Context(), agent.Notify{Email: "ada@example.org", SMTP: "smtp://" + l.Addr().String()}, crash())
	if took := time.Since(begun); err == nil || took > 2*time.Minute {
		t.Errorf("%v after %s", err, took)
	}
}
