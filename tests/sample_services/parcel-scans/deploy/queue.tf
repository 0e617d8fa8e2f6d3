resource "aws_sqs_queue" "scans" {
  name                       = "scans"
  visibility_timeout_seconds = 120
  receive_wait_time_seconds  = 20
  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.scans_dlq.arn
    maxReceiveCount     = 5
  })
}

resource "aws_sqs_queue" "scans_dlq" {
  name                      = "scans-dlq"
  message_retention_seconds = 1209600
}
