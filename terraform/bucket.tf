# The bucket for the code of the functions and the templates, where none is given.
resource "aws_s3_bucket" "assets" {
  count  = var.asset_bucket == null ? 1 : 0
  bucket = "${lower(local.name)}-assets-${data.aws_caller_identity.current.account_id}-${data.aws_region.current.region}"
  tags   = var.tags
  # It holds copies of the release, every version of them.
  force_destroy = true
}

resource "aws_s3_bucket_public_access_block" "assets" {
  count                   = length(aws_s3_bucket.assets)
  bucket                  = aws_s3_bucket.assets[0].bucket
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_server_side_encryption_configuration" "assets" {
  count  = length(aws_s3_bucket.assets)
  bucket = aws_s3_bucket.assets[0].bucket
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_versioning" "assets" {
  count  = length(aws_s3_bucket.assets)
  bucket = aws_s3_bucket.assets[0].bucket
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_policy" "assets" {
  count  = length(aws_s3_bucket.assets)
  bucket = aws_s3_bucket.assets[0].bucket
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "TlsOnly"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource = [for what in ["", "/*"] :
        "arn:${data.aws_partition.current.partition}:s3:::${aws_s3_bucket.assets[0].bucket}${what}"
      ]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })
  depends_on = [aws_s3_bucket_public_access_block.assets]
}
