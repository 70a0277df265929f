"""deploy/image builds the Dockerfile, and the image runs from nothing but CISTERN_CONFIG and a secret (long, as root)."""
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import venv

import jsonschema

from service import BINARY, Service

ROOT = pathlib.Path(__file__).resolve().parents[2]
VERIFIER = pathlib.Path(__file__).with_name("verify_archive.py")
DOCKERFILE = (ROOT / "Dockerfile").read_text()
STORAGE = {**os.environ, "STORAGE_DRIVER": "vfs", "BUILDAH_ISOLATION": "chroot"}
LONG = unittest.skipUnless(os.environ.get("CISTERN_LONG_TESTS") and os.geteuid() == 0, "long, and as root")


class DockerfileTest(unittest.TestCase):
    def test_it_says_how_it_is_run(self):
        for line in ("USER 65532:65532", "STOPSIGNAL SIGTERM", 'CMD ["/usr/bin/cistern", "health"]', 'ENTRYPOINT ["/usr/bin/cistern"]',
                     "VOLUME /var/lib/cistern", "org.opencontainers.image.revision"):
            self.assertIn(line, DOCKERFILE)
        self.assertRegex(DOCKERFILE, r"\nFROM scratch\n")


# What SPDX 2.3 asks of such a document, and what we do: its own schema is longer, and lets more pass.
SPDX = {
    "type": "object", "additionalProperties": False,
    "required": ["spdxVersion", "dataLicense", "SPDXID", "name", "documentNamespace", "creationInfo", "packages", "relationships"],
    "properties": {
        "spdxVersion": {"const": "SPDX-2.3"}, "dataLicense": {"const": "CC0-1.0"}, "SPDXID": {"const": "SPDXRef-DOCUMENT"},
        "name": {"type": "string"}, "documentNamespace": {"type": "string", "pattern": "^https://[^#]+$"},
        "creationInfo": {"type": "object", "required": ["created", "creators"], "properties": {
            "created": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"},
            "creators": {"type": "array", "minItems": 1, "items": {"type": "string", "pattern": "^(Tool|Organization|Person): ."}}}},
        "packages": {"type": "array", "minItems": 10, "items": {
            "type": "object", "required": ["SPDXID", "name", "versionInfo", "downloadLocation", "filesAnalyzed"], "properties": {
                "SPDXID": {"type": "string", "pattern": "^SPDXRef-[A-Za-z0-9.-]+$"}, "versionInfo": {"type": "string", "minLength": 1},
                "filesAnalyzed": {"const": False},
                "externalRefs": {"type": "array", "items": {"type": "object", "properties": {
                    "referenceLocator": {"type": "string", "pattern": r"^pkg:deb/debian/[a-z0-9.+-]+@[^?:+]+\?arch=\w+&distro=bookworm$"}}}}}}},
        "relationships": {"type": "array", "items": {
            "type": "object", "required": ["spdxElementId", "relationshipType", "relatedSpdxElement"], "properties": {
                "relationshipType": {"enum": ["DESCRIBES", "DYNAMIC_LINK", "BUILD_DEPENDENCY_OF", "DEPENDS_ON"]}}}}}}


