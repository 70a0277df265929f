#!/usr/bin/env python3
"""Writes the seeds of all fuzz targets, as FOLDER/<target>/<name>: small inputs that hold every word of their format; and
FOLDER/<target>.dict, those words for libFuzzer.

usage: make_seeds.py FOLDER
"""
import gzip
import json
import pathlib
import re
import sys

ENVELOPE = {"messageType": "DATA_MESSAGE", "owner": "123456789012", "logGroup": "/aws/lambda/f", "logStream": "s/[$LATEST]0",
            "subscriptionFilters": ["a", "b"], "policyLevel": "ACCOUNT_LEVEL_POLICY",
            "logEvents": [{"id": "3" * 56, "timestamp": 1795248000123, "message": "GET / \"200\" \\ \u00e9 \U0001f600\n",
                           "extractedFields": {"a": "1"}},
                          {"id": "4" * 56, "timestamp": -1, "message": ""}]}
CONTROL = {"messageType": "CONTROL_MESSAGE", "owner": "CloudwatchLogs", "logGroup": "", "logStream": "", "subscriptionFilters": [],
           "logEvents": [{"id": "", "timestamp": 1795248000123, "message": "CWL CONTROL MESSAGE: Checking health of destination Firehose."}]}


def text(document):
    return json.dumps(document, separators=(",", ":"))


def envelopes():
    odd = '{"messageType":"DATA_MESSAGE","owner":"1","logGroup":"g","logStream":"s","logEvents":[{"id":"1","timestamp":1,' \
          '"message":"\\ud800 \\u0000 \\/ \\b\\f\\n\\r\\t"}],"new":{"deep":[[[1e400,-0.0,true,false,null]]]}}'
    return {"data": text(ENVELOPE), "control": text(CONTROL), "spaced": json.dumps(ENVELOPE, indent=1), "odd": odd,
            "twice": text(ENVELOPE).replace('"owner"', '"owner":"x","owner"'), "other": '{"level":"info","message":"m"}',
            "huge": text(ENVELOPE)[:-1] + ',"new":2e400}'}


def records():
    packed = {name + ".gz": gzip.compress(document.encode(), mtime=0) for name, document in envelopes().items()}
    both = text(ENVELOPE) + text(CONTROL) + "\n" + text(ENVELOPE)
    return {**packed, "joined": both, "members": packed["data.gz"] + packed["control.gz"], "text": "one\r\ntwo\n\nthree",
            "twice.gz": gzip.compress(packed["data.gz"], mtime=0), "bomb.gz": gzip.compress(bytes(3 << 20), mtime=0), "empty": ""}


def deliveries():
    return {"plain": text({"requestId": "r-1", "timestamp": 1795248000123, "records": [{"data": "aGVsbG8="}, {"data": ""}]}),
            "odd": '{ "new": {"a":[1,{"b":null}]}, "records":[ {"data":"aGV\\/bG8=","more":true} ],"requestId":"r-1" }',
            "other": '{"requestId":"r-2","timestamp":"1","records":{}}'}


def heads():
    post = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nX-Amz-Firehose-Request-Id: r-1\r\n\r\nabc"
    return {"post": post, "chunked": "POST /firehose?a=b HTTP/1.1\r\nhost: h\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n",
            "get": "GET http://h/livez HTTP/1.0\r\nConnection: close\r\n\r\n",
            "two": post.replace("Host: h", "Content-Length: 4\r\nHost: h"), "folded": post.replace("Host: h", "Host: h\r\n folded")}


def keys():
    parts = [("", "{yyyy}/{mm}/{dd}/{hh}/"), ("p", "/{yyyy}/"), ("logs/", "year={yyyy}/{owner}/{log_group}/{log_stream}/{source}/{attribute:env}")]
    return {str(i): "\0".join([*part, "123456789012", "/aws/../é", ".hidden\x01"]) for i, part in enumerate(parts)}


