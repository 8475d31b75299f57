package catalog

import (
	"bufio"
	"encoding/binary"
	"io"
	"net"
	"testing"
	"time"

	. "github.com/dentropy/dcloud/cmd/dcloud/e2e/cloudtest"
)

// Mosquitto: no pages but a port of its own, and the person's name and password there.
var _ = add(app{
	entry: "mosquitto", images: []string{"mosquitto"},
	use: func(t *testing.T, a running) {
		if _, code := connectMQTT(t, "wrong"); code == 0 {
			t.Fatal("a wrong password is let in")
		}
		c, code := connectMQTT(t, a.secrets["password"])
		if code != 0 {
			t.Fatalf("the password is refused with %d", code)
		}
		// PUBLISH, retained, at least once; answered by PUBACK.
		c.send(0x33, append(mqttText("garden"), append([]byte{0, 1}, "Sage"...)...))
		if kind, _ := c.receive(); kind != 0x40 {
			t.Fatalf("publishing is answered with %#x", kind)
		}
	},
	again: func(t *testing.T, a running) {
		c, code := connectMQTT(t, a.secrets["password"])
		if code != 0 {
			t.Fatalf("the password is refused with %d", code)
		}
		// SUBSCRIBE; answered by SUBACK and what was retained, in any order.
		c.send(0x82, append(append([]byte{0, 2}, mqttText("garden")...), 0))
		for range 2 {
			if kind, body := c.receive(); kind&0xf0 == 0x30 {
				if got := string(body[2+len("garden"):]); got != "Sage" {
					t.Errorf("what was retained is %q", got)
				}
				return
			}
		}
		t.Error("what was retained is gone")
	},
})

// mqtt is a connection of MQTT 3.1.1 (https://docs.oasis-open.org/mqtt/mqtt/v3.1.1).
type mqtt struct {
	t *testing.T
	net.Conn
	in *bufio.Reader
}

func connectMQTT(t *testing.T, password string) (c mqtt, code byte) {
	t.Helper()
	Await(t, "the broker listens", HealTime, func() (err error) {
		c.Conn, err = cloud.Dial(t.Context(), "tcp", net.JoinHostPort(lan, "1883"))
		return err
	})
	t.Cleanup(func() { c.Close() })
	if err := c.SetDeadline(time.Now().Add(HealTime)); err != nil {
		t.Fatal(err)
	}
	c.t, c.in = t, bufio.NewReader(c.Conn)
	body := append(mqttText("MQTT"), 4, 0xc2, 0, 60) // name and password, a clean session
	for _, field := range []string{"test", "mqtt", password} {
		body = append(body, mqttText(field)...)
	}
	c.send(0x10, body)
	kind, answer := c.receive()
	if kind != 0x20 || len(answer) != 2 {
		t.Fatalf("connecting is answered with %#x %v", kind, answer)
	}
	return c, answer[1]
}

func mqttText(s string) []byte {
	return append(binary.BigEndian.AppendUint16(nil, uint16(len(s))), s...)
}

func (c mqtt) send(kind byte, body []byte) {
	c.t.Helper()
	if _, err := c.Write(append([]byte{kind, byte(len(body))}, body...)); err != nil {
		c.t.Fatal(err)
	}
}

func (c mqtt) receive() (kind byte, body []byte) {
	c.t.Helper()
	var head [2]byte
	if _, err := io.ReadFull(c.in, head[:]); err != nil {
		c.t.Fatal(err)
	}
	body = make([]byte, head[1])
	if _, err := io.ReadFull(c.in, body); err != nil {
		c.t.Fatal(err)
	}
	return head[0], body
}
