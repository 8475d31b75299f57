package catalog

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/smtp"
	"strings"
	"testing"
	"time"

	. "github.com/dentropy/dcloud/cmd/dcloud/e2e/cloudtest"
)

const (
	mailbox = "me@dcloud.localhost"
	letter  = "Subject: Sage\r\nFrom: <" + mailbox + ">\r\nTo: <" + mailbox + ">\r\nDate: Mon, 02 Nov 2026 10:00:00 +0000\r\nMessage-Id: <sage@dcloud.localhost>\r\n\r\nIt is in bloom.\r\n"
)

// Email: a mail server, which mail programs and a browser sign in to.
var _ = add(app{
	entry: "email", images: []string{"mox"},
	use: func(t *testing.T, a running) {
		// The account gets its password once the server is up. Not by trying to sign in:
		// mox lets nobody in any more who failed ten times in a minute.
		Await(t, "the account has its password", HealTime, func() error {
			if a := cloud.Dcloud(t, "app", "exec", "email", "--", "test", "-e", "/mox/data/.first-account-made"); a.Code != 0 {
				return fmt.Errorf("%d %s", a.Code, a.Stderr)
			}
			return nil
		})
		// What is sent waits in the queue: the lab has no DNS to say where it is to go,
		// not even to oneself.
		if err := sendLetter(t, a.secrets["account_password"]); err != nil {
			t.Errorf("a mail program may not send: %v", err)
		}
		if err := sendLetter(t, "wrong"); err == nil {
			t.Error("a wrong password may send")
		}
		if err := imap(t, a.secrets["account_password"], fmt.Sprintf("append Inbox {%d+}\r\n%s", len(letter), letter)); err != nil {
			t.Error(err)
		}
		readsLetter(t, a)
	},
	again: readsLetter,
})

// sendLetter sends as a mail program does.
func sendLetter(t *testing.T, password string) error {
	conn, err := cloud.Dial(t.Context(), "tcp", net.JoinHostPort(lan, "587"))
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(HealTime)); err != nil {
		return err
	}
	// The name that net/smtp takes for a way on which nobody listens.
	c, err := smtp.NewClient(conn, "localhost")
	if err != nil {
		return err
	}
	if err := c.Auth(smtp.PlainAuth("", mailbox, password, "localhost")); err != nil {
		return err
	}
	if err := c.Mail(mailbox); err != nil {
		return err
	}
	if err := c.Rcpt(mailbox); err != nil {
		return err
	}
	w, err := c.Data()
	if err != nil {
		return err
	}
	if _, err := io.WriteString(w, letter); err != nil {
		return err
	}
	return w.Close()
}

// readsLetter looks for the letter with a mail program and in the browser.
func readsLetter(t *testing.T, a running) {
	Await(t, "the letter is in the mailbox", HealTime, func() error {
		return imap(t, a.secrets["account_password"], "select Inbox", "search subject Sage")
	})
	webmail(t, a, "wrong", false)
	webmail(t, a, a.secrets["account_password"], true)
}

// imap signs in with a mail program's language (RFC 9051) and does what it is told. A
// search has to find something.
func imap(t *testing.T, password string, commands ...string) error {
	conn, err := cloud.Dial(t.Context(), "tcp", net.JoinHostPort(lan, "143"))
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(HealTime)); err != nil {
		return err
	}
	in := bufio.NewScanner(conn)
	for k, command := range append([]string{"login " + mailbox + " " + password}, commands...) {
		tag := fmt.Sprintf("a%d ", k)
		if _, err := io.WriteString(conn, tag+command+"\r\n"); err != nil {
			return err
		}
		found, what := "", strings.Fields(command)[0]
		for in.Scan() && !strings.HasPrefix(in.Text(), tag) {
			found += in.Text() + "\n"
		}
		if !strings.HasPrefix(in.Text(), tag+"OK") {
			return fmt.Errorf("%s is answered with %q (%v)", what, in.Text(), in.Err())
		}
		if what == "search" && !strings.ContainsAny(found, "123456789") {
			return fmt.Errorf("the letter is not there: %q", found)
		}
	}
	return nil
}

// webmail signs in on the page.
func webmail(t *testing.T, a running, password string, right bool) {
	t.Helper()
	p := visit(t, a)
	if page := p.get("/"); !strings.Contains(page, "<html") {
		t.Errorf("the mailbox's page is %s", Clip(page))
	}
	p.Header.Set("X-Mox-Csrf", "")
	type call struct {
		Params []any `json:"params"`
	}
	var prepared struct{ Result string }
	p.api(http.MethodPost, "/api/LoginPrep", call{[]any{}}, &prepared)
	send, err := json.Marshal(call{[]any{prepared.Result, mailbox, password}})
	if err != nil {
		t.Fatal(err)
	}
	out := p.do(http.MethodPost, "/api/Login", "application/json", strings.NewReader(string(send)))
	var in struct {
		Result string
		Error  *struct{ Code, Message string }
	}
	if err := json.Unmarshal([]byte(out.body), &in); err != nil {
		t.Fatalf("signing in is answered with %d: %s", out.status, Clip(out.body))
	}
	if got := in.Result != "" && in.Error == nil; got != right {
		t.Errorf("signing in: %t, want %t: %s", got, right, Clip(out.body))
	}
}
