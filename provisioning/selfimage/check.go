package selfimage

import (
	"context"
	"runtime"
)

// Current tells whether Ensure would have nothing to do.
func Current(ctx context.Context, docker Docker, binary string) (bool, error) {
	pause, err := pauseImage(runtime.GOARCH)
	if err != nil {
		return false, err
	}
	self, err := selfImage(binary, runtime.GOARCH)
	if err != nil {
		return false, err
	}
	for _, img := range []Image{pause, self} {
		sum, err := img.sum()
		if err != nil {
			return false, err
		}
		if current, err := img.isCurrent(ctx, docker, sum); err != nil || !current {
			return false, err
		}
	}
	return true, nil
}
