package node

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net/netip"
	"time"
)

// Identity is who a certificate is for: a member as the pool knows it.
type Identity struct {
	ID      string // UUID
	Name    string // a DNS label
	Role    string
	Address netip.Addr // in the pool
}

// maxPEM bounds what is read of a request or a certificate: ours have some 700 bytes.
const maxPEM = 16 << 10

// Issue makes a member's certificates, all for the key of its certificate request
// (PEM, ECDSA P-256): PEM by name as in Layout.Cert, as many as its role has. All
// that stands in them comes from the identity and from this server's own; the
// request gives its key alone, and proves that whoever made it holds that key. They
// last a year. Only a server can issue.
func Issue(l Layout, m Identity, csrPEM string, now time.Time) (map[string]string, error) {
	self, err := Load(l)
	if err != nil {
		return nil, err
	}
	key, err := csrKey(csrPEM)
	if err != nil {
		return nil, fmt.Errorf("read the certificate request of %s: %w", shorten(m.Name), err)
	}
	n := self
	n.ID, n.Name, n.Role, n.Address, n.First = m.ID, m.Name, m.Role, m.Address, false
	n.Servers = []netip.Addr{self.Address}
	if m.ID == self.ID { // this server itself
		n.Servers, n.First = self.Servers, self.First
	}
	if err := n.check(); err != nil {
		return nil, fmt.Errorf("make certificates for %s: %w", shorten(m.Name), err)
	}
	ca, err := loadCA(l, now)
	if err != nil {
		return nil, err
	}
	if ca.key.PublicKey.Equal(key) {
		return nil, fmt.Errorf("make certificates for %s: the key is the authority's own", m.Name)
	}
	made := map[string]string{}
	for _, want := range leaves(n) {
		text, err := want.sign(ca, key, now)
		if err != nil {
			return nil, fmt.Errorf("make the certificate %s of %s: %w", want.name, m.Name, err)
		}
		made[want.name] = string(text)
	}
	return made, nil
}

// csrKey is the key that a certificate request is for, and signed with. Nothing else
// of it is read.
func csrKey(text string) (*ecdsa.PublicKey, error) {
	if len(text) > maxPEM {
		return nil, fmt.Errorf("it has %d bytes; %d are the most", len(text), maxPEM)
	}
	block, rest := pem.Decode([]byte(text))
	if block == nil || block.Type != "CERTIFICATE REQUEST" || len(bytes.TrimSpace(rest)) > 0 {
		return nil, errors.New("it is not one in PEM")
	}
	csr, err := x509.ParseCertificateRequest(block.Bytes)
	if err != nil {
		return nil, err
	}
	key, ok := csr.PublicKey.(*ecdsa.PublicKey)
	if !ok || key.Curve != elliptic.P256() {
		return nil, fmt.Errorf("its key is %s; it must be ECDSA on P-256", csr.PublicKeyAlgorithm)
	}
	if err := csr.CheckSignature(); err != nil {
		return nil, fmt.Errorf("who made it does not hold its key: %w", err)
	}
	return key, nil
}

// newCSR asks for certificates for a key. The names in them are the pool's to give.
func newCSR(key *ecdsa.PrivateKey) (string, error) {
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{SignatureAlgorithm: x509.ECDSAWithSHA256}, key)
	if err != nil {
		return "", fmt.Errorf("make a certificate request: %w", err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der})), nil
}

// JoinCertificate is what a server shows to machines that want to join: a
// certificate for JoinName, followed by the authority's, whose fingerprint is in the
// token.
func JoinCertificate(l Layout) (tls.Certificate, error) {
	pair, err := loadPair(l, CertJoin)
	if err != nil {
		return tls.Certificate{}, err
	}
	ca, err := AuthorityCert(l)
	if err != nil {
		return tls.Certificate{}, err
	}
	pair.Certificate = append(pair.Certificate, ca.Raw)
	return pair, nil
}

// PeerCertificate is what this machine shows to other members.
func PeerCertificate(l Layout) (tls.Certificate, error) { return loadPair(l, CertPeer) }

func loadPair(l Layout, name string) (tls.Certificate, error) {
	pair, err := tls.LoadX509KeyPair(l.Cert(name), l.Cert(name))
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("read the certificate %s: %w", name, err)
	}
	return pair, nil
}
