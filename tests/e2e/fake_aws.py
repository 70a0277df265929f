"""What Cistern needs of AWS on one port of loopback: a container's credentials, STS and S3, with credentials that expire.

It does not verify signatures (the conformance tests do), but it knows which key id signed.
"""
import base64
import hashlib
import json
import re
import time
import urllib.parse

from http_peer import HttpPeer, QuietHandler

TOKEN = "c0ntainer-t0ken"
ACCOUNT = "123456789012"


def secret_of(key):
    return f"s3cr3t-of-{key}-with-forty-characters"


def session_of(key):
    return f"s3ssi0n-of-{key}-" + "x" * 600


class FakeAws(HttpPeer):
    def __init__(self, lifetime_s):
        self.lifetime_s = lifetime_s
        self.troubles = None  # so many requests of the container's endpoint fail next
        self.fetched = []  # key ids in the order they were given out
        self.expires = {}
        self.objects = {}  # path -> key id that signed
        self.metadata = {}
        self.replaces = False  # a server that knows no If-None-Match
        self.refused = 0   # requests with an expired key
        self.roles = []    # parameters of AssumeRole
        fake = self

        class Handler(QuietHandler):
            def do_GET(self):
                if fake.troubles:
                    fake.troubles -= 1
                    return self.answer(500, "{}")
                if self.headers["Authorization"] != TOKEN:
                    return self.answer(403, "{}")
                key = fake.make_key("ASIACONTAINER")
                self.answer(200, json.dumps({"AccessKeyId": key, "SecretAccessKey": secret_of(key),
                                             "Token": session_of(key), "Expiration": fake.time_of(key)}))

            def do_POST(self):
                form = dict(urllib.parse.parse_qsl(self.read().decode()))
                key = self.signer()
                if form["Action"] == "GetCallerIdentity":
                    return self.answer(200, f"<R><Arn>arn:aws:sts::{ACCOUNT}:assumed-role/task/{key}</Arn>"
                                            f"<Account>{ACCOUNT}</Account></R>")
                fake.roles.append(form)
                role = fake.make_key("ASIAROLE")
                self.answer(200, f"<R><AccessKeyId>{role}</AccessKeyId><SecretAccessKey>{secret_of(role)}</SecretAccessKey>"
                                 f"<SessionToken>{session_of(role)}</SessionToken>"
                                 f"<Expiration>{fake.time_of(role)}</Expiration></R>")

            def do_PUT(self):
                md5 = base64.b64encode(hashlib.md5(self.read()).digest()).decode()
                key = self.signer()
                if self.headers["x-amz-security-token"] != session_of(key):
                    return self.answer(400, "<Error><Code>InvalidToken</Code></Error>")
                if fake.expires[key] <= time.time():
                    fake.refused += 1
                    return self.answer(400, "<Error><Code>ExpiredToken</Code></Error>")
                if self.headers.get("Content-MD5", md5) != md5:
                    return self.answer(400, "<Error><Code>BadDigest</Code></Error>")
                if self.path in fake.objects and self.headers["If-None-Match"] == "*" and not fake.replaces:
                    return self.answer(412, "<Error><Code>PreconditionFailed</Code></Error>")
                fake.objects[self.path] = key
                fake.metadata[self.path] = {name: value for name, value in self.headers.items() if name.startswith("x-amz-meta-")}
                self.answer(200, ETag='"x"')

            def do_HEAD(self):
                self.answer(200 if self.path in fake.objects else 404, **fake.metadata.get(self.path, {}))

            def signer(self):
                return re.search(r"Credential=(\w+)/", self.headers["Authorization"])[1]

            def read(self):
                return self.rfile.read(int(self.headers["Content-Length"]))

        self.serve(Handler)

    def make_key(self, name):
        key = f"{name}{len(self.fetched)}"
        self.expires[key] = int(time.time()) + self.lifetime_s
        self.fetched.append(key)
        return key

    def time_of(self, key):
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.expires[key]))

    def secrets(self):
        return [TOKEN] + [text for key in self.fetched for text in (secret_of(key), session_of(key))]

    def environment(self):
        """As ECS sets it in a task."""
        return {"AWS_CONTAINER_CREDENTIALS_FULL_URI": self.url + "/v2/credentials/1", "AWS_ENDPOINT_URL_STS": self.url,
                "AWS_CONTAINER_AUTHORIZATION_TOKEN": TOKEN, "HOME": "/nowhere"}
