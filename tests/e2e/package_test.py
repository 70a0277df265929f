"""The systemd unit, and the Debian package: what systemd and dpkg say of them, and (long) a bare root with it installed."""
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

from service import BINARY

ROOT = pathlib.Path(__file__).resolve().parents[2]
UNIT = ROOT / "deploy" / "systemd" / "cistern.service"
LONG = unittest.skipUnless(os.environ.get("CISTERN_LONG_TESTS") and os.geteuid() == 0, "long, and as root")


@unittest.skipUnless(BINARY and shutil.which("systemd-analyze"), "no binary or no systemd-analyze")
class UnitTest(unittest.TestCase):
    def analyze(self, verb, *options):
        with tempfile.TemporaryDirectory() as folder:
            unit = pathlib.Path(folder, "cistern.service")
            unit.write_text(UNIT.read_text().replace("/usr/bin/cistern", BINARY))  # is not installed here
            return subprocess.run(["systemd-analyze", verb, *options, unit], capture_output=True, text=True)

    def test_systemd_understands_each_line(self):
        done = self.analyze("verify", "--man=no", "--recursive-errors=no")
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_the_service_is_shut_in(self):
        done = self.analyze("security", "--offline=true", "--no-pager", "--threshold=15")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertRegex(done.stdout, r"Overall exposure level for cistern\.service: (0|1)\.\d OK")


@LONG
class PackageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        subprocess.run([ROOT / "deploy" / "install-packages", "deb", "image"], check=True)
        holder = tempfile.TemporaryDirectory(prefix="cistern-deb-")
        cls.addClassCleanup(holder.cleanup)
        cls.folder = pathlib.Path(holder.name)
        built = pathlib.Path(BINARY).parent
        subprocess.run(["cpack", "--config", built / "CPackConfig.cmake", "-B", cls.folder], check=True, capture_output=True, cwd=cls.folder)
        cls.package, = cls.folder.glob("*.deb")

    def test_what_is_in_it(self):
        listed = subprocess.run(["dpkg-deb", "--contents", self.package], check=True, capture_output=True, text=True).stdout
        files = {line.split()[-1][1:] for line in listed.splitlines() if not line.startswith("d")}
        self.assertEqual(files, {"/usr/bin/cistern", "/usr/lib/systemd/system/cistern.service", "/usr/share/doc/cistern/runbook.md",
                                 "/usr/share/man/man1/cistern.1.gz", "/usr/share/bash-completion/completions/cistern",
                                 "/usr/share/zsh/vendor-completions/_cistern", "/usr/share/fish/vendor_completions.d/cistern.fish"})
        depends = subprocess.run(["dpkg-deb", "--field", self.package, "Depends"], check=True, capture_output=True, text=True).stdout
        for name in ("libc6", "libssl3", "libstdc++6", "adduser", "ca-certificates"):
            self.assertRegex(depends, rf"(^|, ){re.escape(name)}\b")

    def test_installed_and_removed_in_a_bare_root(self):
        root = self.folder / "root"
        subprocess.run(["debootstrap", "--variant=minbase", "bookworm", root], check=True, capture_output=True)
        for name in pathlib.Path("/etc/apt/sources.list.d").glob("*.sources"):
            shutil.copy(name, root / "etc/apt/sources.list.d")
        shutil.copy(self.package, root / "cistern.deb")

        def inside(*command):
            done = subprocess.run(["chroot", root, *command], capture_output=True, text=True,
                                  env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C"})
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            return done.stdout

        inside("apt-get", "update", "-qq")
        self.assertIn("write /etc/cistern/cistern.yaml", inside("apt-get", "install", "-qq", "--no-install-recommends", "/cistern.deb"))
        self.assertIn("cistern ", inside("cistern", "version"))
        self.assertIn("cistern:cistern 700", inside("stat", "-c", "%U:%G %a", "/var/lib/cistern"))
        (root / "etc/cistern/cistern.yaml").write_text(inside("cistern", "config", "example"))
        (root / "var/lib/cistern/kept").write_text("x")
        inside("apt-get", "purge", "-qq", "cistern")
        self.assertFalse((root / "usr/bin/cistern").exists())
        self.assertTrue((root / "var/lib/cistern/kept").exists())


if __name__ == "__main__":
    unittest.main()
