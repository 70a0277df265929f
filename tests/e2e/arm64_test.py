"""deploy/image --arm64 compiles for arm64 and makes an image of it, which runs here by qemu (long, as root).

Its archive is compared event by event, as any other's.
"""
import subprocess
import unittest

import image_test


@image_test.LONG
class Arm64ImageTest(image_test.ImageTest):
    build, architecture = [*image_test.ImageTest.build, "--arm64"], "arm64"
    emulator = image_test.ROOT / "build/arm64-root/usr/bin/qemu-aarch64-static"
    test_the_same_commit_gives_the_same_bytes = None  # does not compile again

    def test_it_is_what_it_says(self):
        version = self.start(["/usr/bin/cistern", "version"], {}, stdout=subprocess.PIPE, text=True).communicate()[0]
        self.assertRegex(version, r"^cistern \d+\.\d+\.\d+ \(")
        elf = (self.mount / "usr/bin/cistern").read_bytes()[:20]
        self.assertEqual((elf[:4], elf[18:20]), (b"\x7fELF", b"\xb7\0"))  # EM_AARCH64


if __name__ == "__main__":
    unittest.main()
