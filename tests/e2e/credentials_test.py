"""Credentials that come from elsewhere and expire: found, told of, renewed under load, and never shown."""
import os
import subprocess
import sys
import time
import unittest
import unittest.mock
import urllib.request

from fake_aws import ACCOUNT, FakeAws
from service import BINARY, ServiceCase, free_port

ROLE = "arn:aws:iam::210987654321:role/bucket"


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
        fake.down = True
        said = self.check(self.s3_service(fake.url, start=False), expect=1)
        self.assertIn("FAILED  credentials: the S3 credentials of the container at", said)
        self.expect_no_secret(fake, said)

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

    def test_renewed_under_load_and_while_the_source_is_down_for_a_moment(self):
        fake = self.fake(6)
        service = self.s3_service(fake.url)
        for second in range(14):
            fake.down = second in (5, 6)  # some credentials are due then, and still good
            service.send("--events", 500)
            time.sleep(0.6)
        service.wait_stored()
        metrics = service.ops("/metrics")[1]
        self.assertEqual(service.terminate(), 0)
        self.assertGreaterEqual(len(set(fake.objects.values())), 3, "keys that objects were signed with")
        self.assertEqual(fake.refused, 0, "nothing was signed with expired ones")
        log = service.log_file.read_text()
        self.assertIn('"event":"credentials"', log)
        self.expect_no_secret(fake, log, metrics)


@unittest.skipUnless(os.environ.get("CISTERN_LONG_TESTS"), "the long form: installs moto from PyPI")
class MotoTest(CredentialsCase):
    """STS and S3 as somebody else wrote them."""

    def start_moto(self):
        folder = self.folder / "venv"
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([folder / "bin/pip", "install", "-q", "moto[server,s3,sts]==5.*"], check=True, capture_output=True)
        port = free_port()
        log = open(self.folder / "moto.log", "wb")
        self.addCleanup(log.close)
        server = subprocess.Popen([folder / "bin/moto_server", "-H", "127.0.0.1", "-p", str(port)], stdout=log, stderr=log)
        self.addCleanup(server.wait)
        self.addCleanup(server.terminate)
        url = f"http://127.0.0.1:{port}"
        for _ in range(300):
            try:
                urllib.request.urlopen(urllib.request.Request(url + "/archive", method="PUT"), timeout=5).close()
                return url
            except OSError:
                time.sleep(0.1)
        raise AssertionError("moto did not start")

    def test_keys_role_and_web_identity(self):
        url = self.start_moto()
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
                said = self.check(service)
                line = next(line for line in said.splitlines() if "credentials:" in line)
                self.assertIn(f"account {ACCOUNT} as arn:aws:", line)
                self.assertIn(caller, line)
                self.assertTrue(("valid until" in line) == (caller != "environment"), line)


if __name__ == "__main__":
    unittest.main()
