package publish

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"lapse/internal/transparency"
)

func snapshotPath(h transparency.Half, revision int) string {
	return Private + h.String() + "/r" + strconv.Itoa(revision) + ".json"
}

// published is the mark that all files of a revision were put.
func published(h transparency.Half, revision int) string {
	return Private + h.String() + "/r" + strconv.Itoa(revision) + ".published"
}

// finish publishes the newest revision of each half that an earlier run kept and did not finish.
func (s *Service) finish(ctx context.Context) error {
	open, err := s.unfinished(ctx)
	if err != nil {
		return err
	}
	for h, n := range open {
		kept, err := s.snapshot(ctx, h, n)
		if err != nil {
			return err
		}
		if _, err := s.publish(ctx, kept); err != nil {
			return err
		}
	}
	return nil
}

// unfinished are the newest revisions that are not marked as published.
func (s *Service) unfinished(ctx context.Context) (map[transparency.Half]int, error) {
	paths, err := s.Folder.List(ctx, Private)
	if err != nil {
		return nil, fmt.Errorf("list the snapshots: %w", err)
	}
	open := newestOf(paths)
	maps.DeleteFunc(open, func(h transparency.Half, n int) bool { return slices.Contains(paths, published(h, n)) })
	return open, nil
}

// revisions is the newest revision of each half that has one.
func (s *Service) revisions(ctx context.Context) (map[transparency.Half]int, error) {
	paths, err := s.Folder.List(ctx, Private)
	if err != nil {
		return nil, fmt.Errorf("list the snapshots: %w", err)
	}
	return newestOf(paths), nil
}

func newestOf(paths []string) map[transparency.Half]int {
	known := map[transparency.Half]int{}
	for _, p := range paths {
		half, err := transparency.ParseHalf(path.Base(path.Dir(p)))
		n, bad := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(path.Base(p), "r"), ".json"))
		if err == nil && bad == nil {
			known[half] = max(known[half], n)
		}
	}
	return known
}

// snapshot reads one snapshot.
func (s *Service) snapshot(ctx context.Context, h transparency.Half, revision int) (*transparency.Snapshot, error) {
	raw, err := s.Folder.Get(ctx, snapshotPath(h, revision))
	if err != nil {
		return nil, fmt.Errorf("read the snapshot of %s, revision %d: %w", h, revision, err)
	}
	return transparency.DecodeSnapshot(raw)
}

// newest is the newest snapshot of the half and of the one before; nil where there is none.
func (s *Service) newest(ctx context.Context, h transparency.Half) (own, before *transparency.Snapshot, err error) {
	known, err := s.revisions(ctx)
	if err != nil {
		return nil, nil, err
	}
	if n := known[h]; n > 0 {
		if own, err = s.snapshot(ctx, h, n); err != nil {
			return nil, nil, err
		}
	}
	if n := known[h.Previous()]; n > 0 {
		before, err = s.snapshot(ctx, h.Previous(), n)
	}
	return own, before, err
}

// publish puts the files of the snapshot, then those of its half, then the first page. Where a newer revision was kept
// meanwhile, that one is published in its place.
func (s *Service) publish(ctx context.Context, snapshot *transparency.Snapshot) (Result, error) {
	h, n := snapshot.Half, snapshot.Revision
	files, err := transparency.Files(snapshot)
	if err != nil {
		return Result{}, err
	}
	hash, err := snapshot.SHA256()
	if err != nil {
		return Result{}, err
	}
	r := Result{Half: h, Revision: n, SHA256: hash}
	for _, f := range files {
		r.Files = append(r.Files, f.Path)
	}
	if err := s.putAll(ctx, path.Join(h.String(), "r"+strconv.Itoa(n)), files, s.once); err != nil {
		return r, err
	}
	if err := s.current(ctx, snapshot, files); err != nil {
		return r, err
	}
	if err := s.front(ctx); err != nil {
		return r, err
	}
	if err := s.once(ctx, transparency.File{Path: published(h, n)}); err != nil {
		return r, err
	}
	s.Log.InfoContext(ctx, "report: published", "half", h.String(), "revision", n, "sha256", hash)
	return r, nil
}

// current puts the files of the half's newest revision into the half's folder, until no newer one was kept meanwhile.
func (s *Service) current(ctx context.Context, snapshot *transparency.Snapshot, files []transparency.File) error {
	h, done := snapshot.Half, 0
	for n := snapshot.Revision; ; {
		known, err := s.revisions(ctx)
		if err != nil {
			return err
		}
		if known[h] > n {
			n = known[h]
			newer, err := s.snapshot(ctx, h, n)
			if err != nil {
				return err
			}
			if files, err = transparency.Files(newer); err != nil {
				return err
			}
		}
		if done == n {
			return nil
		}
		if err := s.putAll(ctx, h.String(), files, s.Folder.Put); err != nil {
			return err
		}
		done = n
	}
}

// once puts a file that never changes: where there is one of its path, an earlier run has put the same bytes.
func (s *Service) once(ctx context.Context, f transparency.File) error {
	if err := s.Folder.PutNew(ctx, f); !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

func (s *Service) putAll(ctx context.Context, folder string, files []transparency.File,
	put func(context.Context, transparency.File) error) error {
	for _, f := range files {
		f.Path = Public + path.Join(folder, f.Path)
		if err := put(ctx, f); err != nil {
			return fmt.Errorf("publish %s: %w", f.Path, err)
		}
	}
	return nil
}

// front puts the guide, the policies and, last, the first page.
func (s *Service) front(ctx context.Context) error {
	guide, err := transparency.GuidePages(s.Settings.Publisher, s.Settings.Guide)
	if err != nil {
		return err
	}
	if err := s.putAll(ctx, "", guide, s.Folder.Put); err != nil {
		return err
	}
	var versions []string
	for _, p := range s.Settings.Policies {
		pages, err := transparency.PolicyPages(s.Settings.Publisher, p)
		if err != nil {
			return err
		}
		if err := s.putAll(ctx, "", pages, s.Folder.Put); err != nil {
			return err
		}
		versions = append(versions, p.Version)
	}
	known, err := s.revisions(ctx)
	if err != nil {
		return err
	}
	var newest []*transparency.Snapshot
	for h, n := range known {
		snapshot, err := s.snapshot(ctx, h, n)
		if err != nil {
			return err
		}
		newest = append(newest, snapshot)
	}
	index, err := transparency.Index(s.Settings.Publisher, newest, versions)
	if err != nil {
		return err
	}
	return s.putAll(ctx, "", index, s.Folder.Put)
}
