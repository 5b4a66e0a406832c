"""Puts an object into a bucket and reads it again, signed by what credential_process gives: s3.py ENDPOINT BUCKET KEY"""
import configparser
import datetime
import hashlib
import hmac
import json
import os
import shlex
import subprocess
import sys
import urllib.error
import urllib.request

endpoint, bucket, name = sys.argv[1:]
config = configparser.ConfigParser()
config.read(os.path.expanduser("~/.aws/config"))
profile = config[config.sections()[0]]
region = profile["region"]
lent = json.loads(subprocess.check_output(shlex.split(profile["credential_process"])))


def digest(data):
    return hashlib.sha256(data).hexdigest()


def signature(secret, day, text):
    key = f"AWS4{secret}".encode()
    for part in (day, region, "s3", "aws4_request", text):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key.hex()


def ask(method, body=None, secret=lent["SecretAccessKey"]):
    now = datetime.datetime.utcnow().strftime("%Y%m%dT%H%M%SZ")
    path = f"/{bucket}/{name}"
    headers = {
        "host": endpoint.split("//")[1],
        "x-amz-content-sha256": digest(body or b""),
        "x-amz-date": now,
        "x-amz-security-token": lent["SessionToken"],
    }
    names = ";".join(headers)
    lines = [method, path, "", *(f"{key}:{value}" for key, value in headers.items()), "", names, digest(body or b"")]
    scope = f"{now[:8]}/{region}/s3/aws4_request"
    text = "\n".join(["AWS4-HMAC-SHA256", now, scope, digest("\n".join(lines).encode())])
    headers["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={lent['AccessKeyId']}/{scope}, SignedHeaders={names}, "
        f"Signature={signature(secret, now[:8], text)}"
    )
    # Without one urllib calls the body a form, which moto takes it for.
    headers["content-type"] = "text/plain"
    try:
        with urllib.request.urlopen(urllib.request.Request(endpoint + path, body, headers, method=method)) as answer:
            return f"{answer.status} {answer.read().decode()}"
    except urllib.error.HTTPError as error:
        return f"{error.code}"


print("s3: put", ask("PUT", f"by {name}".encode()))
print("s3: get", ask("GET"))
print("s3: get with a wrong secret", ask("GET", secret="wrong"))
