"""Counts the versions of a bucket: boto3_paginator.py ENDPOINT BUCKET."""

import sys

import boto3

endpoint, bucket = sys.argv[1:]
client = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1")
count = 0
for page in client.get_paginator("list_object_versions").paginate(Bucket=bucket):
    count += len(page.get("Versions", ())) + len(page.get("DeleteMarkers", ()))
print(count)
