package engine_test

import (
	"bufio"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestEngineEndsWithAKilledProcess(t *testing.T) {
	helper := exec.Command(os.Args[0])
	helper.Env = append(os.Environ(), helperVariable+"="+binary(t))
	out, err := helper.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, helper.Start())
	url, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	require.NoError(t, helper.Process.Kill())
	require.Error(t, helper.Wait())
	require.Eventually(t, func() bool {
		answer, err := http.Get(strings.TrimSpace(url))
		if err == nil {
			answer.Body.Close()
		}
		return err != nil
	}, 10*time.Second, 10*time.Millisecond)
}
