package bucket

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"lapse/internal/awshttp"
	"lapse/internal/transparency"
)

// requestTime bounds one request to S3. The largest files have a few megabytes.
const requestTime = 30 * time.Second

// API is the part of *s3.Client that a Bucket uses. The SDK documents each method.
type API interface {
	GetObject(context.Context, *s3.GetObjectInput, ...func(*s3.Options)) (*s3.GetObjectOutput, error)
	PutObject(context.Context, *s3.PutObjectInput, ...func(*s3.Options)) (*s3.PutObjectOutput, error)
	ListObjectsV2(context.Context, *s3.ListObjectsV2Input, ...func(*s3.Options)) (*s3.ListObjectsV2Output, error)
}

// Bucket keeps files in an S3 bucket, under their paths as keys. S3 shows every put to every read and list after it.
type Bucket struct {
	Client API
	Name   string
}

// NewClient returns a client whose endpoint, region and credentials are those of cfg. An endpoint that is not AWS' own,
// such as a stand-in's, has the bucket's name in the path.
func NewClient(cfg aws.Config, conns int) *s3.Client {
	return s3.NewFromConfig(cfg, func(o *s3.Options) {
		o.HTTPClient = awshttp.New(conns, requestTime)
		o.UsePathStyle = true
	})
}

// Get implements publish.Folder.
func (b Bucket) Get(ctx context.Context, path string) ([]byte, error) {
	out, err := b.Client.GetObject(ctx, &s3.GetObjectInput{Bucket: &b.Name, Key: &path})
	if status(err) == http.StatusNotFound {
		return nil, fmt.Errorf("get %s: %w", path, fs.ErrNotExist)
	}
	if err != nil {
		return nil, fmt.Errorf("get %s: %w", path, err)
	}
	defer out.Body.Close()
	body, err := io.ReadAll(out.Body)
	if err != nil {
		return nil, fmt.Errorf("get %s: %w", path, err)
	}
	return body, nil
}

// PutNew implements publish.Folder. S3 refuses a put with If-None-Match where the key exists (412), and one that met
// another put of the key (409); that one is tried again.
func (b Bucket) PutNew(ctx context.Context, f transparency.File) error {
	for try := 1; ; try++ {
		err := b.put(ctx, f, func(in *s3.PutObjectInput) { in.IfNoneMatch = aws.String("*") })
		switch {
		case status(err) == http.StatusPreconditionFailed:
			return fmt.Errorf("put %s: %w", f.Path, fs.ErrExist)
		case status(err) == http.StatusConflict && try < conflicts:
		default:
			return err
		}
	}
}

// conflicts is how often a put is tried that meets others of its key.
const conflicts = 5

// Put implements publish.Folder.
func (b Bucket) Put(ctx context.Context, f transparency.File) error {
	return b.put(ctx, f, func(*s3.PutObjectInput) {})
}

func (b Bucket) put(ctx context.Context, f transparency.File, with func(*s3.PutObjectInput)) error {
	in := &s3.PutObjectInput{Bucket: &b.Name, Key: &f.Path, Body: bytes.NewReader(f.Body),
		ContentType: aws.String(f.ContentType()), CacheControl: aws.String(caching(f.Path))}
	with(in)
	if _, err := b.Client.PutObject(ctx, in); err != nil {
		return fmt.Errorf("put %s: %w", f.Path, err)
	}
	return nil
}

// ofRevision are the paths of files that never change.
var ofRevision = regexp.MustCompile(`/[0-9]{4}-H[12]/r[0-9]+/`)

// caching says for how long a reader may keep a file: a revision's for ever, what is replaced for five minutes.
func caching(path string) string {
	if ofRevision.MatchString("/" + path) {
		return "public, max-age=31536000, immutable"
	}
	return "public, max-age=300"
}

// List implements publish.Folder.
func (b Bucket) List(ctx context.Context, prefix string) ([]string, error) {
	var paths []string
	pages := s3.NewListObjectsV2Paginator(b.Client, &s3.ListObjectsV2Input{Bucket: &b.Name, Prefix: &prefix})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list %s: %w", prefix, err)
		}
		for _, o := range page.Contents {
			if key := aws.ToString(o.Key); !strings.HasSuffix(key, "/") {
				paths = append(paths, key)
			}
		}
	}
	return paths, nil
}

// status is the status that S3 answered with an error; 0 for no error and for one without an answer.
func status(err error) int {
	if answer, ok := errors.AsType[*sdk.ResponseError](err); ok {
		return answer.HTTPStatusCode()
	}
	return 0
}
