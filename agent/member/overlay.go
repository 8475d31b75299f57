package member

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"path/filepath"

	"github.com/dentropy/dcloud/agent/engine"
	"github.com/dentropy/dcloud/agent/pool"
	"github.com/dentropy/dcloud/agent/pool/overlay"
	"github.com/dentropy/dcloud/provisioning/node"
)

// Overlay is the name of the private network's process among the engines.
const Overlay = "overlay"

// overlayVersion is the process's own: a new version of dcloud does not restart it,
// since that would drop packets. It grows when agent/pool/overlay has changed in a way
// that is worth that.
const overlayVersion = "1"

func (m *Member) overlayConfig() overlay.Config {
	return overlay.Config{
		Interface: node.Interface, Address: m.Node.Prefix(), ListenPort: pool.Port,
		KeyFile: m.Layout.WireGuardKey(), Socket: filepath.Join(m.Layout.Run(), "overlay.sock"),
	}
}

// OverlayDir is where the overlay's supervisor keeps its lock. It is one of its own,
// because the private network begins to run long after the engines.
func OverlayDir(l node.Layout) string { return filepath.Join(l.Run(), Overlay) }

// OverlaySpec says how the overlay's process is run.
func OverlaySpec(l node.Layout, program, configHash string, memoryMB int) engine.Spec {
	return engine.Spec{
		Name: Overlay, Version: overlayVersion, Path: program,
		Args: []string{"internal", "overlay", "--config", overlayFile(l)},
		Env: append([]string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/"},
			node.EngineEnv(memoryMB)...),
		ConfigHash: configHash, OutputPath: l.Output(Overlay),
	}
}

func overlayFile(l node.Layout) string { return filepath.Join(l.Config(), "overlay.json") }

// supervise writes the overlay's configuration and prepares its supervisor.
func (m *Member) supervise() (*engine.Supervisor, error) {
	text, err := json.MarshalIndent(m.overlayConfig(), "", "  ")
	if err != nil {
		return nil, err
	}
	if err := node.WriteFile(overlayFile(m.Layout), append(text, '\n')); err != nil {
		return nil, fmt.Errorf("configure the private network: %w", err)
	}
	sum := sha256.Sum256(text)
	spec := OverlaySpec(m.Layout, m.Program, hex.EncodeToString(sum[:]), m.MemoryMB)
	device := overlay.Dial(m.overlayConfig().Socket)
	spec.Ready = func(ctx context.Context) error {
		_, err := device.Peers(ctx)
		return err
	}
	return engine.New(m.Log, OverlayDir(m.Layout), []engine.Spec{spec})
}

// connectDevice finds the private network's device.
func (m *Member) connectDevice() error {
	var device overlay.Device
	if m.overlay != nil {
		device = overlay.Dial(m.overlayConfig().Socket)
	} else {
		kernel, err := overlay.Kernel(context.Background(), m.overlayConfig())
		if err != nil {
			return err
		}
		device = kernel
	}
	m.mu.Lock()
	m.device = device
	m.mu.Unlock()
	return nil
}

func (m *Member) currentDevice() overlay.Device {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.device
}
