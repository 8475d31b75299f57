package node

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"slices"
	"time"
)

// Names of a node's certificates, as in Layout.Cert.
const (
	CertConsul = "consul"
	CertNomad  = "nomad"
	CertClient = "client" // of the agent and the command line of a server, towards Nomad
	CertWeb    = "web"    // Traefik's default, for the pool's domain: front doors
	CertPeer   = "peer"   // of the agent, towards the other members
	CertJoin   = "join"   // of a server, towards machines that want to join
)

// Names in the certificates with which members meet.
const (
	JoinName = "join.dcloud" // of every server towards a joiner
	PeerName = "peer.dcloud" // of every member's peer API
)

// PeerURI is how a member's peer certificate says who it is, as a URI among its
// alternative names.
func PeerURI(id, role string) *url.URL {
	return &url.URL{Scheme: "dcloud", Host: "node", Path: "/" + id + "/" + role}
}

// leaf is a certificate as it should be.
type leaf struct {
	name  string
	cn    string
	dns   []string
	ips   []net.IP
	uris  []*url.URL
	usage []x509.ExtKeyUsage
}

// leaves lists a node's certificates. The web's cannot serve as a client's, so that
// who steals it from the front door gets no further; and only a server's have the
// names by which Consul and Nomad know their servers
// (https://developer.hashicorp.com/nomad/docs/secure/traffic/tls#node-certificates,
// https://developer.hashicorp.com/consul/docs/reference/agent/configuration-file/tls, verify_server_hostname).
func leaves(n Node) []leaf {
	loopback, pool := net.IPv4(127, 0, 0, 1).To4(), net.IP(n.Address.AsSlice())
	server, client := x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth
	both := []x509.ExtKeyUsage{server, client}
	consul, nomad := "client."+n.Datacenter+".consul", []string{"client." + n.Region + ".nomad", "localhost"}
	if n.IsServer() {
		consul, nomad = "server."+n.Datacenter+".consul", append([]string{"server." + n.Region + ".nomad"}, nomad...)
	}
	own := n.Name + ".node.dcloud"
	list := []leaf{
		{CertConsul, consul, []string{consul, "localhost"}, []net.IP{loopback, pool}, nil, both},
		{CertNomad, nomad[0], nomad, []net.IP{loopback, pool}, nil, both},
		{CertPeer, own, []string{own, PeerName}, nil, []*url.URL{PeerURI(n.ID, n.Role)}, both},
	}
	if n.HasDoor() {
		list = append(list, leaf{CertWeb, n.Domain, []string{n.Domain, "*." + n.Domain}, nil, nil, []x509.ExtKeyUsage{server}})
	}
	if n.IsServer() {
		list = append(list,
			leaf{CertClient, "dcloud." + n.Name, []string{"cli." + n.Region + ".nomad"}, nil, nil, []x509.ExtKeyUsage{client}},
			leaf{CertJoin, JoinName, []string{JoinName}, nil, nil, []x509.ExtKeyUsage{server}})
	}
	return list
}

// fits says why a certificate with its key cannot be used, or will soon not be; nil
// if it can.
func (w leaf) fits(text []byte, ca *x509.Certificate, now time.Time) error {
	cert, err := w.is(text, ca)
	switch {
	case err != nil:
		return err
	case now.Before(cert.NotBefore):
		return errors.New("begins in the future")
	case now.Add(renewBefore).After(cert.NotAfter):
		return errors.New("ends soon")
	}
	return w.named(cert)
}

// is reads a certificate with its key, both of one file, and says why the pair is
// none of the pool's.
func (w leaf) is(text []byte, ca *x509.Certificate) (*x509.Certificate, error) {
	cert, err := decodeCert(text)
	if err != nil {
		return nil, err
	}
	key, err := decodeKey(text)
	switch {
	case err != nil:
		return nil, err
	case !key.PublicKey.Equal(cert.PublicKey):
		return nil, errors.New("does not belong to the key beside it")
	case cert.CheckSignatureFrom(ca) != nil:
		return nil, errors.New("is not signed by the pool's authority")
	}
	return cert, nil
}

// named says what a certificate has that it should not, or lacks; nil if nothing.
func (w leaf) named(cert *x509.Certificate) error {
	same := func(a, b *url.URL) bool { return a.String() == b.String() }
	switch {
	case !slices.Equal(cert.DNSNames, w.dns) || !slices.EqualFunc(cert.IPAddresses, w.ips, net.IP.Equal) ||
		!slices.EqualFunc(cert.URIs, w.uris, same) || len(cert.EmailAddresses) > 0:
		return errors.New("has other names")
	case !slices.Equal(cert.ExtKeyUsage, w.usage) || len(cert.UnknownExtKeyUsage) > 0 || cert.IsCA:
		return errors.New("has another use")
	}
	return nil
}

// issue makes the certificate with a new key, as one PEM text.
func (w leaf) issue(ca authority, now time.Time) ([]byte, error) {
	key, err := newKey()
	if err != nil {
		return nil, err
	}
	cert, err := w.sign(ca, &key.PublicKey, now)
	if err != nil {
		return nil, err
	}
	keyText, err := encodeKey(key)
	if err != nil {
		return nil, err
	}
	return append(cert, keyText...), nil
}

// sign makes the certificate for a key, as PEM.
func (w leaf) sign(ca authority, key *ecdsa.PublicKey, now time.Time) ([]byte, error) {
	serial, err := newSerial()
	if err != nil {
		return nil, err
	}
	end := now.Add(leafLife)
	if end.After(ca.cert.NotAfter) {
		end = ca.cert.NotAfter
	}
	t := &x509.Certificate{
		SerialNumber: serial,
		// 64 characters are the most that a common name may have (RFC 5280); the
		// names that count stand in the alternative ones.
		Subject:   pkix.Name{CommonName: w.cn[:min(len(w.cn), 64)]},
		NotBefore: now.Add(-backdate).UTC(), NotAfter: end.UTC(),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: w.usage,
		DNSNames: w.dns, IPAddresses: w.ips, URIs: w.uris, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, t, ca.cert, key, ca.key)
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), nil
}

// CertSerial is the serial number of one of this node's certificates, in hex.
func CertSerial(l Layout, name string) (string, error) {
	text, err := os.ReadFile(l.Cert(name))
	if err != nil {
		return "", fmt.Errorf("read the certificate %s: %w", name, err)
	}
	cert, err := decodeCert(text)
	if err != nil {
		return "", fmt.Errorf("read the certificate %s: %w", name, err)
	}
	return fmt.Sprintf("%x", cert.SerialNumber), nil
}
