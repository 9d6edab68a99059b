package dynamo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"go.yaml.in/yaml/v3"
)

// tableAPI is the part of *dynamodb.Client that CreateTable uses.
type tableAPI interface {
	CreateTable(context.Context, *dynamodb.CreateTableInput, ...func(*dynamodb.Options)) (*dynamodb.CreateTableOutput,
		error)
	DescribeTable(context.Context, *dynamodb.DescribeTableInput,
		...func(*dynamodb.Options)) (*dynamodb.DescribeTableOutput, error)
}

// template holds the fields that CreateTable reads of a CloudFormation template. Short tags such as !Sub do no harm
// elsewhere, because only these fields are decoded.
type template struct {
	Resources map[string]struct {
		Type       string    `yaml:"Type"`
		Properties yaml.Node `yaml:"Properties"`
	} `yaml:"Resources"`
}

// tableProperties are the properties of AWS::DynamoDB::Table that decide how items are stored and queried.
type tableProperties struct {
	BillingMode          string `yaml:"BillingMode"`
	AttributeDefinitions []struct {
		AttributeName string `yaml:"AttributeName"`
		AttributeType string `yaml:"AttributeType"`
	} `yaml:"AttributeDefinitions"`
	KeySchema []struct {
		AttributeName string `yaml:"AttributeName"`
		KeyType       string `yaml:"KeyType"`
	} `yaml:"KeySchema"`
}

// CreateTable creates the table called name and waits until it can be used. The definition is the one
// AWS::DynamoDB::Table of the CloudFormation template (YAML). An existing table of that name stays as it is.
// CreateTable is for the local stack and tests. It leaves out backups and protection, because an engine on a laptop has
// none.
func CreateTable(ctx context.Context, client tableAPI, template []byte, name string) error {
	properties, err := tableOf(template)
	if err != nil {
		return fmt.Errorf("create table %s: %w", name, err)
	}
	in := &dynamodb.CreateTableInput{TableName: &name, BillingMode: types.BillingMode(properties.BillingMode)}
	for _, a := range properties.AttributeDefinitions {
		in.AttributeDefinitions = append(in.AttributeDefinitions,
			types.AttributeDefinition{AttributeName: aws.String(a.AttributeName),
				AttributeType: types.ScalarAttributeType(a.AttributeType)})
	}
	for _, k := range properties.KeySchema {
		in.KeySchema = append(in.KeySchema, types.KeySchemaElement{AttributeName: aws.String(k.AttributeName),
			KeyType: types.KeyType(k.KeyType)})
	}
	if _, err := client.CreateTable(ctx, in); err != nil {
		if _, exists := errors.AsType[*types.ResourceInUseException](err); !exists {
			return fmt.Errorf("create table %s: %w", name, err)
		}
	}
	wait := dynamodb.NewTableExistsWaiter(client,
		func(o *dynamodb.TableExistsWaiterOptions) { o.MinDelay = 100 * time.Millisecond })
	if err := wait.Wait(ctx, &dynamodb.DescribeTableInput{TableName: &name}, time.Minute); err != nil {
		return fmt.Errorf("create table %s: %w", name, err)
	}
	return nil
}

// tableOf finds the one table in a template.
func tableOf(source []byte) (tableProperties, error) {
	var t template
	var p tableProperties
	if err := yaml.Unmarshal(source, &t); err != nil {
		return p, fmt.Errorf("read template: %w", err)
	}
	var found []string
	for id, r := range t.Resources {
		if r.Type != "AWS::DynamoDB::Table" {
			continue
		}
		found = append(found, id)
		if err := r.Properties.Decode(&p); err != nil {
			return p, fmt.Errorf("read template, resource %s: %w", id, err)
		}
	}
	if len(found) != 1 {
		return p, fmt.Errorf("read template: %d tables instead of one", len(found))
	}
	return p, nil
}

// Matters lists the ids of all matters, ascending, by a Scan of the whole table. Only the start page of the local stack
// uses it, never a function.
func (s *Store) Matters(ctx context.Context) ([]string, error) {
	pages := dynamodb.NewScanPaginator(s.client, &dynamodb.ScanInput{TableName: &s.table, ConsistentRead: aws.Bool(true),
		FilterExpression: aws.String("SK = :h"), ProjectionExpression: aws.String("PK"),
		ExpressionAttributeValues: item{":h": text(headKey("").sk)}})
	var ids []string
	for pages.HasMorePages() {
		out, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list matters: %w", err)
		}
		for _, it := range out.Items {
			ids = append(ids, strings.TrimPrefix(item(it).text(pk), partition("")))
		}
	}
	slices.Sort(ids)
	return ids, nil
}
