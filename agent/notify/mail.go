package notify

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

	"github.com/dentropy/dcloud/agent"
)

// mail sends a message through the server of to.SMTP. Encryption is asked for in any
// case, and insisted on where somebody signs in.
func (s Sender) mail(ctx context.Context, to agent.Notify, m Message) error {
	u, err := url.Parse(to.SMTP)
	if err != nil || u.Hostname() == "" {
		return permanent{errors.New("the address of its server cannot be used")}
	}
	msg, err := m.mail(to.Email, u.User.Username())
	if err != nil {
		return permanent{err}
	}
	options, err := s.mailOptions(ctx, u, to.SMTPPassword)
	if err != nil {
		return permanent{err}
	}
	var open net.Conn
	if u.Scheme != "smtps" { // there the client's own dialer closes it
		options = append(options, mail.WithDialContextFunc(func(ctx context.Context, network, address string) (net.Conn, error) {
			var err error
			open, err = (&net.Dialer{}).DialContext(ctx, network, address)
			return open, err
		}))
	}
	defer func() { // the client leaves it open where it gives up early, at a certificate say
		if open != nil {
			open.Close()
		}
	}()
	c, err := mail.NewClient(u.Hostname(), options...)
	if err != nil {
		return permanent{err}
	}
	if err := c.DialAndSendWithContext(ctx, msg); err != nil {
		return refused(err)
	}
	return nil
}

func (s Sender) mailOptions(ctx context.Context, u *url.URL, password string) ([]mail.Option, error) {
	limit := 10 * time.Second
	if end, ok := ctx.Deadline(); ok {
		limit = max(time.Until(end), time.Millisecond)
	}
	options := []mail.Option{
		mail.WithTimeout(limit),
		mail.WithTLSConfig(&tls.Config{ServerName: u.Hostname(), RootCAs: s.Roots, MinVersion: tls.VersionTLS12}),
	}
	port := 587 // RFC 6409: submission
	switch {
	case u.Scheme == "smtps":
		port = 465 // RFC 8314: submission within TLS
		options = append(options, mail.WithSSL())
	case u.User.Username() != "":
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	default:
		options = append(options, mail.WithTLSPolicy(mail.TLSOpportunistic))
	}
	if p := u.Port(); p != "" {
		n, err := strconv.Atoi(p)
		if err != nil {
			return nil, fmt.Errorf("its server's port %q is none", p)
		}
		port = n
	}
	options = append(options, mail.WithPort(port))
	if user := u.User.Username(); user != "" {
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(user), mail.WithPassword(password))
	}
	return options, nil
}

// mail is the message as one of mail. It comes from who signs in at the server, since
// most let nobody else's name pass.
func (m Message) mail(to, user string) (*mail.Msg, error) {
	from := to
	if strings.Contains(user, "@") {
		from = user
	}
	msg := mail.NewMsg()
	if err := msg.FromFormat(m.Cloud, from); err != nil {
		return nil, fmt.Errorf("%q cannot send mail: %w", from, err)
	}
	if err := msg.To(to); err != nil {
		return nil, fmt.Errorf("%q cannot get mail: %w", to, err)
	}
	msg.Subject(m.Title())
	msg.SetMessageID()
	msg.SetDate()
	// RFC 3834: no absence note is to come back.
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	text := m.Text() + "\n"
	if m.Panel != "" {
		text += "\n" + m.Panel + "\n"
	}
	msg.SetBodyString(mail.TypeTextPlain, text)
	return msg, nil
}

// refused tells what a new try would not mend, such as a wrong password, from a server
// that is busy or away.
func refused(err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return errors.New("its server did not answer in time")
	}
	if said, ok := errors.AsType[*textproto.Error](err); ok && said.Code >= 500 {
		return permanent{err}
	}
	if send, ok := errors.AsType[*mail.SendError](err); ok && !send.IsTemp() && send.ErrorCode() >= 500 {
		return permanent{err}
	}
	return err
}
