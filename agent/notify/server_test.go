package notify

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"net"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// mailServer is a small server of mail: RFC 5321 as far as one message needs it, with
// STARTTLS and AUTH PLAIN.
type mailServer struct {
	listener net.Listener
	cert     tls.Certificate
	starttls bool
	within   bool   // speaks TLS from the beginning
	password string // that it takes
	refuse   string // its answer to RCPT, "" to take it

	mu      sync.Mutex
	letters []letter
	tries   int
	cover   sync.WaitGroup
}

// letter is what it got.
type letter struct {
	from, to, user, data string
	encrypted            bool
}

func newMailServer(t *testing.T, s *mailServer) (*mailServer, *x509.CertPool) {
	t.Helper()
	web := httptest.NewUnstartedServer(nil)
	web.StartTLS() // for its certificate, which is for 127.0.0.1 and example.com
	s.cert = web.TLS.Certificates[0]
	roots := x509.NewCertPool()
	roots.AddCert(web.Certificate())
	web.Close()
	var err error
	if s.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	s.cover.Go(func() {
		for {
			conn, err := s.listener.Accept()
			if err != nil {
				return
			}
			s.cover.Go(func() { defer conn.Close(); s.serve(conn) })
		}
	})
	t.Cleanup(func() { s.listener.Close(); s.cover.Wait() })
	return s, roots
}

func (s *mailServer) address() string { return s.listener.Addr().String() }

func (s *mailServer) got() ([]letter, int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]letter{}, s.letters...), s.tries
}

func (s *mailServer) serve(conn net.Conn) {
	s.mu.Lock()
	s.tries++
	s.mu.Unlock()
	var l letter
	if s.within {
		conn, l.encrypted = tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{s.cert}}), true
	}
	r := bufio.NewReader(conn)
	say := func(text string) { fmt.Fprintf(conn, "%s\r\n", text) }
	say("220 mail.example.com ESMTP")
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimSpace(line)
		verb, rest, _ := strings.Cut(line, " ")
		switch strings.ToUpper(verb) {
		case "EHLO":
			say("250-mail.example.com")
			if s.starttls && !l.encrypted {
				say("250-STARTTLS")
			}
			if s.password != "" {
				say("250-AUTH PLAIN")
			}
			say("250 8BITMIME")
		case "STARTTLS":
			say("220 go ahead")
			conn, l.encrypted = tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{s.cert}}), true
			r = bufio.NewReader(conn)
		case "AUTH":
			_, token, _ := strings.Cut(rest, " ")
			plain, _ := base64.StdEncoding.DecodeString(token)
			parts := strings.Split(string(plain), "\x00")
			if len(parts) != 3 || parts[2] != s.password {
				say("535 5.7.8 the password is wrong")
				continue
			}
			l.user = parts[1]
			say("235 welcome")
		case "MAIL":
			l.from = rest
			say("250 well")
		case "RCPT":
			if l.to = rest; s.refuse != "" {
				say(s.refuse)
				continue
			}
			say("250 well")
		case "DATA":
			say("354 go on")
			var data strings.Builder
			for {
				line, err := r.ReadString('\n')
				if err != nil {
					return
				}
				if line == ".\r\n" {
					break
				}
				data.WriteString(line)
			}
			l.data = data.String()
			s.mu.Lock()
			s.letters = append(s.letters, l)
			s.mu.Unlock()
			say("250 taken")
		case "QUIT":
			say("221 goodbye")
			return
		default:
			say("250 well")
		}
	}
}
