"""What the linker made: position-independent, its tables read-only, its stack not executable, overflows caught."""
import os
import subprocess
import unittest

BINARY = os.environ.get("CISTERN_BINARY", "")


def readelf(*options):
    return subprocess.run(["readelf", "--wide", *options, BINARY], check=True, capture_output=True, text=True).stdout


@unittest.skipUnless(BINARY, "CISTERN_BINARY names no binary")
class BinaryTest(unittest.TestCase):
    def test_runs_at_any_address(self):
        self.assertRegex(readelf("--file-header"), r"Type:\s+DYN \(Position-Independent Executable file\)")

    def test_tables_are_read_only_once_loaded(self):
        self.assertIn("GNU_RELRO", readelf("--program-headers"))
        self.assertIn("NOW", readelf("--dynamic"))

    def test_the_stack_is_not_executable(self):
        stack = [line.split() for line in readelf("--program-headers").splitlines() if "GNU_STACK" in line]
        self.assertEqual([line[6] for line in stack], ["RW"])

    def test_overflows_are_caught(self):
        symbols = readelf("--dyn-syms")
        self.assertIn("__stack_chk_fail", symbols)
        if "/release/" in BINARY:
            self.assertIn("_chk@GLIBC", symbols)  # _FORTIFY_SOURCE

    def test_loads_no_library_from_an_odd_place(self):
        dynamic = readelf("--dynamic")
        self.assertNotIn("RUNPATH", dynamic)
        self.assertNotIn("RPATH", dynamic)

    def test_says_which_version_it_is(self):
        said = subprocess.run([BINARY, "version"], check=True, capture_output=True, text=True).stdout
        self.assertRegex(said, r"^cistern \d+\.\d+\.\d+( \(.+\))?\n")


if __name__ == "__main__":
    unittest.main()
