"""cistern config, init and lifecycle: what they print is read by the tools it is for."""
import json
import pathlib
import re
import ssl
import stat
import subprocess
import unittest

import jsonschema
import yaml

import deploy_aws_test
from service import BINARY, Service, ServiceCase, free_port

ROOT = pathlib.Path(__file__).resolve().parents[2]


def run(*arguments, **options):
    return subprocess.run([BINARY, *map(str, arguments)], capture_output=True, text=True, stdin=subprocess.DEVNULL, **options)


def said(*arguments, **options):
    done = run(*arguments, **options)
    if done.returncode != 0:
        raise AssertionError(f"{done.returncode}: {done.stdout}{done.stderr}")
    return done.stdout


def readme_examples():
    """Whole configurations and parts of one: each YAML block of the README."""
    return re.findall(r"^```yaml\n(.*?)^```", (ROOT / "README.md").read_text(), re.M | re.S)


class SchemaTest(ServiceCase):
    def setUp(self):
        super().setUp()
        schema = json.loads(said("config", "schema"))
        jsonschema.Draft202012Validator.check_schema(schema)
        self.validator = jsonschema.Draft202012Validator(schema)

    def mistakes(self, text):
        return [error.message for error in self.validator.iter_errors(yaml.safe_load(text))]

    def test_what_is_right_is_taken(self):
        template = deploy_aws_test.Deployed().environment("A")["CISTERN_CONFIG"]
        help_text = said("--help").split("A small cistern.yaml:\n")[1].split("\n\n")[0]
        service = Service(self.folder / "service")
        for text in (said("config", "example"), template, help_text, json.dumps(service.settings), *readme_examples(),
                     "format: { level: 9 }", "memory_limit: '${LIMIT:-1GiB}'", "metrics: { listen: off }", "access_keys: none"):
            self.assertEqual(self.mistakes(text), [], text)
        self.assertGreater(len(readme_examples()), 1)

    def test_what_is_wrong_is_found(self):
        for text in ("acknowlege: durable", "acknowledge: durible", "tls: { cert: x }", "memory_limit: lots", "limits: { connections: 0 }",
                     "partition: { flush_age: 5 }", "access_keys: [ { value: x } ]", "access_keys: [ { name: a, value: x, value_file: y } ]",
                     "paths: []", "listen: localhost", "store: { path_style: maybe }", "journal: x"):
            self.assertNotEqual(self.mistakes(text), [], text)
            self.assertEqual(run("check", "--no-tries", cwd=self.folder, env={"CISTERN_CONFIG": text}).returncode, 78, text)


class ExampleTest(ServiceCase):
    def test_the_example_has_every_setting_and_is_taken(self):
        text = said("config", "example")
        (self.folder / "cistern.yaml").write_text(text)
        shown = said("check", "--no-tries", cwd=self.folder)
        self.assertEqual(yaml.safe_load(shown), yaml.safe_load(text))
        settings = re.findall(r"^\| `([\w.]+)` \| ([^|]*) \|(?!.*no default)", said("config", "reference"), re.M)
        self.assertGreater(len(settings), 50)
        for name, help_text in settings:
            if name not in ("tls", "access_keys"):
                self.assertIn(f"# {help_text}\n", text, name)


class InitTest(ServiceCase):
    def test_a_folder_to_run_from(self):
        folder = self.folder / "a folder"
        printed = said("init", folder)
        self.assertIn(str(folder), printed)
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
        self.assertEqual(modes, {"cistern.yaml": 0o644, "cert.pem": 0o644, "key.pem": 0o600, "access-key": 0o600})
        port, metrics_port = free_port(), free_port()
        listen = {"CISTERN_LISTEN": f"127.0.0.1:{port}", "CISTERN_METRICS_LISTEN": f"127.0.0.1:{metrics_port}"}
        service = Service(self.folder / "service")
        self.addCleanup(service.stop)
        service.port, service.metrics_port = port, metrics_port
        with open(service.log_file, "wb") as log:
            service.process = subprocess.Popen([BINARY, "serve", "--config", folder / "cistern.yaml"], env=listen, cwd="/",
                                               stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        service.wait_ready()
        said("send", "--url", f"https://localhost:{port}/", "--ca", folder / "cert.pem", "--access-key-file",
             folder / "access-key", "--events", 100, "--quiet")
        self.assertEqual(service.terminate(), 0)
        self.assertEqual(len(list((folder / "archive").rglob("*.ndjson.gz"))) > 0, True)
        ssl.create_default_context(cafile=folder / "cert.pem")

    def test_nothing_is_replaced(self):
        said("init", self.folder / "x")
        before = {path.name: path.read_bytes() for path in (self.folder / "x").iterdir()}
        again = run("init", self.folder / "x")
        self.assertEqual((again.returncode, again.stdout), (1, ""))
        self.assertIn("is there already", again.stderr)
        self.assertEqual({path.name: path.read_bytes() for path in (self.folder / "x").iterdir()}, before)
        self.assertNotEqual(said("init", self.folder / "y") and (self.folder / "y" / "access-key").read_bytes(), before["access-key"])

    def test_what_differs_is_active_and_all_else_commented_out(self):
        said("init", self.folder / "x")
        text = (self.folder / "x" / "cistern.yaml").read_text()
        active = yaml.safe_load(text)
        self.assertEqual(set(active), {"listen", "tls", "access_keys", "journal", "partition", "store"})
        self.assertEqual(active["partition"], {"flush_age": "5s", "late_flush_age": "5s"})
        self.assertIn("\n#memory_limit: 512MiB\n", text)


class LifecycleTest(ServiceCase):
    def lifecycle(self, *options, store="type: s3, bucket: b, prefix: logs/"):
        return run("lifecycle", *options, cwd=self.folder, env={
            "CISTERN_CONFIG": f"tls: off\naccess_keys: none\nstore: {{ {store} }}"})

    def test_s3_s_model_takes_it(self):
        import botocore.session
        from botocore.validate import validate_parameters
        shape = botocore.session.get_session().get_service_model("s3").operation_model(
            "PutBucketLifecycleConfiguration").input_shape.members["LifecycleConfiguration"]
        done = self.lifecycle("--deep-archive-after", 180, "--expire-after", 3000)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        printed = json.loads(done.stdout)
        validate_parameters(printed, shape)
        rule, = printed["Rules"]
        self.assertEqual((rule["Filter"], rule["Expiration"]), ({"Prefix": "logs/"}, {"Days": 3000}))
        self.assertEqual(rule["Transitions"], [{"Days": 1, "StorageClass": "GLACIER_IR"}, {"Days": 180, "StorageClass": "DEEP_ARCHIVE"}])
        rule, = json.loads(self.lifecycle("--glacier-after", 0).stdout)["Rules"]
        self.assertNotIn("Transitions", rule)

    def test_orders_that_cost_or_fail_are_refused(self):
        for options in (("--deep-archive-after", 30), ("--expire-after", 1), ("--deep-archive-after", 180, "--expire-after", 180)):
            done = self.lifecycle(*options)
            self.assertEqual((done.returncode, done.stdout), (2, ""))
            self.assertIn(options[-2], done.stderr)
        self.assertEqual(self.lifecycle(store="type: file").returncode, 1)


if __name__ == "__main__":
    unittest.main()
