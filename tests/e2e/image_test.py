"""deploy/image builds the Dockerfile, and the image runs from nothing but CISTERN_CONFIG and a secret (long, as root)."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

from service import Service

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
STORAGE = {**os.environ, "STORAGE_DRIVER": "vfs", "BUILDAH_ISOLATION": "chroot"}
LONG = unittest.skipUnless(os.environ.get("CISTERN_LONG_TESTS") and os.geteuid() == 0, "long, and as root")


class DockerfileTest(unittest.TestCase):
    def test_it_says_how_it_is_run(self):
        for line in ("USER 65532:65532", "STOPSIGNAL SIGTERM", 'CMD ["/usr/bin/cistern", "health"]', 'ENTRYPOINT ["/usr/bin/cistern"]',
                     "VOLUME /var/lib/cistern", "org.opencontainers.image.revision"):
            self.assertIn(line, DOCKERFILE)
        self.assertRegex(DOCKERFILE, r"\nFROM scratch\n")


@LONG
class ImageTest(unittest.TestCase):
    """The container's process is started by chroot, as the image's own configuration says: no engine is needed."""

    @classmethod
    def setUpClass(cls):
        cls.tag = os.environ.get("CISTERN_IMAGE") or "cistern:test"
        cls.built = "" if os.environ.get("CISTERN_IMAGE") else subprocess.run(
            [ROOT / "deploy" / "image", cls.tag], check=True, capture_output=True, text=True).stdout
        cls.container = cls.buildah("from", "--pull=never", cls.tag)
        cls.addClassCleanup(cls.buildah, "rm", cls.container)
        cls.mount = pathlib.Path(cls.buildah("mount", cls.container))
        cls.config = json.loads(cls.buildah("inspect", "--type", "image", cls.tag))["OCIv1"]["config"]

    @staticmethod
    def buildah(*arguments):
        return subprocess.run(["buildah", *arguments], check=True, capture_output=True, text=True, env=STORAGE).stdout.strip()

    def start(self, command, environment, **options):
        """As an engine would: root, user and working folder of the image, and no other variables."""
        user, group = map(int, self.config["User"].split(":"))

        def enter():
            os.chroot(self.mount)
            os.chdir(self.config["WorkingDir"])
            os.setgroups([])
            os.setgid(group)
            os.setuid(user)

        return subprocess.Popen(command, env=environment, preexec_fn=enter, stdin=subprocess.DEVNULL, **options)

    def test_small_and_with_nothing_else_in_it(self):
        if self.built:
            self.assertLess(int(re.search(r"(\d+) bytes compressed", self.built)[1]), 40_000_000)
        programs = {str(path.relative_to(self.mount)) for path in self.mount.rglob("*") if path.is_file() and os.access(path, os.X_OK)
                    and ".so" not in path.name}
        self.assertEqual(programs, {"usr/bin/cistern"})
        writable = {str(path.relative_to(self.mount)) for path in self.mount.rglob("*")
                    if not path.is_symlink() and "var/lib/cistern/" not in str(path) and (path.stat().st_uid == 65532 or path.stat().st_mode & 0o002)}
        self.assertEqual(writable, {"var/lib/cistern", "tmp"})

    def test_a_delivery_a_health_check_and_a_drain(self):
        self.assertEqual(self.config["StopSignal"], "SIGTERM")
        outside = Service(tempfile.mkdtemp(prefix="cistern-image-"), {"tls": "off", "access_keys": None, "store": None, "journal": None})
        self.addCleanup(shutil.rmtree, outside.folder)
        self.addCleanup(outside.stop)
        for name in ("access_keys", "store", "journal"):
            del outside.settings[name]
        environment = {"CISTERN_CONFIG": json.dumps(outside.settings), "CISTERN_ACCESS_KEYS_TEST": outside.ACCESS_KEY}
        with open(outside.log_file, "wb") as log:
            outside.process = self.start([*self.config["Entrypoint"], *self.config["Cmd"]], environment, stdout=log, stderr=log)
        outside.wait_ready()
        health = self.start(["/usr/bin/cistern", "health"], environment, stdout=subprocess.PIPE, text=True)
        self.assertIn("200 OK", health.communicate()[0])
        outside.send("--events", 500)
        self.assertEqual(outside.terminate(), 0)
        self.assertTrue(list(self.mount.rglob("*.ndjson.gz")))


if __name__ == "__main__":
    unittest.main()
