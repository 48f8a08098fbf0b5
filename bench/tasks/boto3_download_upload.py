"""Brings the objects of one bucket into another as s3-pit-restore and its user do: boto3's transfer
manager downloads each to a local directory, ten at once, and uploads it again.

    boto3_download_upload.py ENDPOINT BUCKET TARGET

Credentials are those of the environment.
"""
import os
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

import boto3
from botocore.config import Config

# What s3-pit-restore does at once, unless it is told otherwise.
WORKERS = 10

endpoint, bucket, target = sys.argv[1:]
client = boto3.client(
    "s3",
    endpoint_url=endpoint,
    region_name="us-east-1",
    config=Config(max_pool_connections=WORKERS, s3={"addressing_style": "path"}),
)


def keys():
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for item in page.get("Contents", []):
            yield item["Key"]


def bring(key, directory):
    path = os.path.join(directory, key)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    client.download_file(bucket, key, path)
    client.upload_file(path, target, key)


with tempfile.TemporaryDirectory() as directory, ThreadPoolExecutor(WORKERS) as pool:
    for done in pool.map(lambda key: bring(key, directory), keys()):
        pass
