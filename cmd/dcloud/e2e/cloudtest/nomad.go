package cloudtest

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"testing"

	"github.com/dentropy/dcloud/provisioning/node"
)

// Nomad asks the machine's Nomad as the agent does and returns the status. What is
// answered with 200 is decoded into answer, unless that is nil. As with Run, it serves
// at the end of a test too.
func (m *Machine) Nomad(t testing.TB, method, path string, body, answer any) int {
	t.Helper()
	m.watch(t)
	code, err := m.askNomad(context.WithoutCancel(t.Context()), method, path, body, answer)
	if err != nil {
		t.Fatal(err)
	}
	return code
}

func (m *Machine) askNomad(ctx context.Context, method, path string, body, answer any) (int, error) {
	l, err := node.NewLayout(m.Data, m.Cache)
	if err != nil {
		return 0, err
	}
	secrets, err := node.LoadSecrets(l)
	if err != nil {
		return 0, err
	}
	cert, err := tls.LoadX509KeyPair(l.Cert(node.CertClient), l.Cert(node.CertClient))
	if err != nil {
		return 0, err
	}
	ca, err := os.ReadFile(l.CACert())
	if err != nil {
		return 0, err
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(ca)
	client := m.HTTPClient()
	client.Transport.(*http.Transport).TLSClientConfig = &tls.Config{Certificates: []tls.Certificate{cert}, RootCAs: pool, ServerName: "server.global.nomad"}
	text, err := json.Marshal(body)
	if err != nil {
		return 0, err
	}
	req, err := http.NewRequestWithContext(ctx, method, fmt.Sprintf("https://127.0.0.1:%d%s", node.NomadHTTPPort, path), bytes.NewReader(text))
	if err != nil {
		return 0, err
	}
	req.Header.Set("X-Nomad-Token", secrets.NomadBootstrap)
	res, err := client.Do(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	if answer != nil && res.StatusCode == http.StatusOK {
		if err := json.NewDecoder(res.Body).Decode(answer); err != nil && !errors.Is(err, io.EOF) {
			return 0, fmt.Errorf("%s %s: %w", method, path, err)
		}
	}
	return res.StatusCode, nil
}
