package sesmail

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ses"

	"lapse/internal/awshttp"
)

// APIOver is the SES client of NewAPI over a transport of the test's own.
func APIOver(transport aws.HTTPClient) API {
	return ses.New(ses.Options{Region: "eu-central-1", Retryer: aws.NopRetryer{},
		BaseEndpoint: aws.String("http://ses.example"), HTTPClient: awshttp.Plain(transport),
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", "")})
}
