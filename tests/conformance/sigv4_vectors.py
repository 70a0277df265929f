#!/usr/bin/env python3
"""Writes sigv4_vectors.json: random S3 requests and what botocore signs for them.

Needs botocore (Debian: python3-botocore). The seed is fixed, so the same botocore writes the same file:
    /usr/bin/python3 tests/conformance/sigv4_vectors.py > tests/conformance/sigv4_vectors.json
Another number of them, from another seed, as sigv4_vectors_test.cc asks for each time it runs:
    /usr/bin/python3 tests/conformance/sigv4_vectors.py 4000 17
"""
import hashlib
import json
import random
import sys

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.utils import percent_encode

COUNT = int(sys.argv[1]) if len(sys.argv) > 1 else 250
ODD = " !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~/////" + "äßé漢字\U0001f600\u00a0\u0301\x01\x7f"
PLAIN = "abcXYZ0189"
REGIONS = ["us-east-1", "eu-central-1", "cn-north-1", "us-gov-west-1", "ap-southeast-4"]
random = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 20130524)


def text(characters, longest):
    return "".join(random.choice(characters) for _ in range(random.randint(1, longest)))


def headers():
    names = ["Content-Type", "If-None-Match", "Cache-Control", "x-amz-meta-cistern-journal", "X-Amz-Meta-Odd",
             "x-amz-storage-class", "x-amz-security-token", "Content-MD5"]
    values = PLAIN + "   =;,/*\"-"
    return {name: "v" + text(values, 24) for name in random.sample(names, random.randint(0, 5))}


def vector():
    key = text(random.choice([PLAIN, ODD, PLAIN + ODD]), 40)
    query = {text(PLAIN + ODD, 8): random.choice(["", text(PLAIN + ODD, 10)]) for _ in range(random.choice([0, 0, 1, 3]))}
    date = "20%02d%02d%02dT%02d%02d%02dZ" % (random.randint(13, 60), random.randint(1, 12), random.randint(1, 28),
                                             random.randint(0, 23), random.randint(0, 59), random.randint(0, 59))
    case = {"method": random.choice(["PUT", "GET", "HEAD", "DELETE"]), "key": key, "query": query,
            "region": random.choice(REGIONS), "date": date, "access_key_id": "AKIA" + text(PLAIN, 16),
            "secret": text(PLAIN + "+/", 40)}
    path = "/" + percent_encode(key, safe="/~")
    sent = headers()
    sent["Host"] = "bucket.s3.%s.amazonaws.com" % case["region"]
    sent["x-amz-date"] = date
    sent["x-amz-content-sha256"] = hashlib.sha256(key.encode()).hexdigest()
    request = AWSRequest(method=case["method"], url="https://" + sent["Host"] + path, headers=sent, params=query)
    request.context["timestamp"] = date
    auth = S3SigV4Auth(Credentials(case["access_key_id"], case["secret"]), "s3", case["region"])
    canonical = auth.canonical_request(request)
    to_sign = auth.string_to_sign(request, canonical)
    case.update(headers=sent, path=path, canonical_sha256=hashlib.sha256(canonical.encode()).hexdigest(),
                signature=auth.signature(to_sign, request))
    return case


vectors = [vector() for _ in range(COUNT)]
sys.stdout.write("[\n" + ",\n".join(json.dumps(v, sort_keys=True) for v in vectors) + "\n]\n")
