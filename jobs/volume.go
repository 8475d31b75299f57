package jobs

import (
	"strconv"
	"strings"

	"github.com/dentropy/dcloud/catalog"
	"github.com/hashicorp/nomad/api"
)

// VolumeSpec is a Nomad dynamic host volume that must exist before the job that
// Build made can be placed. UID, GID and Mode are parameters of the mkdir plugin,
// whose directories are otherwise 0700 and root's.
type VolumeSpec struct {
	Name    string // VolumeName
	Service string
	Volume  string
	Kind    string // data, database, cache, media
	UID     int
	GID     int
	Mode    string // octal, "0750"
	Path    string // in the container
}

// VolumeName is the Nomad name of a volume: APP_SERVICE_VOLUME. None of the three
// can hold an underscore, so no two volumes of a pool share a name.
func VolumeName(app, service, volume string) string {
	return app + "_" + service + "_" + volume
}

// mountedVolume is the Nomad name of what a service mounts: its own volume, or
// another service's. Both tasks are in one group, whose volume it is to Nomad.
func mountedVolume(app string, s catalog.Service, v catalog.Volume) string {
	if v.From == "" {
		return VolumeName(app, s.Name, v.Name)
	}
	service, volume := v.Origin()
	return VolumeName(app, service, volume)
}

// Volumes lists the volumes of an entry that is installed under the name app, in
// the entry's order. An owner that is not "uid:gid" is an *Error.
func Volumes(entry *catalog.App, app string) ([]VolumeSpec, error) {
	var specs []VolumeSpec
	for _, s := range entry.Services {
		for _, v := range s.Volumes {
			if v.From != "" {
				continue // made where it comes from
			}
			uid, gid, ok := numericOwner(v.Owner)
			if !ok {
				return nil, errorf(hintEntry, "volume %s of service %s: the owner %q is not uid:gid in numbers", v.Name, s.Name, v.Owner)
			}
			specs = append(specs, VolumeSpec{
				Name: VolumeName(app, s.Name, v.Name), Service: s.Name, Volume: v.Name, Kind: v.Kind,
				UID: uid, GID: gid, Mode: orElse(v.Mode, "0750"), Path: v.Path,
			})
		}
	}
	return specs, nil
}

// numericOwner reads "uid:gid" or "uid" (the group is then the same); "" is root.
// A name cannot be read: who that is only the image knows.
func numericOwner(s string) (uid, gid int, ok bool) {
	if s == "" {
		return 0, 0, true
	}
	u, g, both := strings.Cut(s, ":")
	if !both {
		g = u
	}
	uid64, err1 := strconv.ParseUint(u, 10, 31)
	gid64, err2 := strconv.ParseUint(g, 10, 31)
	return int(uid64), int(gid64), err1 == nil && err2 == nil
}

func volumeRequests(app string, services []catalog.Service) map[string]*api.VolumeRequest {
	requests := map[string]*api.VolumeRequest{}
	for _, s := range services {
		for _, v := range s.Volumes {
			name := mountedVolume(app, s, v)
			requests[name] = &api.VolumeRequest{
				// Asked for writing even where the task mounts it read-only: Nomad
				// places a read-only request only on a volume made with that access.
				Name: name, Type: "host", Source: name,
				AccessMode: "single-node-writer", AttachmentMode: "file-system",
			}
		}
	}
	if len(requests) == 0 {
		return nil
	}
	return requests
}

func volumeMounts(app string, s catalog.Service) []*api.VolumeMount {
	var mounts []*api.VolumeMount
	for _, v := range s.Volumes {
		mounts = append(mounts, &api.VolumeMount{
			Volume: ptr(mountedVolume(app, s, v)), Destination: ptr(v.Path), ReadOnly: ptr(v.ReadOnly),
			PropagationMode: ptr("private"), // what the container mounts below stays in the container
		})
	}
	return mounts
}

func ptr[T any](v T) *T { return &v }

// orElse is v, or d where v is empty.
func orElse[T comparable](v, d T) T {
	var zero T
	if v == zero {
		return d
	}
	return v
}
