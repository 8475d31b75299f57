package control

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	nomad "github.com/hashicorp/nomad/api"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/jobs"
)

// volumes lists an app's volumes by name, also of one that was removed.
func (s *Service) volumes(ctx context.Context, app string) (map[string]*nomad.HostVolumeStub, error) {
	list, _, err := s.Nomad.HostVolumes().List(nil, (&nomad.QueryOptions{}).WithContext(ctx))
	if err != nil {
		return nil, fmt.Errorf("list the volumes: %w", err)
	}
	out := map[string]*nomad.HostVolumeStub{}
	for _, v := range list {
		if strings.HasPrefix(v.Name, app+"_") {
			out[v.Name] = v
		}
	}
	return out, nil
}

// ensureVolumes makes the volumes that are not there yet, on the given machine,
// and waits until they can be used.
//
// Nomad's client tells its server of new volumes in one go, 5 to 10 s after the
// first of them (client.watchNodeUpdates): so all are made first and then waited for.
func (s *Service) ensureVolumes(ctx context.Context, app string, want []jobs.VolumeSpec, nodeID string) (made int, err error) {
	if len(want) == 0 {
		return 0, nil
	}
	have, err := s.volumes(ctx, app)
	if err != nil {
		return 0, err
	}
	var ids []string // of those that are not ready yet, also from a run that was broken off
	for _, spec := range want {
		if v := have[spec.Name]; v != nil {
			if v.State != nomad.HostVolumeStateReady {
				ids = append(ids, v.ID)
			}
			continue
		}
		req := &nomad.HostVolumeCreateRequest{Volume: &nomad.HostVolume{
			Namespace: nomad.DefaultNamespace,
			Name:      spec.Name,
			PluginID:  "mkdir",
			NodeID:    nodeID,
			RequestedCapabilities: []*nomad.HostVolumeCapability{
				{AttachmentMode: nomad.HostVolumeAttachmentModeFilesystem, AccessMode: nomad.HostVolumeAccessModeSingleNodeWriter},
				{AttachmentMode: nomad.HostVolumeAttachmentModeFilesystem, AccessMode: nomad.HostVolumeAccessModeSingleNodeReader},
			},
			// The directory would be root's and closed to the image's own user.
			Parameters: map[string]string{"uid": fmt.Sprint(spec.UID), "gid": fmt.Sprint(spec.GID), "mode": spec.Mode},
		}}
		id, err := s.createVolume(ctx, req)
		if err != nil {
			return len(ids), volumeRefused(spec.Name, err)
		}
		ids = append(ids, id)
	}
	for _, id := range ids {
		if err := s.awaitVolume(ctx, id); err != nil {
			return len(ids), err
		}
	}
	return len(ids), nil
}

// noPath is what a Nomad server says that has lost its connection to a machine's
// client: the client makes a new one at its next heartbeat, of which nobody tells.
const noPath = "No path to node"

// createVolume makes a volume on a machine and returns its ID.
func (s *Service) createVolume(ctx context.Context, req *nomad.HostVolumeCreateRequest) (string, error) {
	reached, cancel := context.WithTimeout(ctx, 30*time.Second) // heartbeats come within 10 to 20 s
	defer cancel()
	for delay := 20 * time.Millisecond; ; delay = min(2*delay, time.Second) {
		sure, cancel := context.WithTimeout(context.WithoutCancel(ctx), finishing) // as with the job: a removal is to find it
		res, _, err := s.Nomad.HostVolumes().Create(req, (&nomad.WriteOptions{}).WithContext(sure))
		cancel()
		if err == nil {
			return res.Volume.ID, nil
		}
		if !strings.Contains(err.Error(), noPath) {
			return "", err
		}
		select {
		case <-time.After(delay):
		case <-reached.Done():
			return "", err
		}
	}
}