def configurations():
    return {"file": """listen: 0.0.0.0:8443
tls: { certificate: cert.pem, private_key: key.pem }
access_keys: [ { name: firehose, value: "${NAME}" }, { name: b, value_file: "${X:-y}" } ]
acknowledge: stored
memory_limit: 512MiB
journal: { path: journal, max_bytes: 10GiB }
partition: { prefix: "a/", key: "{yyyy}/{mm}/{dd}/{hh}/", flush_size: 64MiB, flush_age: 5m }
format: { level: auto, event_id: short, fields: [timestamp, id, message] }
store: { type: s3, bucket: b, region: us-east-1, endpoint: "http://127.0.0.1:7480", path_style: true }
""", "json": '{"tls":"off","access_keys":"none","store":{"type":"file","path":"a"},"unknown":1}',
            "mistakes": "listen: nowhere\npartition: { flush_age: 5 parsecs, flush_agee: 1s }\n&a [*a]\n"}


def answers():
    document = '<?xml version="1.0"?><Error><Code>{}</Code><Message>m &amp; &lt;n&gt;</Message><Region>eu-west-1</Region>' \
               '<RequestId>R</RequestId></Error>'
    return {code: chr(i) + document.format(code) for i, code in enumerate(("AccessDenied", "SlowDown", "NoSuchBucket", "InternalError"))}


def profiles():
    config = """# shared
[default]
region = eu-west-1
[profile "with space"] ; quoted
Role_ARN = arn:aws:iam::123456789012:role/archive # the role
source_profile = base
duration_seconds = 900
external_id = x
role_session_name = s
s3 =
  addressing_style = path
[profile base]
aws_access_key_id=AKID\r
aws_secret_access_key = a=b==
aws_session_token = t#1
[profile default]
credential_process = /bin/x 'a ; b' # c
[profile r]
role_arn = arn:aws:iam::123456789012:role/r
credential_source = Ec2InstanceMetadata
mfa_serial = m
[profile w]
role_arn = arn:aws:iam::123456789012:role/w
web_identity_token_file = /t
[sso-session y]
sso_region = r
"""
    return {"config": "\0" + config, "credentials": "\1" + config.replace("[profile ", "["),
            "sources": "\0[profile a]\nrole_arn=arn:aws:iam::1:role/a\ncredential_source=Environment\n[profile b]\ncredential_source=EcsContainer\n",
            "wrong": "\1[a]\nno value\n= x\n[b\n"}


def words(seeds):
    found = {word for seed in seeds if b"\x1f\x8b" not in seed for word in re.findall(rb"\w{2,40}|[!-/:-@[-`{-~]{1,4}", seed)}
    return "# of the seeds\n" + "".join('"' + "".join(f"\\x{byte:02x}" for byte in word) + '"\n' for word in sorted(found))


TARGETS = {"envelope": envelopes, "record": records, "delivery": deliveries, "request_head": heads, "partition_key": keys,
           "coalesce": lambda: {"lines": "\0".join(['{"a":1}\n'] * 9), "damage": 'x\n\0!\x1f\x8b\x08junk\0y\n'},
           "deflate": lambda: {"lines": "\x70\x25" + text(ENVELOPE), "once": "\1\1" + text(CONTROL), "ids": "\x15\x07" + "0123456789abcdef" * 40},
           "journal_recovery": lambda: {"bytes": bytes(range(0, 252, 3)), "cut": bytes([40, 3, 0, 1, 8, 0]), "none": b""},
           "configuration": configurations, "s3_answer": answers, "profile_file": profiles}


def main():
    for target, seeds in TARGETS.items():
        folder = pathlib.Path(sys.argv[1]) / target
        folder.mkdir(parents=True, exist_ok=True)
        made = {name: seed if isinstance(seed, bytes) else seed.encode() for name, seed in seeds().items()}
        for name, seed in made.items():
            (folder / name).write_bytes(seed)
        folder.with_suffix(".dict").write_text(words(made.values()))


if __name__ == "__main__":
    main()