@unittest.skipUnless(BINARY and shutil.which("dpkg-query"), "no binary or no dpkg")
class BillOfMaterialsTest(unittest.TestCase):
    def made(self):
        return subprocess.run([ROOT / "deploy" / "sbom", BINARY, "abc"], check=True, capture_output=True, text=True,
                              env={**os.environ, "SOURCE_DATE_EPOCH": "1795248000"}).stdout

    def test_it_is_spdx_and_names_each_library(self):
        text = self.made()
        self.assertEqual(text, self.made())
        bill = json.loads(text)
        jsonschema.Draft202012Validator(SPDX).validate(bill)
        self.assertEqual(bill["creationInfo"]["created"], "2026-11-21T08:00:00Z")
        ids = [package["SPDXID"] for package in bill["packages"]]
        self.assertEqual(len(ids), len(set(ids)))
        related = {"SPDXRef-DOCUMENT", *ids}
        for relation in bill["relationships"]:
            self.assertLessEqual({relation["spdxElementId"], relation["relatedSpdxElement"]}, related)
        linked = {each["relatedSpdxElement"] for each in bill["relationships"] if each["relationshipType"] == "DYNAMIC_LINK"}
        needed = re.findall(r"NEEDED +(\S+)", subprocess.run(["objdump", "-p", BINARY], check=True, capture_output=True, text=True).stdout)
        owners = {"SPDXRef-libc6", "SPDXRef-libssl3", "SPDXRef-libstdc-plus--plus-6", "SPDXRef-zlib1g"}
        self.assertLessEqual(owners, linked)
        self.assertGreaterEqual(len(linked) + 3, len(needed))  # libcrypto is libssl3's, libm and the loader are libc6's

    @unittest.skipUnless(os.environ.get("CISTERN_LONG_TESTS"), "long: fetches spdx-tools")
    def test_spdx_tools_find_nothing_to_mend(self):
        with tempfile.TemporaryDirectory() as folder:
            venv.create(folder, with_pip=True)
            subprocess.run([f"{folder}/bin/pip", "install", "--quiet", "spdx-tools"], check=True)
            file = pathlib.Path(folder, "bill.spdx.json")
            file.write_text(self.made())
            done = subprocess.run([f"{folder}/bin/pyspdxtools", "--infile", file], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


@LONG
class ImageTest(unittest.TestCase):
    """The container's process is started by chroot, as the image's own configuration says: no engine is needed."""

    build, architecture, emulator = [ROOT / "deploy" / "image"], "amd64", None

    @classmethod
    def setUpClass(cls):
        cls.tag = os.environ.get("CISTERN_IMAGE") or f"cistern:test-{cls.architecture}"
        cls.built = "" if os.environ.get("CISTERN_IMAGE") else cls.made(cls.tag)
        cls.container = cls.buildah("from", "--pull=never", cls.tag)
        cls.addClassCleanup(cls.buildah, "rm", cls.container)
        cls.mount = pathlib.Path(cls.buildah("mount", cls.container))
        cls.image = json.loads(cls.buildah("inspect", "--type", "image", cls.tag))["OCIv1"]
        cls.config = cls.image["config"]

    @classmethod
    def made(cls, tag, **variables):
        """What deploy/image says of the image that it has made."""
        done = subprocess.run([*cls.build, tag], capture_output=True, text=True, env={**os.environ, **variables})
        if done.returncode != 0:
            raise AssertionError(f"{done.returncode}: {done.stdout}{done.stderr}")
        return done.stdout

    @staticmethod
    def buildah(*arguments):
        return subprocess.run(["buildah", *arguments], check=True, capture_output=True, text=True, env=STORAGE).stdout.strip()

    def start(self, command, environment, **options):
        """As an engine would: root, user and working folder of the image, and no other variables."""
        user, group = map(int, self.config["User"].split(":"))
        emulator = os.open(self.emulator, os.O_RDONLY) if self.emulator else None

        def enter():
            os.chroot(self.mount)
            os.chdir(self.config["WorkingDir"])
            os.setgroups([])
            os.setgid(group)
            os.setuid(user)
            if emulator:  # is not in the image
                os.execve(emulator, ["emulator", *command], environment)

        try:
            return subprocess.Popen(command, env=environment, preexec_fn=enter, stdin=subprocess.DEVNULL, **options)
        finally:
            if emulator:
                os.close(emulator)

    def test_small_and_with_nothing_else_in_it(self):
        self.assertEqual((self.image["os"], self.image["architecture"]), ("linux", self.architecture))
        if self.built:
            self.assertLess(int(re.search(r"(\d+) bytes compressed", self.built)[1]), 40_000_000)
        programs = {str(path.relative_to(self.mount)) for path in self.mount.rglob("*") if path.is_file() and os.access(path, os.X_OK)
                    and ".so" not in path.name}
        self.assertEqual(programs, {"usr/bin/cistern"})
        writable = {str(path.relative_to(self.mount)) for path in self.mount.rglob("*")
                    if not path.is_symlink() and "var/lib/cistern/" not in str(path) and (path.stat().st_uid == 65532 or path.stat().st_mode & 0o002)}
        self.assertEqual(writable, {"var/lib/cistern", "tmp"})

    def test_its_bill_of_materials_is_its_own(self):
        bill = json.loads((self.mount / "usr/share/doc/cistern/sbom.spdx.json").read_text())
        jsonschema.Draft202012Validator(SPDX).validate(bill)
        self.assertIn("SPDXRef-ca-certificates", [package["SPDXID"] for package in bill["packages"]])
        sums = [each["checksumValue"] for package in bill["packages"] for each in package.get("checksums", [])]
        self.assertEqual(sums, [hashlib.sha256((self.mount / "usr/bin/cistern").read_bytes()).hexdigest()])

    @unittest.skipIf(os.environ.get("CISTERN_IMAGE"), "another one's image")
    def test_the_same_commit_gives_the_same_bytes(self):
        layers = lambda said: re.findall(r"^layer (\S+)", said, re.M)
        again = self.made(f"{self.tag}-again", CISTERN_IMAGE_FRESH="1")
        self.assertGreater(len(layers(self.built)), 0)
        self.assertEqual(layers(again), layers(self.built))

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
        sender = self.start(["/usr/bin/cistern", "send", "--url", outside.url, "--events", "500", "--late", "0.2:3d",
                             "--acknowledged", "acknowledged"], {"CISTERN_ACCESS_KEY": outside.ACCESS_KEY})
        self.assertEqual(sender.wait(), 0)
        self.assertEqual(outside.terminate(), 0)
        written = self.mount / "var/lib/cistern"
        compared = subprocess.run([sys.executable, VERIFIER, "--archive", written / "archive", "--acknowledged", written / "acknowledged",
                                   "--json"], capture_output=True, text=True)
        self.assertEqual(compared.returncode, 0, compared.stdout + compared.stderr)


if __name__ == "__main__":
    unittest.main()
