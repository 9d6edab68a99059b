package mailbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// journal keeps the mails in a folder: one file for each mail, and one append-only file of JSON lines. A mail's file is
// written before its line, so every mail in the index is whole. Files are not synced: they survive the process, not the
// machine.
type journal struct {
	dir   string
	index *os.File
	size  int64
}

// openJournal opens the folder and calls each for every record. A crash may have cut the last line off; openJournal
// removes such a line.
func openJournal(dir string, each func(record)) (*journal, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	path := filepath.Join(dir, "index.jsonl")
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	j := &journal{dir: dir, index: f}
	if err := j.load(path, each); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return j, nil
}

func (j *journal) load(path string, each func(record)) error {
	all, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	whole := all[:bytes.LastIndexByte(all, '\n')+1]
	if len(whole) < len(all) {
		if err := j.index.Truncate(int64(len(whole))); err != nil {
			return fmt.Errorf("remove the torn last line of %s: %w", path, err)
		}
	}
	j.size = int64(len(whole))
	n := 0
	for line := range bytes.Lines(whole) {
		n++
		var r record
		if err := json.Unmarshal(line, &r); err != nil {
			return fmt.Errorf("read line %d of %s: %w", n, path, err)
		}
		each(r)
	}
	return nil
}

// append adds one line with one write. It takes back a partial write, for example on a full disk, so that the next line
// stands alone.
func (j *journal) append(r record) error {
	line, err := json.Marshal(r)
	if err != nil {
		return err
	}
	line = append(line, '\n')
	if _, err := j.index.Write(line); err != nil {
		return errors.Join(err, j.index.Truncate(j.size))
	}
	j.size += int64(len(line))
	return nil
}

func (j *journal) path(n int) string { return filepath.Join(j.dir, fmt.Sprintf("%07d.eml", n)) }

func (j *journal) writeMail(n int, raw []byte) error { return os.WriteFile(j.path(n), raw, 0o600) }

func (j *journal) readMail(n int) ([]byte, error) { return os.ReadFile(j.path(n)) }

func (j *journal) close() error { return j.index.Close() }
