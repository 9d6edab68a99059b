package engine

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
)

// Version is the release of dynoxide that Ensure fetches.
const Version = "1.2.1"

// integrity is the SHA-512 of Version's package, as the npm registry states it. It is known for the platforms that were
// checked. On others only the version is checked.
func integrity(platform string) string {
	return map[string]string{
		"linux-x64": "sBHqlxJ9ANkLluFkYRfd5r8Y0ApFew4FhOrlhgRAgD4XzEoFOukEo1nuBTQ1+jTtofqwn4NWQ2k0Tn5mNTjgUg==",
	}[platform]
}

// platform names this machine as npm does: "linux-x64", "darwin-arm64".
func platform() string {
	if runtime.GOARCH == "amd64" {
		return runtime.GOOS + "-x64"
	}
	return runtime.GOOS + "-" + runtime.GOARCH
}

// CacheDir returns the folder for Ensure: build/engine in the root of the module that holds the working directory.
func CacheDir() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("find the engine's folder: %w", err)
	}
	for at := dir; ; at = filepath.Dir(at) {
		if _, err := os.Stat(filepath.Join(at, "go.mod")); err == nil {
			return filepath.Join(at, "build", "engine"), nil
		}
		if at == filepath.Dir(at) {
			return "", fmt.Errorf("find the engine's folder: no go.mod in or above %s", dir)
		}
	}
}

// Variable is the environment variable that names the binary of another engine, for Ensure.
const Variable = "LAPSE_ENGINE"

// Ensure returns the path of the engine's binary in the folder. It fetches the binary with npm if it is not there.
// Several processes may call it at once. If LAPSE_ENGINE is set, Ensure returns its value and fetches nothing.
func Ensure(ctx context.Context, dir string) (string, error) {
	if another := os.Getenv(Variable); another != "" {
		return another, nil
	}
	binary := filepath.Join(dir, "dynoxide-"+Version+"-"+platform())
	if _, err := os.Stat(binary); err == nil {
		return binary, nil
	} else if !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("look for the engine: %w", err)
	}
	if err := fetch(ctx, dir, binary); err != nil {
		return "", fmt.Errorf("fetch the engine dynoxide %s for %s: %w", Version, platform(), err)
	}
	return binary, nil
}

// fetch works in a temporary folder and puts the finished binary in place by one rename.
func fetch(ctx context.Context, dir, binary string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	work, err := os.MkdirTemp(dir, "fetch-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	npm := exec.CommandContext(ctx, "npm", "pack", "--silent", "--prefer-offline", "@dynoxide/"+platform()+"@"+Version)
	npm.Dir = work
	if out, err := npm.CombinedOutput(); err != nil {
		return fmt.Errorf("npm pack: %w: %s", err, strings.TrimSpace(string(out)))
	}
	packages, err := filepath.Glob(filepath.Join(work, "*.tgz"))
	if err != nil || len(packages) != 1 {
		return fmt.Errorf("npm pack left %d packages instead of one", len(packages))
	}
	if err := whole(packages[0]); err != nil {
		return err
	}
	unpacked := filepath.Join(work, "dynoxide")
	if err := unpack(packages[0], unpacked); err != nil {
		return err
	}
	out, err := exec.CommandContext(ctx, unpacked, "--version").Output()
	if err != nil {
		return fmt.Errorf("read the version of the binary: %w", err)
	}
	if got := strings.TrimSpace(string(out)); got != "dynoxide "+Version {
		return fmt.Errorf("the binary reports version %q", got)
	}
	return os.Rename(unpacked, binary)
}

// whole checks the package against its integrity.
func whole(file string) error {
	want := integrity(platform())
	if want == "" {
		return nil
	}
	b, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	sum := sha512.Sum512(b)
	if got := base64.StdEncoding.EncodeToString(sum[:]); got != want {
		return fmt.Errorf("the package's SHA-512 is %s instead of %s", got, want)
	}
	return nil
}

// unpack writes the package's binary to the file named to.
func unpack(file, to string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	plain, err := gzip.NewReader(f)
	if err != nil {
		return fmt.Errorf("unpack: %w", err)
	}
	for archive := tar.NewReader(plain); ; {
		h, err := archive.Next()
		if err != nil {
			return fmt.Errorf("unpack: no binary in the package: %w", err)
		}
		if h.Typeflag != tar.TypeReg || path.Base(h.Name) != "dynoxide" {
			continue
		}
		// A process that starts at this moment would inherit the open file. The binary could not be run until it closed it.
		syscall.ForkLock.RLock()
		defer syscall.ForkLock.RUnlock()
		out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o755)
		if err != nil {
			return err
		}
		_, err = io.Copy(out, archive)
		return errors.Join(err, out.Close())
	}
}
