"""Credentials that come from elsewhere and expire: found, told of, renewed under load, and never shown."""
import contextlib
import os
import pathlib
import re
import subprocess
import tempfile
import time
import unittest
import unittest.mock
import urllib.request
import venv

from fake_aws import ACCOUNT, FakeAws, secret_of
from service import BINARY, ServiceCase, free_port

ROLE = "arn:aws:iam::210987654321:role/bucket"


def writable_memory(process):
    """All that a debugger or a core dump would find."""
    found = bytearray()
    maps = pathlib.Path(f"/proc/{process}/maps").read_text()
    with open(f"/proc/{process}/mem", "rb", buffering=0) as memory:
        for begin, end in re.findall(r"^([0-9a-f]+)-([0-9a-f]+) rw", maps, re.M):
            memory.seek(int(begin, 16))
            with contextlib.suppress(OSError):
                found += memory.read(int(end, 16) - int(begin, 16))
    return bytes(found)


class CredentialsCase(ServiceCase):
    def environment(self, variables):
        """Only these of AWS's variables, for the processes that a test starts."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        patch = unittest.mock.patch.dict(os.environ, {**clean, **variables}, clear=True)
        patch.start()
        self.addCleanup(patch.stop)

    def s3_service(self, endpoint, start=True, **store):
        return self.service({"partition": {"flush_age": "200ms", "late_flush_age": "200ms"},
                             "store": {"type": "s3", "bucket": "archive", "endpoint": endpoint, "path_style": True, **store}},
                            start=start)

    def check(self, service, expect=0):
        service.start().stop()
        done = subprocess.run([BINARY, "check", "--config", service.config_file], capture_output=True, text=True)
        self.assertEqual(done.returncode, expect, done.stdout + done.stderr)
        return done.stdout + done.stderr


class CredentialsTest(CredentialsCase):
    def fake(self, lifetime_s):
        fake = FakeAws(lifetime_s)
        self.addCleanup(fake.close)
        self.environment(fake.environment())
        return fake

    def expect_no_secret(self, fake, *texts):
        for text in texts:
            for secret in fake.secrets():
                self.assertNotIn(secret, text)

    def test_check_tells_source_account_and_end(self):
        fake = self.fake(3600)
        said = self.check(self.s3_service(fake.url, start=False))
        line = next(line for line in said.splitlines() if "credentials:" in line)
        key = fake.fetched[-2]  # the last one was the store's own
        self.assertEqual(line, f"ok      credentials: from the container at {fake.url[7:]}, valid until {fake.time_of(key)}; "
                               f"account {ACCOUNT} as arn:aws:sts::{ACCOUNT}:assumed-role/task/{key}")
        self.expect_no_secret(fake, said)

    def test_check_tells_what_is_wrong(self):
        fake = self.fake(3600)
        fake.troubles = 1000
        said = self.check(self.s3_service(fake.url, start=False), expect=1)
        self.assertIn("FAILED  credentials: the S3 credentials of the container at", said)
        self.expect_no_secret(fake, said)

    def test_check_tells_of_a_store_that_replaces(self):
        fake = self.fake(3600)
        service = self.s3_service(fake.url, start=False, prefix="logs/")
        for _ in range(2):
            self.assertIn("; what is there is not replaced (If-None-Match was tried on logs/.cistern-check, ", self.check(service))
        self.assertEqual(list(fake.objects), ["/archive/logs/.cistern-check"])
        fake.replaces = True
        self.assertIn("FAILED  store: the store ignores If-None-Match: ", self.check(service, expect=1))

    def test_no_source_at_all(self):
        self.environment({"AWS_EC2_METADATA_DISABLED": "true", "HOME": "/nowhere"})
        service = self.s3_service("http://127.0.0.1:1", start=False)
        service.start(wait=False)
        self.assertEqual(service.process.wait(20), 78)
        self.assertIn("no S3 credentials: ", service.log_file.read_text())

    def test_an_assumed_role(self):
        fake = self.fake(3600)
        service = self.s3_service(fake.url, assume_role={"arn": ROLE, "external_id": "ext", "duration": "30m",
                                                         "tags": ["team=logs"]})
        service.send("--events", 1000)
        service.wait_stored()
        self.assertEqual(service.terminate(), 0)
        self.assertTrue(all(key.startswith("ASIAROLE") for key in fake.objects.values()), fake.objects)
        self.assertEqual({name: fake.roles[0][name] for name in ("RoleArn", "ExternalId", "DurationSeconds", "Tags.member.1.Key")},
                         {"RoleArn": ROLE, "ExternalId": "ext", "DurationSeconds": "1800", "Tags.member.1.Key": "team"})

    def test_renewed_keys_leave_no_trace_in_memory(self):
        fake = self.fake(4)
        service = self.s3_service(fake.url)
        while len(fake.fetched) < 3:
            service.send("--events", 300)
            time.sleep(0.2)
        service.wait_stored()
        memory = writable_memory(service.process.pid)
        current, old = fake.fetched[-1], fake.fetched[:-1]
        self.assertIn(secret_of(current).encode(), memory, "this is where it would be found")
        for key in old:
            self.assertNotIn(secret_of(key).encode(), memory)

    def test_renewed_under_load_though_the_source_fails_for_a_moment(self):
        fake = self.fake(5)
        service = self.s3_service(fake.url)
        while len(fake.fetched) < 3:
            if len(fake.fetched) == 1 and fake.troubles is None:
                fake.troubles = 4  # more than the tries of one fetch
            service.send("--events", 300)
            time.sleep(0.2)
        service.send("--events", 300)
        service.wait_stored()
        metrics = service.ops("/metrics")[1]
        self.assertEqual(service.terminate(), 0)
        self.assertGreaterEqual(len(set(fake.objects.values())), 3, "keys that objects were signed with")
        self.assertEqual(fake.troubles, 0)
        self.assertLessEqual(fake.refused, 2, "nothing is signed with expired ones, but for what was on its way")
        log = service.log_file.read_text()
        self.assertIn('"event":"credentials_not_renewed"', log)
        self.expect_no_secret(fake, log, metrics)


@unittest.skipUnless(os.environ.get("CISTERN_LONG_TESTS"), "the long form: installs moto from PyPI")
class MotoTest(CredentialsCase):
    """STS and S3 as somebody else wrote them."""

    @classmethod
    def setUpClass(cls):
        holder = tempfile.TemporaryDirectory(prefix="cistern-moto-")
        cls.addClassCleanup(holder.cleanup)
        venv.create(holder.name, with_pip=True)
        subprocess.run([f"{holder.name}/bin/pip", "install", "-q", "moto[server,s3,sts]==5.*"], check=True, capture_output=True)
        cls.url = f"http://127.0.0.1:{free_port()}"
        log = open(f"{holder.name}/log", "wb")
        cls.addClassCleanup(log.close)
        server = subprocess.Popen([f"{holder.name}/bin/moto_server", "-H", "127.0.0.1", "-p", cls.url.rsplit(":", 1)[1]],
                                  stdout=log, stderr=log)
        cls.addClassCleanup(server.wait)
        cls.addClassCleanup(server.terminate)
        for _ in range(600):
            try:
                return urllib.request.urlopen(urllib.request.Request(cls.url + "/archive", method="PUT"), timeout=5).close()
            except OSError:
                time.sleep(0.1)
        raise AssertionError("moto did not start")

    def keys(self, prefix):
        with urllib.request.urlopen(f"{self.url}/archive?list-type=2&prefix={prefix}/", timeout=10) as answer:
            return re.findall("<Key>(.*?)</Key>", answer.read().decode())

    def head(self, key):
        """It verifies no signature, but wants one."""
        signed = {"Authorization": "AWS4-HMAC-SHA256 Credential=AKIA/20261121/us-east-1/s3/aws4_request, SignedHeaders=host, "
                                   "Signature=0"}
        request = urllib.request.Request(f"{self.url}/archive/{key}", method="HEAD", headers=signed)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return dict(answer.headers)

    def test_what_ceph_does_not_know_is_asked_for_as_documented(self):
        """Storage classes, bucket keys, DSSE. An encryption context, the expected owner and who pays are told by no server
        of these: what is sent stands in tests/conformance/s3_corrections_test.cc."""
        key_id = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1-2"
        options = {name: {"storage_class": name} for name in (
            "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE")}
        options["key"] = {"sse": "aws:kms", "sse_kms_key_id": key_id, "sse_bucket_key": True, "sse_context": ["team=logs"],
                          "acl": "bucket-owner-full-control", "expected_bucket_owner": ACCOUNT, "requester_pays": True}
        options["dsse"] = {"sse": "aws:kms:dsse", "checksum": "crc64nvme"}
        self.environment({"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret", "HOME": "/nowhere"})
        seen = {}
        for name, store in options.items():
            service = self.s3_service(self.url, prefix=name + "/", **store)
            service.send("--events", 100)
            self.assertEqual(service.terminate(), 0)
            seen[name] = self.head(self.keys(name)[0])
            self.assertEqual(seen[name].get("x-amz-storage-class"), store.get("storage_class"), name)
        sse = "x-amz-server-side-encryption"
        self.assertEqual({each: seen["key"].get(each) for each in (sse, f"{sse}-aws-kms-key-id", f"{sse}-bucket-key-enabled")},
                         {sse: "aws:kms", f"{sse}-aws-kms-key-id": key_id, f"{sse}-bucket-key-enabled": "true"})
        self.assertEqual(seen["dsse"].get(sse), "aws:kms:dsse")

    def test_keys_role_and_web_identity(self):
        url = self.url
        token = self.folder / "token"
        token.write_text("eyJhbGciOiJub25lIn0.e30.c2ln")
        role = f"arn:aws:iam::{ACCOUNT}:role/archive"
        keys = {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret"}
        web = {"AWS_WEB_IDENTITY_TOKEN_FILE": str(token), "AWS_ROLE_ARN": role, "AWS_ROLE_SESSION_NAME": "pod"}
        for source, store, caller in ((keys, {}, "environment"), (web, {}, "assumed-role/archive/pod"),
                                      (keys, {"assume_role": {"arn": role, "session_name": "me"}}, "assumed-role/archive/me")):
            with self.subTest(source=list(source), store=store):
                self.environment({**source, "AWS_ENDPOINT_URL_STS": url, "HOME": "/nowhere"})
                service = self.s3_service(url, prefix=caller + "/", **store)
                service.send("--events", 2000)
                service.wait_stored(120)
                self.assertEqual(service.terminate(), 0)
                self.assertIn(".ndjson.gz", self.keys(caller)[0])
                said = self.check(service)
                line = next(line for line in said.splitlines() if "credentials:" in line)
                self.assertIn(f"account {ACCOUNT} as arn:aws:", line)
                self.assertIn(caller, line)
                self.assertTrue(("valid until" in line) == (caller != "environment"), line)


if __name__ == "__main__":
    unittest.main()
