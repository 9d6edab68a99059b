package sesmail

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// keep is a transport that keeps the request it was given.
type keep struct{ request *http.Request }

func (k *keep) Do(r *http.Request) (*http.Response, error) {
	k.request = r
	return &http.Response{StatusCode: 200, Body: http.NoBody}, nil
}

func TestPlainBodyCanBeReadAgainAndSurvivesTheSDKsClose(t *testing.T) {
	inner := &keep{}
	r, err := http.NewRequest(http.MethodPost, "http://ses.example", struct{ io.Reader }{strings.NewReader("Action=x")})
	require.NoError(t, err)
	r.ContentLength = -1
	_, err = plainBody{inner}.Do(r)
	require.NoError(t, err)
	require.NoError(t, r.Body.Close())

	require.EqualValues(t, 8, inner.request.ContentLength)
	again, err := inner.request.GetBody()
	require.NoError(t, err)
	for _, body := range []io.Reader{inner.request.Body, again} {
		b, err := io.ReadAll(body)
		require.NoError(t, err)
		require.Equal(t, "Action=x", string(b))
	}
}