// volumeRefused tells a machine that cannot make a directory (its disk is full, or
// read-only), which trying again would not mend, from an engine that is away.
func volumeRefused(name string, err error) error {
	var r nomad.UnexpectedResponseError
	if errors.As(err, &r) {
		text := strings.TrimSpace(r.Body())
		for _, sign := range []string{"plugin", "mkdir", "could not place volume", "no space left", "read-only"} {
			if strings.Contains(text, sign) {
				return failed(agent.Errorf(agent.CodeFailed, "the directory for %s could not be made: %s", name, clip(text, 300)).
					WithHint("see how full the disk is with: dcloud doctor"))
			}
		}
	}
	return fmt.Errorf("make volume %s: %w", name, err)
}

// awaitVolume waits until a volume is ready: the machine's fingerprint comes a
// moment after its directory.
func (s *Service) awaitVolume(ctx context.Context, id string) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	var index uint64
	for {
		v, meta, err := s.Nomad.HostVolumes().Get(id, (&nomad.QueryOptions{WaitIndex: index, WaitTime: 30 * time.Second}).WithContext(ctx))
		if err != nil {
			return fmt.Errorf("wait for volume %s: %w", id, err)
		}
		if v.State == nomad.HostVolumeStateReady {
			return s.awaitFingerprint(ctx, v)
		}
		if v.State == nomad.HostVolumeStateUnavailable {
			return failed(agent.Errorf(agent.CodeFailed, "the directory for %s could not be made", v.Name).
				WithHint("see why with: dcloud doctor"))
		}
		index = meta.LastIndex
	}
}

// deleteVolumes deletes volumes with all that is in them.
func (s *Service) deleteVolumes(ctx context.Context, app string, wanted func(name string) bool) (int, error) {
	have, err := s.volumes(ctx, app)
	if err != nil {
		return 0, err
	}
	n := 0
	for name, v := range have {
		if !wanted(name) {
			continue
		}
		if err := s.deleteVolume(ctx, v.ID); err != nil {
			return n, fmt.Errorf("delete volume %s: %w", name, err)
		}
		n++
	}
	return n, nil
}

// dataAway refuses to delete an app's data while the machine is away that it is on.
func (s *Service) dataAway(ctx context.Context, app string) error {
	have, err := s.volumes(ctx, app)
	if err != nil {
		return err
	}
	away := ""
	s.view.read(func() {
		for _, v := range have {
			for _, n := range s.view.nodes {
				if n.ID == v.NodeID && n.Status != nomad.NodeStatusReady {
					away = n.Name
				}
			}
		}
	})
	if away == "" {
		return nil
	}
	return agent.Errorf(agent.CodeConflict, "the data of %s is on %s, which does not answer, so it cannot be deleted now", app, away).
		WithHint("do it when %s is back, or remove the app and keep its data: dcloud app remove %s", away, app)
}

// deleteVolume tries for a while: Nomad refuses while an allocation that is just
// ending still claims the volume, and has no event for the claim's release.
func (s *Service) deleteVolume(ctx context.Context, id string) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	for delay := 20 * time.Millisecond; ; delay = min(2*delay, time.Second) {
		_, _, err := s.Nomad.HostVolumes().Delete(&nomad.HostVolumeDeleteRequest{ID: id}, (&nomad.WriteOptions{}).WithContext(ctx))
		if err == nil || isNotFound(err) {
			return nil
		}
		select {
		case <-time.After(delay):
		case <-ctx.Done():
			return err
		}
	}
}

// awaitFingerprint waits until the machine itself tells of a volume. Nomad calls one
// ready as soon as the machine has any of that name, which may still be an older one
// that was deleted just before; no job could be placed a moment later.
func (s *Service) awaitFingerprint(ctx context.Context, v *nomad.HostVolume) error {
	var index uint64
	for {
		n, meta, err := s.Nomad.Nodes().Info(v.NodeID, (&nomad.QueryOptions{WaitIndex: index, WaitTime: 30 * time.Second}).WithContext(ctx))
		if err != nil {
			return fmt.Errorf("wait for volume %s: %w", v.Name, err)
		}
		if n.HostVolumes[v.Name].ID == v.ID {
			return nil
		}
		index = meta.LastIndex
	}
}
