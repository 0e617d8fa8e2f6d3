#!/bin/sh
set -e
awslocal sqs create-queue --queue-name orders-events-dlq
awslocal sqs create-queue --queue-name orders-events --attributes '{"RedrivePolicy":"{\"deadLetterTargetArn\":\"arn:aws:sqs:eu-central-1:000000000000:orders-events-dlq\",\"maxReceiveCount\":\"5\"}"}'
awslocal sqs create-queue --queue-name refund-events
awslocal dynamodb create-table --table-name orders-state --billing-mode PAY_PER_REQUEST \
  --attribute-definitions AttributeName=tenant_id,AttributeType=S AttributeName=order_id,AttributeType=S \
    AttributeName=status,AttributeType=S AttributeName=updated_at,AttributeType=N \
  --key-schema AttributeName=tenant_id,KeyType=HASH AttributeName=order_id,KeyType=RANGE \
  --global-secondary-indexes 'IndexName=status-updated_at-index,KeySchema=[{AttributeName=status,KeyType=HASH},{AttributeName=updated_at,KeyType=RANGE}],Projection={ProjectionType=KEYS_ONLY}'
