package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	mrand "math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"lapse/internal/dispatch"
	"lapse/internal/seal"
)

// soakRole in the environment makes the test binary a dispatcher that is there to be killed: its value is the
// JSON of a soakOrders.
const soakRole = "LAPSE_SOAK_DISPATCHER"

// soakOrders is what such a dispatcher has to know.
type soakOrders struct {
	Engine, SES, KeyFile string
	Ahead                time.Duration
}

// soakDispatcher makes a sweep for every line it reads and answers each with its report, until its input ends.
func soakDispatcher(orders string) error {
	var o soakOrders
	if err := json.Unmarshal([]byte(orders), &o); err != nil {
		return fmt.Errorf("read a dispatcher's orders: %w", err)
	}
	key, err := seal.OpenFileKey(o.KeyFile)
	if err != nil {
		return err
	}
	s := scene{engine: o.Engine, ses: o.SES, key: key, now: func() time.Time { return time.Now().Add(o.Ahead) }}
	d, err := s.wire(o.Engine, o.SES, true)
	if err != nil {
		return err
	}
	answers := json.NewEncoder(os.Stdout)
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		report, err := d.Sweep(context.Background())
		if err != nil {
			return err
		}
		if err := answers.Encode(report); err != nil {
			return err
		}
	}
	return nil
}

// soakProcess is a running dispatcher.
type soakProcess struct {
	cmd     *exec.Cmd
	in      io.WriteCloser
	answers *json.Decoder
	end     sync.Once
}

func startSoakProcess(ctx context.Context, s *soak) (*soakProcess, error) {
	orders, err := json.Marshal(soakOrders{s.engine, s.ses, s.keyFile, s.ahead})
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p := &soakProcess{cmd: exec.CommandContext(ctx, self)}
	p.cmd.Env = append(os.Environ(), soakRole+"="+string(orders))
	p.cmd.Stderr = os.Stderr
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.answers = json.NewDecoder(out)
	return p, p.cmd.Start()
}

// sweep has one sweep made; the error says that the process is gone.
func (p *soakProcess) sweep() (r dispatch.Report, err error) {
	if _, err := fmt.Fprintln(p.in, "sweep"); err != nil {
		return r, err
	}
	return r, p.answers.Decode(&r)
}

// kill ends the process as a power cut would.
func (p *soakProcess) kill() {
	p.end.Do(func() {
		_ = p.cmd.Process.Kill()
		_ = p.cmd.Wait()
	})
}

// soakProcesses are the dispatchers that may be killed.
type soakProcesses struct {
	mu      sync.Mutex
	running []*soakProcess
}

func (s *soakProcesses) add(p *soakProcess) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running = append(s.running, p)
}

func (s *soakProcesses) remove(p *soakProcess) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running = slices.DeleteFunc(s.running, func(r *soakProcess) bool { return r == p })
}

// killOne kills one of them, if any is running.
func (s *soakProcesses) killOne() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.running) == 0 {
		return false
	}
	s.running[mrand.IntN(len(s.running))].kill()
	return true
}

// engineMemory is what the engine that this process started has in memory, in MB; 0 where the system does not say.
func engineMemory() int {
	lists, _ := filepath.Glob("/proc/self/task/*/children")
	for _, list := range lists {
		children, _ := os.ReadFile(list)
		for _, pid := range strings.Fields(string(children)) {
			status, _ := os.ReadFile("/proc/" + pid + "/status")
			if !strings.HasPrefix(string(status), "Name:\tdynoxide") {
				continue
			}
			return resident(status)
		}
	}
	return 0
}

// ownMemory is what this process has in memory, in MB; 0 where the system does not say.
func ownMemory() int {
	status, _ := os.ReadFile("/proc/self/status")
	return resident(status)
}

// resident reads the MB in memory from the status of a process.
func resident(status []byte) int {
	_, after, _ := strings.Cut(string(status), "VmRSS:")
	kilobytes, _, _ := strings.Cut(strings.TrimSpace(after), " ")
	n, _ := strconv.Atoi(kilobytes)
	return n >> 10
}

// megabytes says how much memory somebody has, nothing where that is not known.
func megabytes(whose string, n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(", %s %d MB", whose, n)
}
