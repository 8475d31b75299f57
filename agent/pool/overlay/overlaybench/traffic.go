package overlaybench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"time"

	"github.com/dentropy/dcloud/agent/pool/overlay/netlab"
)

// message is the size of what goes to and fro, bytes.
const message = 64

// throughput is what one TCP connection carries, bytes per second, after a fifth of
// the time to come up to speed.
func throughput(ctx context.Context, from, to *netlab.Host, address netip.Addr, d time.Duration) (float64, error) {
	c, s, err := connect(ctx, from, to, address)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	defer s.Close()
	begin := time.Now()
	stop := begin.Add(d + d/5)
	c.SetDeadline(stop)
	s.SetDeadline(stop.Add(10 * time.Second))
	go func() {
		defer c.Close()
		for block := make([]byte, 128<<10); ; {
			if _, err := c.Write(block); err != nil {
				return
			}
		}
	}()
	buf := make([]byte, 256<<10)
	var counted int64
	var since, last time.Time
	for {
		n, err := s.Read(buf)
		now := time.Now()
		if now.Sub(begin) >= d/5 && now.Before(stop) {
			if since.IsZero() {
				since = now
			} else {
				counted += int64(n)
			}
			last = now
		}
		if errors.Is(err, io.EOF) || now.After(stop) {
			break
		}
		if err != nil {
			return 0, err
		}
	}
	if counted == 0 {
		return 0, errors.New("nothing came through")
	}
	return float64(counted) / last.Sub(since).Seconds(), nil
}

// connect opens a TCP connection and returns both ends.
func connect(ctx context.Context, from, to *netlab.Host, address netip.Addr) (client, server net.Conn, err error) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	l, err := to.Listen("tcp4", net.JoinHostPort(address.String(), "0"))
	if err != nil {
		return nil, nil, err
	}
	defer l.Close()
	if client, err = from.Dial(ctx, "tcp4", l.Addr().String()); err != nil {
		return nil, nil, err
	}
	if server, err = l.Accept(); err != nil {
		client.Close()
		return nil, nil, err
	}
	return client, server, nil
}

func pingTCP(ctx context.Context, from, to *netlab.Host, address netip.Addr, n int) (time.Duration, error) {
	c, s, err := connect(ctx, from, to, address)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	defer s.Close()
	go func() {
		buf := make([]byte, message)
		for {
			if _, err := io.ReadFull(s, buf); err != nil {
				return
			}
			if _, err := s.Write(buf); err != nil {
				return
			}
		}
	}()
	buf := make([]byte, message)
	return timed(n, func() error {
		c.SetDeadline(time.Now().Add(5 * time.Second))
		if _, err := c.Write(buf); err != nil {
			return err
		}
		_, err := io.ReadFull(c, buf)
		return err
	})
}

func pingUDP(ctx context.Context, from, to *netlab.Host, address netip.Addr, n int) (time.Duration, error) {
	s, err := to.ListenPacket("udp4", net.JoinHostPort(address.String(), "0"))
	if err != nil {
		return 0, err
	}
	defer s.Close()
	go func() {
		buf := make([]byte, 2*message)
		for {
			n, addr, err := s.ReadFrom(buf)
			if err != nil {
				return
			}
			s.WriteTo(buf[:n], addr)
		}
	}()
	c, err := from.Dial(ctx, "udp4", s.LocalAddr().String())
	if err != nil {
		return 0, err
	}
	defer c.Close()
	buf := make([]byte, message)
	return timed(n, func() error {
		c.SetDeadline(time.Now().Add(5 * time.Second))
		if _, err := c.Write(buf); err != nil {
			return err
		}
		_, err := c.Read(buf)
		return err
	})
}

// timed is the median time of a call, after a tenth of the calls to warm up.
func timed(n int, f func() error) (time.Duration, error) {
	times := make([]time.Duration, 0, n)
	for i := range n + n/10 {
		begin := time.Now()
		if err := f(); err != nil {
			return 0, err
		}
		if i >= n/10 {
			times = append(times, time.Since(begin))
		}
	}
	slices.Sort(times)
	return times[len(times)/2], nil
}

// memory is a process's anonymous memory now, and the most of all its memory that it
// had resident, bytes (proc_pid_status(5), RssAnon and VmHWM).
func memory(pid int) (now, peak int64, err error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, 0, err
	}
	field := func(name string) int64 {
		_, rest, _ := bytes.Cut(text, []byte("\n"+name+":"))
		words := bytes.Fields(rest[:max(bytes.IndexByte(rest, '\n'), 0)])
		if len(words) == 0 {
			return 0
		}
		n, _ := strconv.ParseInt(string(words[0]), 10, 64)
		return n << 10
	}
	return field("RssAnon"), field("VmHWM"), nil
}

// median takes the median of each figure by itself.
func median(list []Figures) Figures {
	return Figures{
		Throughput: middle(list, func(f Figures) float64 { return f.Throughput }),
		UDP:        middle(list, func(f Figures) time.Duration { return f.UDP }),
		TCP:        middle(list, func(f Figures) time.Duration { return f.TCP }),
		Idle:       middle(list, func(f Figures) int64 { return f.Idle }),
		Loaded:     middle(list, func(f Figures) int64 { return f.Loaded }),
		Peak:       middle(list, func(f Figures) int64 { return f.Peak }),
	}
}

func middle[T interface {
	~int64 | ~float64
}](list []Figures, of func(Figures) T) T {
	var values []T
	for _, f := range list {
		values = append(values, of(f))
	}
	slices.Sort(values)
	return values[len(values)/2]
}
