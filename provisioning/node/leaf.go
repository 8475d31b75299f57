package node

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"time"
)

// Names of this node's certificates, as in Layout.Cert.
const (
	CertConsul = "consul"
	CertNomad  = "nomad"
	CertClient = "client" // of the agent and the command line, towards Nomad
	CertWeb    = "web"    // Traefik's default, for the pool's domain
)

// leaf is a certificate as it should be.
type leaf struct {
	name  string
	cn    string
	dns   []string
	ips   []net.IP
	usage []x509.ExtKeyUsage
}

// leaves lists this node's certificates. The web's cannot serve as a client's, so
// that who steals it from the front door gets no further.
func leaves(n Node) []leaf {
	loopback, pool := net.IPv4(127, 0, 0, 1).To4(), net.IP(n.Address.AsSlice())
	server, client := x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth
	consul := "server." + n.Datacenter + ".consul" // verify_server_hostname asks for it
	return []leaf{
		{CertConsul, consul, []string{consul, "localhost"}, []net.IP{loopback, pool}, []x509.ExtKeyUsage{server, client}},
		{CertNomad, "server." + n.Region + ".nomad",
			[]string{"server." + n.Region + ".nomad", "client." + n.Region + ".nomad", "localhost"},
			[]net.IP{loopback, pool}, []x509.ExtKeyUsage{server, client}},
		{CertClient, "dcloud." + n.Name, []string{"cli." + n.Region + ".nomad"}, nil, []x509.ExtKeyUsage{client}},
		{CertWeb, n.Domain, []string{n.Domain, "*." + n.Domain}, nil, []x509.ExtKeyUsage{server}},
	}
}

// fits says why a certificate cannot be used, or will soon not be; nil if it can.
func (w leaf) fits(text []byte, ca *x509.Certificate, now time.Time) error {
	cert, err := decodeCert(text)
	if err != nil {
		return err
	}
	key, err := decodeKey(text)
	if err != nil {
		return err
	}
	switch {
	case !key.PublicKey.Equal(cert.PublicKey):
		return errors.New("certificate and key do not belong together")
	case cert.CheckSignatureFrom(ca) != nil:
		return errors.New("not signed by the pool's authority")
	case now.Before(cert.NotBefore):
		return errors.New("begins in the future")
	case now.Add(renewBefore).After(cert.NotAfter):
		return errors.New("ends soon")
	case !slices.Equal(cert.DNSNames, w.dns) || !slices.EqualFunc(cert.IPAddresses, w.ips, net.IP.Equal):
		return errors.New("has other names")
	case !slices.Equal(cert.ExtKeyUsage, w.usage):
		return errors.New("has another use")
	}
	return nil
}

// issue makes the certificate and its key, as one PEM text.
func (w leaf) issue(ca authority, now time.Time) ([]byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
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
		DNSNames: w.dns, IPAddresses: w.ips, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, t, ca.cert, key.Public(), ca.key)
	if err != nil {
		return nil, err
	}
	keyText, err := encodeKey(key)
	if err != nil {
		return nil, err
	}
	return bytes.Join([][]byte{pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), keyText}, nil), nil
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
